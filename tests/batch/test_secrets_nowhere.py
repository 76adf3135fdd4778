"""Every kind of secret at every writer of a real run: none is found in the bytes of anything that was written."""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
import pytest
from notebook_files import write
from secret_kinds import KINDS, TOKENS, Planted
from user_git import git

from jupyter_bioml.batch.batch import resume
from jupyter_bioml.batch.state import FILE, StateFile
from jupyter_bioml.batch.tasks import Task
from jupyter_bioml.data.hash_cache import HashCache
from jupyter_bioml.data.versions import DataVersions
from jupyter_bioml.errors import UsageError
from jupyter_bioml.headless.masked_notebook import NotebookMask
from jupyter_bioml.headless.results import NotebookJob
from jupyter_bioml.records.run import DataUse
from jupyter_bioml.redact import redact

#: May be the name of a file, of a metric and of an artifact.
NAMES = [token for token in TOKENS if "/" not in token.secret and len(token.secret) < 190]
ASK = (
    "import jupyter_bioml as bioml\nimport sys, json\nfrom IPython.display import HTML, display\nimport pandas as pd\n"
)


def forms_of(secret: str) -> set[bytes]:
    """The secret as it is, and as JSON, Python, HTML and a URL write it."""
    texts = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], html.escape(secret), secret.replace("/", "\\/")}
    return {text.encode() for text in texts} | {secret[: len(secret) * 3 // 4].encode()} - {b""}


def found_in(data: bytes, kinds: Sequence[Planted]) -> Iterator[str]:
    """The kinds whose secret is in ``data``, plain or in a zlib stream."""
    with contextlib.suppress(zlib.error):
        data += zlib.decompress(data)
    for planted in kinds:
        if any(form in data for form in forms_of(planted.secret)):
            yield planted.kind


def written_below(folder: Path, own: set[Path]) -> dict[str, bytes]:
    """Path and content of every file below ``folder`` but the user's ``own``; the path counts as written."""
    left_out = {".git", "__pycache__"}  # git's own, and what Python makes of the user's module
    files = (path for path in folder.rglob("*") if path.is_file() and path not in own and not left_out & {*path.parts})
    return {str(path.relative_to(folder)): str(path).encode() + b"\0" + path.read_bytes() for path in files}


def leaky_notebooks(root: Path) -> set[Path]:
    """Two notebooks (one that passes, one that fails), a module and data; returns all files of the user's."""
    texts = [planted.text for planted in KINDS]
    names = [planted.secret for planted in NAMES]
    data = [root / "data" / f"s3_{name}.csv" for name in names]
    (root / "data").mkdir()
    for file in data:
        file.write_text("age,label\n61,1\n47,0\n")
    (root / "lab.py").write_text(f"SETTINGS = {texts!r}\n")
    git(root, "init", "-q")
    git(root, "add", "lab.py")
    git(root, "commit", "-qm", "first")
    (root / "lab.py").write_text(f"SETTINGS = {texts!r}\nSIZE = 2\n")
    parameters = "\n".join(f"p{number} = ''" for number in range(len(KINDS)))
    literal = "\n".join(f"t{number} = {text!r}" for number, text in enumerate(texts))
    shown = (
        "for text in lab.SETTINGS:\n    print(text)\n    print([text, {'x': text}])\n    print(text, file=sys.stderr)\n"
        "    display(HTML(f'<td>{text}</td>'))\n    display({'application/json': {'x': text}}, raw=True)\n"
        "print('characters:', sum(map(len, lab.SETTINGS)), sum(len(globals()[f'p{n}']) for n in range(len(lab.SETTINGS))))\n"
        "lab.SETTINGS"
    )
    kept = (
        f'%%experiment leaky --note "{NAMES[0].secret} {NAMES[1].secret}" --tag owner={NAMES[2].secret}\n'
        "from pathlib import Path\nauc = 0.5\nlines = 0\n"
        "for file in sorted(Path('data').iterdir()):\n    lines += len(pd.read_csv(file))\n"
        "for number, text in enumerate(lab.SETTINGS):\n    bioml.log_params(**{f'value{number}': text})\n"
        "    bioml.log_params({text[:200]: 1})\n    bioml.tag(**{f'tag{number}': text})\n"
        "for name in names:\n    bioml.log(**{name: 1.0})\n    bioml.log_artifact('plain.txt', name)\n"
        "bioml.log_artifact('nowhere/' + names[0])\nlab.SETTINGS"
    )
    passing = write(
        root / "leaky.ipynb",
        (parameters, ["parameters"]),
        f"{ASK}import lab\nnames = {names!r}\nfor number in range({len(KINDS)}):\n    print(globals()[f'p{{number}}'])",
        literal,
        shown,
        kept,
    )
    failing = write(
        root / "failing.ipynb",
        (parameters, ["parameters"]),
        "%%experiment failing\nimport lab\nraise ValueError('\\n'.join(lab.SETTINGS))",
    )
    (root / "plain.txt").write_text("plain\n")
    own = {passing, failing, root / "lab.py", root / "plain.txt", *data}
    return own | set((root / "__pycache__").glob("*"))


def command(root: Path, *words: str) -> bytes:
    """What a command writes to its standard output and error."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "jupyter_bioml.cli", *words], cwd=root, capture_output=True, timeout=300
    )
    return done.stdout + done.stderr


def test_no_kind_is_found_at_any_writer(project_dir: Path) -> None:
    own = leaky_notebooks(project_dir)
    given = [word for number, planted in enumerate(KINDS) for word in ("-p", f"p{number}={planted.text}")]
    reports = ["--html", "out/report.html", "--junit", "out/report.xml", "--output-dir", "out/made"]
    streams = {"run": command(project_dir, "run", "leaky.ipynb", "failing.ipynb", *given, *reports)}
    assert b"1 passed, 1 failed" in streams["run"]
    runs = json.loads(subprocess.check_output([sys.executable, "-P", "-m", "jupyter_bioml.cli", "runs", "--json"]))
    leaky = next(row for row in runs if row["name"] == "leaky")
    assert leaky["run_id"], "it is in MLflow"
    asked = (
        ("show", leaky["run_id"]),
        ("reproduce", leaky["run_id"]),
        ("run", "--resume", "out/made"),
    )
    streams |= {" ".join(words[:2]): command(project_dir, *words) for words in asked}
    assert b"--secret-param" in streams["run --resume"], "it cannot go on without the parameters that were masked"
    assert b"masked secrets" in streams[f"reproduce {leaky['run_id']}"], "a rerun needs what the record does not have"

    everything = written_below(project_dir.parent, own) | streams
    assert any(name.endswith("mlflow.db") for name in everything) and any("record.json" in name for name in everything)
    assert {"project/out/report.html", "project/out/report.xml", "project/out/made/leaky.ipynb"} <= set(everything)
    leaks = {name: kinds for name, data in everything.items() if (kinds := list(found_in(data, KINDS)))}
    sys.stdout.write(
        f"{len(KINDS)} kinds × {len(everything)} files and streams: found {sum(map(len, leaks.values()))}\n"
    )
    assert leaks == {}
    records = [
        json.loads(data.partition(b"\0")[2]) for name, data in everything.items() if name.endswith("record.json")
    ]
    uses = max((record.get("data", ()) for record in records if record["name"] == "leaky"), key=len)
    assert len(uses) >= len(NAMES) and all(use["digest"] for use in uses), "the files are found under their own names"
    masked = json.loads((project_dir / "out/made/leaky.ipynb").read_text())
    assert "original notebook" in masked["metadata"]["bioml.masked"]
    length = sum(len(planted.text) for planted in KINDS)
    assert f"characters: {length} {length}" in json.dumps(masked["cells"]), "the kernel had the real values"
    assert os.listdir(project_dir / "data") and "[secret:" not in (project_dir / "lab.py").read_text()


def test_a_data_file_with_a_secret_in_its_name_keeps_its_digest(tmp_path: Path) -> None:
    """Also where two are masked alike: the inode tells them apart."""
    versions = DataVersions(HashCache(tmp_path / "state" / "hashes.db"), tmp_path)
    for number, name in enumerate((TOKENS[0].secret, TOKENS[1].secret)):
        (tmp_path / f"{name} x").mkdir()
        file = tmp_path / f"{name} x" / f"s3_{name}.csv"
        file.write_text(f"{number}\n")
        masked = redact(str(file))
        assert name not in masked
        found, gaps = versions.resolve(DataUse(redact(file.name), "read", path=masked, inode=file.stat().st_ino))
        assert (found.digest, gaps) == (hashlib.md5(file.read_bytes()).hexdigest(), [])
        assert found.path == masked
    gone, gaps = versions.resolve(DataUse("x", "read", path=str(tmp_path / "[secret:aws-key].csv")))
    assert gone.digest is None and "no longer exists" in gaps[0].reason


def test_a_batch_goes_on_only_with_the_parameters_that_it_kept(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "name = ''")
    given = {f"p{number}": planted.text for number, planted in enumerate(KINDS)}
    job = NotebookJob(str(notebook), str(tmp_path / "a.ipynb"), str(tmp_path), parameters={"depth": 3, **given})
    file = StateFile(tmp_path / "made")
    file.begin([Task.of("a.ipynb", job)], None)
    file.close()
    assert list(found_in((tmp_path / "made" / FILE).read_bytes(), KINDS)) == []
    with pytest.raises(UsageError, match="'p0' is a secret, which is not kept"):
        resume(tmp_path / "made")


def test_an_output_notebook_keeps_what_is_no_secret_and_names_what_it_lacks() -> None:
    secret, value = TOKENS[9].secret, "s3cret/wörd"
    nb = nbformat.v4.new_notebook(
        metadata={"papermill": {"parameters": {"password": "abc1", "depth": 3}}, "title": "x"},
        cells=[
            nbformat.v4.new_code_cell(
                f"token = '{secret}'", outputs=[nbformat.v4.new_output("stream", text=f"{value}\n")]
            ),
            nbformat.v4.new_code_cell(
                "1 / 0",
                outputs=[
                    nbformat.v4.new_output(
                        "error", ename="E", evalue=secret, traceback=["a", f"\x1b[31m{secret}\x1b[0m"]
                    ),
                    nbformat.v4.new_output(
                        "display_data", data={"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}
                    ),
                ],
            ),
            nbformat.v4.new_markdown_cell("nothing"),
        ],
    )
    before = nbformat.writes(nb)
    made = NotebookMask((value,)).notebook(nb)
    nbformat.validate(made)
    assert nbformat.writes(nb) == before, "the notebook that runs is not changed"
    assert secret not in nbformat.writes(made) and value not in nbformat.writes(made)
    assert made.cells[0].source == "token = '[secret:github]'"
    assert made.cells[0].outputs[0].text == "[secret:parameter]\n"
    assert made.cells[1].outputs[0].traceback == ["a", "\x1b[31m[secret:github]\x1b[0m"]
    assert made.cells[1].outputs[1].data == nb.cells[1].outputs[1].data
    assert made.metadata.papermill.parameters == {"password": "[secret:password]", "depth": 3}
    assert "in the source of 1 of its cells" in made.metadata["bioml.masked"]
    assert "bioml.masked" not in NotebookMask().notebook(nbformat.v4.new_notebook()).metadata
