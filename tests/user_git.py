"""Git as the user runs it, with an identity of its own and nothing of the machine's settings."""

from __future__ import annotations

import subprocess
from pathlib import Path

SETTINGS = {
    "user.name": "ada",
    "user.email": "ada@example.org",
    "commit.gpgsign": "false",
    "init.defaultBranch": "main",
}


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints in ``folder``, without its last line end; one that fails raises."""
    settings = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n")
