"""Errors of MLflow, its HTTP client and its databases, as this package's errors; and their time limits.

Nothing here imports mlflow: its errors are known by their module and their ``error_code``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import BiomlError, NotFound, Refused, StoreUnavailable
from .base import AccessDenied, LeftToMlflow

#: Seconds for one answer, and for one file; how often a request is repeated. Each unless the user has set it.
ANSWER_SECONDS, TRANSFER_SECONDS, RETRIES = 5, 300, 1

_DENIED = {"UNAUTHENTICATED", "PERMISSION_DENIED", "CUSTOMER_UNAUTHORIZED"}
_MISSING = {"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND", "ENDPOINT_NOT_FOUND"}
_REFUSED = {
    "BAD_REQUEST", "INVALID_PARAMETER_VALUE", "INVALID_STATE", "RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS",
    "RESOURCE_CONFLICT", "NOT_IMPLEMENTED",
}  # fmt: skip
_STATUS = re.compile(r"failed with (?:error|status) code (\d{3})|\b(401|403) (?:Client Error|Unauthorized|Forbidden)")
#: In the long messages of HTTP clients and databases: the gist.
_REASONS = (
    (r"Connection refused", "connection refused"),
    (r"too many (429|5\d\d) error responses", r"it answers with error \1"),
    (r"error code (429|5\d\d)", r"it answers with error \1"),
    (r"\(read timeout=(\d+)\)|[Rr]ead timed out", "it accepts the connection but does not respond"),
    (r"ConnectTimeout|timed out", "it cannot be reached in time"),
    (r"Failed to resolve|Name or service not known|getaddrinfo failed", "its name cannot be resolved"),
    (r"database is locked", "the database is locked by another program"),
    (r"No space left on device", "no space left on the disk"),
)
_LATER = "Nothing is lost: the runs in the journal are sent later, or now with: jupyter bioml publish --wait"


class Declined(Exception):
    """What MLflow would raise: for readers that ask its database or its server themselves.

    :param code: MLflow's name of the error.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = code


@contextmanager
def answering(uri: str, what: str) -> Iterator[None]:
    """Ask the store at ``uri`` about ``what`` (named in errors), within :data:`ANSWER_SECONDS` a request.

    :raises StoreUnavailable: no answer, HTTP 5xx, a locked or broken database, a full disk.
    :raises AccessDenied: HTTP 401 or 403.
    :raises NotFound: there is no ``what``.
    :raises Refused: the store will not do it; the message says why.
    """
    with _limits.in_force(answers=1):
        try:
            yield
        except (BiomlError, LeftToMlflow):
            raise
        except Exception as error:
            raise _translated(error, uri, what) from None


@contextmanager
def transfers() -> Iterator[None]:
    """Inside :func:`answering`: files take longer than answers."""
    with _limits.in_force(files=1):
        yield


class _Limits:
    """Adjust MLflow's own settings while any thread here waits for it; restore them afterwards.

    Their defaults are set, not their environment variables: the user's own settings stay in effect, and a kernel or a
    job that is started meanwhile inherits nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settings: Any = None
        self._before: dict[str, Any] = {}
        self._answers = self._files = 0

    def use(self, settings: Any) -> None:
        """``mlflow.environment_variables``, once mlflow is imported."""
        with self._lock:
            if self._settings is None:
                self._settings = settings
                self._apply()

    @contextmanager
    def in_force(self, *, answers: int = 0, files: int = 0) -> Iterator[None]:
        """Until the last one who waits has its answer."""
        self._count(answers, files)
        try:
            yield
        finally:
            self._count(-answers, -files)

    def _count(self, answers: int, files: int) -> None:
        with self._lock:
            self._answers += answers
            self._files += files
            self._apply()

    def _apply(self) -> None:
        if self._settings is None:
            return
        wanted: dict[str, Any] = {}
        if self._answers:
            wanted = {
                "MLFLOW_HTTP_REQUEST_TIMEOUT": TRANSFER_SECONDS if self._files else ANSWER_SECONDS,
                "MLFLOW_HTTP_REQUEST_MAX_RETRIES": RETRIES,
                "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": False,
                "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": True,
            }
        for name, value in (wanted or self._before).items():
            setting = getattr(self._settings, name)
            self._before.setdefault(name, setting.default)
            setting.default = value


_limits = _Limits()
#: To be called with ``mlflow.environment_variables`` by the first importer of mlflow.
use_settings = _limits.use


def _translated(error: Exception, uri: str, what: str) -> BiomlError:
    reason = _reason(error)
    code = getattr(error, "error_code", None)
    status = next((int(a or b) for a, b in _STATUS.findall(str(error))), None)
    if code in _DENIED or status in (401, 403):
        return AccessDenied(
            f"{uri} refuses access ({status or code}): credentials are missing or wrong.",
            next="Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, "
            "then: jupyter bioml publish --wait",
        )
    if code in _MISSING or status == 404 or _no_such_file(error):
        return NotFound(f"{uri} has no {what}.", next="List the runs with: jupyter bioml runs")
    if "out-of-date database schema" in reason:
        return StoreUnavailable(
            f"{uri} was made by a different version of MLflow. {_LATER}",
            next=f"Make a copy of the database, then: mlflow db upgrade {uri}",
        )
    if code in _REFUSED and (status is None or status < 500):
        return Refused(f"{uri} refused {what}: {reason}")
    return StoreUnavailable(f"{uri} does not answer ({reason}).", next=_LATER)


def _no_such_file(error: Exception) -> bool:
    return isinstance(error, FileNotFoundError) or (isinstance(error, OSError) and "No such artifact" in str(error))


def _reason(error: Exception) -> str:
    """Why, in a few words; else the first line of the message, without credentials, cut at 300 characters."""
    for pattern, words in _REASONS:
        if match := re.search(pattern, str(error)):
            return match.expand(words)
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    if isinstance(error, (LookupError, TypeError, AttributeError)):  # something else answers in a form of its own
        text = f"its answer is not one of MLflow's: {type(error).__name__}: {text}"
    text = re.sub(r"://[^/@\s]+@", "://", text)
    return text if len(text) <= 300 else text[:300] + "…"
