"""The base of all handlers: who may, which project is meant, where the work is done, what an error looks like.

A handler parses, calls one method of the workbench, and finishes. Its verbs are made by
:func:`endpoint`, which is also what the OpenAPI document is written from.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..errors import (
    Ambiguous,
    BiomlError,
    JournalError,
    MissingExtra,
    NotFound,
    Refused,
    SchemaTooNew,
    StoreUnavailable,
    UsageError,
)
from ..journal.blobs import TooLarge
from ..redact import redact, redact_value
from ..views.encoding import encode
from ..views.shapes import ErrorBody
from .bench import ServerBench
from .requests import BodyTooLarge, body_of, confined, path_parts
from .workbenches import Workbenches

T = TypeVar("T")
Verb = TypeVar("Verb", bound=Callable[..., Any])
#: Error → status; the first that fits.
STATUS: tuple[tuple[type[BiomlError], HTTPStatus], ...] = (
    (UsageError, HTTPStatus.BAD_REQUEST),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Ambiguous, HTTPStatus.CONFLICT),
    (Refused, HTTPStatus.CONFLICT),
    (SchemaTooNew, HTTPStatus.CONFLICT),
    (MissingExtra, HTTPStatus.CONFLICT),
    (BodyTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (StoreUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (JournalError, HTTPStatus.SERVICE_UNAVAILABLE),
)
_OURS = ErrorBody(
    "internal", "An error of jupyter-bioml in the server; nothing of yours was changed by it.", "See the server's log."
)
_REFUSED = {
    400: ErrorBody("usage", "The request cannot be understood.", "See openapi.json."),
    401: ErrorBody("not-authenticated", "The server does not know who you are.", "Log in to the server."),
    403: ErrorBody("forbidden", "You may not do this, or the request came from elsewhere.", "Log in, or ask who may."),
    404: ErrorBody("not-found", "There is no such address.", "See openapi.json."),
    405: ErrorBody("usage", "The address does not take this method.", "See openapi.json."),
    413: ErrorBody("too-large", "The request is too large.", ""),
}


@dataclass(frozen=True)
class Operation:
    """The input and output of a verb, for the OpenAPI document."""

    summary: str
    gives: type[Any] | None
    many: bool
    takes: type[Any] | None
    query: tuple[str, ...]
    repeated: tuple[str, ...]
    status: int


def endpoint(
    gives: type[Any] | None = None,
    *,
    many: bool = False,
    takes: type[Any] | None = None,
    query: tuple[str, ...] = (),
    repeated: tuple[str, ...] = (),
    status: int = 200,
) -> Callable[[Verb], Verb]:
    """A verb of a handler: only for users who are logged in and may read (GET) or write (all others) ``bioml``.

    The first line of its docstring is its summary in the OpenAPI document.

    :param gives: the shape of the answer; None: bytes.
    :param many: a list of them.
    :param takes: the shape of the request's body.
    :param query: names of its query parameters, besides ``path``.
    :param repeated: names of those that may be given more than once.
    """

    def made(verb: Verb) -> Verb:
        guarded: Any = web.authenticated(authorized(verb))
        guarded.operation = Operation(_summary(verb), gives, many, takes, query, repeated, status)
        kept: Verb = guarded  # what the two decorators do not say
        return kept

    return made


def _summary(verb: Callable[..., Any]) -> str:
    return (verb.__doc__ or "").strip().partition("\n")[0]


class BiomlHandler(APIHandler):
    """Base of all handlers."""

    auth_resource = "bioml"

    @property
    def workbenches(self) -> Workbenches:
        """The workbenches of this server, one for each project."""
        workbenches: Workbenches = self.settings["bioml_workbenches"]
        return workbenches

    async def prepare(self) -> None:  # type: ignore[override]  # without a private argument
        """Check permission, then whether the path is valid."""
        await super().prepare()
        path_parts(self.argument("path") or "")

    # -- what is asked ---------------------------------------------------------------------------

    def argument(self, name: str) -> str | None:
        """A query parameter as it was sent (Tornado would take control characters out of it)."""
        values = self.arguments(name)
        return values[-1] if values else None

    def arguments(self, name: str) -> list[str]:
        """Every value of a query parameter.

        :raises UsageError: when one is not UTF-8.
        """
        try:
            return [value.decode("utf-8") for value in self.request.query_arguments.get(name, [])]
        except UnicodeDecodeError:
            raise UsageError(f"The parameter {name} is not valid UTF-8.") from None

    def place(self) -> Path:
        """The notebook or folder that is meant (looks at the disk: not on the event loop)."""
        return confined(self.workbenches.root, self.argument("path") or "")

    def body(self, kind: type[T]) -> T:
        """The request's body, checked."""
        return body_of(kind, self.request.body)

    # -- what is answered ------------------------------------------------------------------------

    async def work(self, work: Callable[[ServerBench], T], *, patient: bool = True) -> T:
        """Do it in a thread, with the bench of the project that is meant.

        :param patient: it may wait for MLflow.
        """
        future = self.workbenches.submit(lambda: work(self.workbenches.bench(self.place())), patient=patient)
        return await asyncio.wrap_future(future)

    async def answer(self, work: Callable[[ServerBench], Any], *, patient: bool = True, status: int = 200) -> None:
        """Finish with what the work gives, as JSON. The same answer again is a 304."""
        content = await self.work(lambda bench: encode(work(bench)), patient=patient)
        self.give(content, status)

    def give(self, content: bytes, status: int = 200) -> None:
        """Finish with JSON."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(content)

    def attach(self, content: bytes, name: str, kind: str = "application/octet-stream") -> None:
        """Finish with bytes that the browser saves and never interprets."""
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name, safe='')}")
        self.set_header("Content-Security-Policy", "sandbox")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-cache")
        self.finish(content, set_content_type=kind)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every error in one form; never a traceback."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        status, body = described(error, status_code)
        self.set_status(status)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(encode(body))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A refusal is not a server error: one line without a traceback."""
        if isinstance(value, BiomlError):
            self.log.debug("bioml: %s %s: %s", self.request.method, self.request.path, redact(str(value)))
            return
        super().log_exception(typ, value, tb)


def described(error: BaseException | None, status: int) -> tuple[int, ErrorBody]:
    """Status and body of an error; what is neither ours nor HTTP's is told as little as possible."""
    if isinstance(error, BiomlError):
        found = next((code for kind, code in STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
        return int(found), ErrorBody(**redact_value(error.as_json()))
    if isinstance(error, web.HTTPError):
        return status, _REFUSED.get(status, ErrorBody("error", f"The server refused this ({status}).", ""))
    return status, _REFUSED.get(status, _OURS)
