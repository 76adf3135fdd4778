"""Files named by their content: what is there already is not written over, unless it is not whole."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_bioml.journal.blobs import Blobs

LIMIT, CONTENT = 1 << 20, b"a model" * 100


def test_the_same_model_again_leaves_its_file_alone_and_marks_it_as_used(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest, size = blobs.put_stream(lambda sink: sink.write(CONTENT), LIMIT)
    os.utime(blobs.path(digest), (1_000, 1_000))
    before = blobs.path(digest).stat().st_ino
    assert blobs.put_stream(lambda sink: sink.write(CONTENT), LIMIT) == (digest, size)
    after = blobs.path(digest).stat()
    assert after.st_ino == before and after.st_mtime > 1_000
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [blobs.path(digest)], "nothing else is left"


def test_a_file_that_was_cut_off_is_replaced(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest, _ = blobs.put_stream(lambda sink: sink.write(CONTENT), LIMIT)
    os.truncate(blobs.path(digest), 10)
    blobs.put_stream(lambda sink: sink.write(CONTENT), LIMIT)
    assert blobs.get(digest) == CONTENT
