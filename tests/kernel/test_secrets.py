"""Planted tokens of every kind: none of them is in the journal, the store or the record, by byte search."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable
from pathlib import Path

from kernels import Kernel
from user_git import git

from jupyter_bioml.config import destination, find_project
from jupyter_bioml.publish.sending import publish

Start = Callable[..., Kernel]

#: Made here so that no file of this repository holds something that looks like a live credential.
TOKENS = {
    "github": "ghp_" + "a8Bz3Kd9" * 4 + "Qw7x",
    "aws": "AKIA" + "Q3EGRZ7XUNK2WJ5T",
    "databricks": "dapi" + "0a1b2c3d4e5f6789" * 2,
    "openai": "sk-" + "proj-" + "Zx8Cv7Bn6Mq5Wr4Ty3Uo2Pa1Sd9Fg8Hj7Kl6",
    "huggingface": "hf_" + "KmNbVcXzLkJhGfDsApOiUyTrEwQaZxCvBn",
    "slack": "xoxb" + "-2345678901-3456789012-AbCdEfGhIjKlMnOpQrStUvWx",
    "password": "pL9$kd82ms-Qz",
    "url": "hunter2Hunter9",
}
KEY_BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
KEY = f"-----BEGIN PRIVATE KEY-----\n{KEY_BODY}\n-----END PRIVATE KEY-----"


def occurrences(folder: Path, needle: bytes) -> list[str]:
    """Files that hold ``needle``, plain or in a zlib stream."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        with contextlib.suppress(zlib.error):
            data += zlib.decompress(data)
        if needle in data:
            found.append(str(path.relative_to(folder)))
    return found


def test_planted_tokens_are_nowhere(start_kernel: Start, project_dir: Path) -> None:
    git(project_dir, "init", "-q")
    (project_dir / "lab.py").write_text("SIZE = 3\n")
    (project_dir / "settings.cfg").write_text("name = lab\n")
    git(project_dir, "add", "lab.py", "settings.cfg")
    git(project_dir, "commit", "-qm", "first")
    (project_dir / "lab.py").write_text(
        f'SIZE = 3\nGITHUB = "{TOKENS["github"]}"\nDB_PASSWORD = "{TOKENS["password"]}"\n'
    )
    (project_dir / "settings.cfg").write_text(
        f"name = lab\naws_access_key_id = {TOKENS['aws']}\nurl = postgres://me:{TOKENS['url']}@host/db\n"
    )

    kernel = start_kernel(env={"BIOML_ENVIRONMENT_VARIABLES": "LAB_TOKEN", "LAB_TOKEN": TOKENS["password"]})
    kernel.run(f'import lab\napi_token = "{TOKENS["databricks"]}"\nkey = """{KEY}"""')
    kernel.run(
        f'%%experiment leaky --note "token {TOKENS["huggingface"]}" --tag owner={TOKENS["slack"]}\n'
        f"import jupyter_bioml as bioml\nfrom IPython.display import display, HTML\n"
        f'password = "{TOKENS["password"]}"\nOPENAI_API_KEY = "{TOKENS["openai"]}"\n'
        "bioml.log_params(token=api_token, settings={'password': password})\n"
        "print('using', OPENAI_API_KEY)\nprint(key)\nprint('https://me:" + TOKENS["url"] + "@example.org/x')\n"
        "display(HTML(f'<b>{api_token}</b>'))\nbioml.log(loss=1.5, step=0, secret=OPENAI_API_KEY)\n"
        "raise RuntimeError('cannot log in with ' + OPENAI_API_KEY + ' at ' + lab.GITHUB)\n"
    )
    kernel.close()

    project = find_project(project_dir)
    report = publish(project, destination(project), wait=True, timeout=120)
    assert not report.waiting, report.waiting
    home = project_dir / ".bioml"
    assert list((home / "artifacts").rglob("record.json")), "the run is in the store"
    assert list((home / "artifacts").rglob("changes.patch")), "the dirty diff is in the store"
    for name, token in {**TOKENS, "private key": KEY_BODY}.items():
        assert occurrences(home, token.encode()) == [], name
