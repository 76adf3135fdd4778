"""A run belongs to the notebook that has its notebook's name now."""

from __future__ import annotations

import time
from pathlib import Path

from jupyter_bioml.journal.renames import FILE, Renames


def test_names_follow_files_and_folders_from_the_time_of_the_run_on(tmp_path: Path) -> None:
    renames, reader = Renames(tmp_path), Renames(tmp_path)
    began = time.time()
    renames.add("a.ipynb", "b.ipynb")
    between = time.time()
    renames.add("study", "archive/2026")
    renames.add("b.ipynb", "study/c.ipynb")
    reader.refresh()
    assert reader.now("a.ipynb", began) == "study/c.ipynb"
    assert reader.now("a.ipynb", between) == "a.ipynb"  # another notebook that took the name afterwards
    assert reader.now("study/x.ipynb", began) == "archive/2026/x.ipynb"
    assert reader.now("studying/x.ipynb", began) == "studying/x.ipynb"


def test_the_names_that_a_notebook_has_had(tmp_path: Path) -> None:
    renames = Renames(tmp_path)
    renames.add("a.ipynb", "b.ipynb")
    renames.add("a.ipynb", "c.ipynb")  # another one, which took the name
    renames.add("b.ipynb", "old/b.ipynb")
    renames.add("old", "new")
    renames.refresh()
    assert renames.before("new/b.ipynb") == ("old/b.ipynb", "b.ipynb", "a.ipynb")
    assert renames.before("c.ipynb") == ("a.ipynb",)
    assert renames.before("newer/b.ipynb") == renames.before("a.ipynb") == ()
    renames.add("new/b.ipynb", "a.ipynb")
    renames.refresh()
    assert renames.before("new/b.ipynb") == (), "it has another name now"


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    renames = Renames(tmp_path)
    renames.add("a.ipynb", "b.ipynb")
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'00000000 {"t":"renamed","at":1,"from":"b.ipynb","to":"lost.ipynb"}\nhalf')
    renames.refresh()
    assert renames.now("a.ipynb", 0.0) == "b.ipynb"
