"""A setting of the project that is decided from JupyterLab: read as it was given, written into ``bioml.toml``."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from ..config import FILE, load_settings, read_settings_file
from ..errors import UsageError


def decided(root: Path, name: str) -> Any:
    """A setting of the project at ``root`` where somebody gave one; None: nobody did, or the file cannot be read."""
    file = root / FILE
    try:
        given = f"BIOML_{name.upper()}" in os.environ or (file.is_file() and name in read_settings_file(file))
        return getattr(load_settings(root), name) if given else None
    except UsageError:
        return None


def decide(root: Path, name: str, value: bool) -> None:
    """Write a setting that is on or off into the project's ``bioml.toml``; every other line stays as it is.

    :raises UsageError: when the file is not valid, cannot be written, or a variable says otherwise.
    """
    variable, file = f"BIOML_{name.upper()}", root / FILE
    if variable in os.environ:
        raise UsageError(f"{variable} is set and counts more than {file}.", next=f"Unset {variable} and start again.")
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if before:
            read_settings_file(file)
        after = _changed(before, name, "true" if value else "false")
        if tomllib.loads(after).get(name) is not value:
            raise UsageError(
                f"{file} could not be changed.", next=f"Write this line into it: {name} = {str(value).lower()}"
            )
        temporary = file.with_name(f".{FILE}.{os.getpid()}.tmp")
        temporary.write_text(after, encoding="utf-8")
        os.replace(temporary, file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}.", next="Nothing was changed.") from None


def _changed(text: str, name: str, value: str) -> str:
    """``text`` with the setting; a new line comes first, where no table has begun."""
    found = re.search(rf"^[ \t]*{name}[ \t]*=[ \t]*(true|false)\b", text, re.MULTILINE)
    if found is None:
        return f"{name} = {value}\n{text}"
    return text[: found.start(1)] + value + text[found.end(1) :]
