"""The project's errors, one tree.

    BiomlError                 code, message, next: what happened, what was kept, what to do
    ├── UsageError             the request is not valid (exit code 2)
    ├── NotFound               no such run, model, notebook or file
    ├── Ambiguous              a prefix that names more than one run
    ├── JournalError           a journal, blob or ledger that cannot be read or written
    │   └── SchemaTooNew       written by a newer version of this package
    ├── StoreUnavailable       the tracking server or database does not answer
    ├── Refused                an action refused with a reason (registration, promotion)
    └── MissingExtra           an optional dependency; the message holds its install line

Every error can be shown to a user unchanged: ``message`` says what happened and what was kept,
``next`` says what to do. ``code`` is stable and is what ``--json`` and the server print.
"""

from __future__ import annotations


class BiomlError(Exception):
    """Base of all errors of this package.

    :param message: what happened, and what was kept.
    :param next: what the reader can do now; may be empty.
    """

    code = "error"
    exit_code = 1

    def __init__(self, message: str, *, next: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next = next

    def __str__(self) -> str:
        return f"{self.message} {self.next}".strip()

    def as_json(self) -> dict[str, str]:
        """The document ``--json`` and the server print: ``{code, message, next}``."""
        return {"code": self.code, "message": self.message, "next": self.next}


class UsageError(BiomlError):
    """The request is invalid: a flag, a name or a file that cannot be used."""

    code = "usage"
    exit_code = 2


class NotFound(BiomlError):
    """There is no such run, model, notebook or file."""

    code = "not-found"


class Ambiguous(BiomlError):
    """The beginning of an id names more than one run."""

    code = "ambiguous"


class JournalError(BiomlError):
    """A journal, blob or ledger cannot be read or written."""

    code = "journal"


class SchemaTooNew(JournalError):
    """A newer version of this package wrote it; it was left as it is."""

    code = "schema-too-new"


class StoreUnavailable(BiomlError):
    """The tracking server or database does not answer."""

    code = "store-unavailable"


class Refused(BiomlError):
    """An action is refused, with a reason; nothing was changed."""

    code = "refused"


class MissingExtra(BiomlError):
    """An optional dependency of this package is not installed."""

    code = "missing-extra"

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs an optional dependency that is not installed.",
            next=f'Install it with: pip install "jupyter-bioml[{extra}]"',
        )
