"""Words of a command line that say ``key=value``."""

from __future__ import annotations

from ..errors import UsageError


def pair_of(word: str, before: str = "") -> tuple[str, str]:
    """The key and the value of ``key=value``; the value may hold further signs, and may be empty.

    :param before: the option that the word follows, for the message: ``"--tag "``.
    :raises UsageError: for a word without ``=`` or without a key.
    """
    key, separator, value = word.partition("=")
    if not separator or not key.strip():
        raise UsageError(f"{before}{word!r} is not a tag.", next=f"Write {before}key=value.")
    return key.strip(), value
