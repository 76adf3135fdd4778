"""A bounded copy of what a run prints and shows.

The streams and the display publisher stay the same objects; only their ``write``, ``publish`` and
``write_format_data`` are shadowed on the instance, call the original first, and copy what got through.
Nothing is flushed, delayed or re-ordered, and an exception of the original passes without an extra frame.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import sys
import time
from collections.abc import Callable
from typing import Any

from ..journal.blobs import Blobs
from ..redact import redact

#: Seconds between two hand-overs to the journal, so that a killed kernel loses at most that much text.
HAND_OVER = 0.5
#: Characters that are handed over at once, whatever the time.
CHUNK = 1 << 18
#: MIME types kept as files, in order of preference for one display.
FILES = ("image/png", "image/svg+xml", "image/jpeg", "application/pdf", "text/html", "text/latex", "text/markdown")
#: Characters of a cell's printed text that are searched for scores.
MOST_HEARD = 1 << 18
CARD = "application/vnd.bioml.run+json"
_BEGIN, _END = "-----BEGIN ", "-----END "


class OutputBuffer:
    """The outputs of one run on their way to the journal: folded, masked, bounded, in order.

    :param send: takes a list of ``records.run.Output`` dictionaries.
    :param limit: bytes of text kept of the whole run.
    """

    def __init__(self, send: Callable[[list[dict[str, Any]]], None], blobs: Blobs, limit: int, display: int) -> None:
        self._send = send
        self._blobs = blobs
        self._left = limit
        self._limit = limit
        self._display_limit = display
        self._chunks: list[str] = []
        self._kind = "stdout"
        self._size = 0
        self._handed = time.monotonic()
        self._updates: dict[str, dict[str, Any]] = {}
        self._closed = False
        self.full = False

    def write(self, kind: str, text: str) -> None:
        """Copy text of a stream (``stdout`` or ``stderr``)."""
        if self.full:
            return
        if kind != self._kind:
            self._hand_over(final=True)
            self._kind = kind
        self._chunks.append(text)
        self._size += len(text)
        if self._closed or self._size > CHUNK or time.monotonic() - self._handed > HAND_OVER:
            self._hand_over(final=self._closed)

    def show(self, data: dict[str, Any], kind: str, display_id: str | None, update: bool) -> None:
        """Copy a display or a result; updates of one display count once, at the end."""
        if CARD in data:
            return
        if update and display_id:
            self._updates[display_id] = dict(data)
            return
        self._hand_over(final=True)
        self._send([self._display(data, kind)])

    def close(self) -> None:
        """Hand over all that is left; what a thread writes later is handed over at once."""
        self._closed = True
        self._hand_over(final=True)
        updates, self._updates = self._updates, {}
        for data in updates.values():
            self._send([self._display(data, "display")])

    def _hand_over(self, *, final: bool) -> None:
        self._handed = time.monotonic()
        if not self._chunks:
            return
        text = fold("".join(self._chunks))
        ready, rest = (text, "") if final else _complete_lines(text)
        self._chunks = [rest] if rest else []
        self._size = len(rest)
        if ready:
            self._send([self._text(redact(ready))])

    def _text(self, text: str) -> dict[str, Any]:
        size = len(text.encode("utf-8", "replace"))
        if size <= self._left:
            self._left -= size
            return {"kind": self._kind, "text": text, "size": size}
        kept = text.encode("utf-8", "replace")[: self._left].decode("utf-8", "ignore")
        self.full = True
        note = f"\n… cut at {self._limit // 1024} KiB\n"
        return {"kind": self._kind, "text": kept + note, "size": size, "cut": True}

    def _display(self, data: dict[str, Any], kind: str) -> dict[str, Any]:
        for mime in FILES:
            if mime in data:
                return self._file(data[mime], mime, kind)
        text = redact(str(data.get("text/plain", "")))
        cut = len(text) > 20000
        if cut:
            text = text[:20000] + "\n… cut at 20000 characters\n"
        return {"kind": kind, "text": text, "mime": "text/plain", "size": len(text), "cut": cut}

    def _file(self, content: Any, mime: str, kind: str) -> dict[str, Any]:
        if isinstance(content, str) and mime.startswith(("image/png", "image/jpeg", "application/pdf")):
            raw = base64.b64decode(content)
        elif isinstance(content, bytes):
            raw = content
        else:
            raw = redact(str(content)).encode("utf-8", "replace")
        output: dict[str, Any] = {"kind": kind, "mime": mime, "size": len(raw)}
        if len(raw) > self._display_limit:
            return {**output, "cut": True, "text": f"… not kept: over {self._display_limit // 1024} KiB"}
        try:
            output["blob"] = self._blobs.put(raw)
        except OSError as error:
            return {**output, "cut": True, "text": f"… not kept: {error.strerror or error}"}
        return output


def fold(text: str) -> str:
    """Fold carriage-return progress: of each line only what a terminal would still show."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] if "\r" in line else line for line in lines)


def _complete_lines(text: str) -> tuple[str, str]:
    """Split so that neither a line nor a PEM block is cut: a secret must not hide across two entries."""
    cut = text.rfind("\n") + 1
    begin = text.rfind(_BEGIN, 0, cut)
    if begin >= 0 and _END not in text[begin:cut]:
        cut = text.rfind("\n", 0, begin) + 1
    if len(text) - cut > 4 * CHUNK:
        return text, ""
    return text[:cut], text[cut:]


class Heard:
    """What a cell printed, to be searched for scores at its end; nothing of it is kept otherwise.

    :param limit: characters that are remembered.
    """

    def __init__(self, limit: int = MOST_HEARD) -> None:
        self._limit = limit
        self._chunks: list[str] = []
        self._size = 0

    def start(self) -> None:
        """A cell begins."""
        self._chunks, self._size = [], 0

    def write(self, text: str) -> None:
        """Printed text; what comes beyond the limit is not remembered."""
        if self._size < self._limit:
            self._chunks.append(text)
            self._size += len(text)

    def take(self) -> tuple[str, bool]:
        """(the text as a terminal would show it, whether there was more than is remembered); it is forgotten then."""
        text, more = "".join(self._chunks), self._size > self._limit
        self.start()
        return fold(text[: self._limit]), more


class OutputTee:
    """Shadows the writing methods of the shell's streams, display publisher and display hook.

    IPython itself shadows the streams' ``write`` while a cell runs and puts back what it found. So ours goes
    underneath where that is possible (between cells: :meth:`install` called from the event loop), and
    otherwise on top, where it lasts until the end of the cell.

    :param owner: gives the buffer of the run that the calling thread belongs to, or None.
    """

    def __init__(self, shell: Any, owner: Callable[[], OutputBuffer | None]) -> None:
        self.heard = Heard()
        self._shell = shell
        self._owner = owner
        self._on = False
        self._shadows: list[tuple[Any, str, Any]] = []
        self._stdout = functools.partial(self._stream, "stdout")
        self._stderr = functools.partial(self._stream, "stderr")

    def install(self) -> None:
        """Shadow what does not lead to us yet (streams may have been replaced by user code)."""
        self._on = True
        self._shadow(sys.stdout, "write", self._stdout)
        self._shadow(sys.stderr, "write", self._stderr)
        self._shadow(self._shell.display_pub, "publish", self._publish)
        self._shadow(self._shell.displayhook, "write_format_data", self._result)

    def uninstall(self) -> None:
        """Give every object its own method back; a shadow that lies underneath another one only passes on.

        Called once more between cells, it removes those too.
        """
        self._on = False
        left = []
        for target, name, ours in reversed(self._shadows):
            if target.__dict__.get(name) is ours:
                delattr(target, name)
            elif _leads_to(target.__dict__.get(name), ours):
                left.append((target, name, ours))
        self._shadows = left

    def _shadow(self, target: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        present = getattr(target, name, None)
        if present is None or not hasattr(target, "__dict__"):
            return
        for known, key, ours in self._shadows:
            if known is target and key == name and _leads_to(present, ours):
                return
        ours = wrap(present)
        try:
            setattr(target, name, ours)
        except (AttributeError, TypeError):
            return
        self._shadows.append((target, name, ours))

    def _stream(self, kind: str, original: Any) -> Any:
        owner = self._owner
        hear = self.heard.write if kind == "stdout" else None

        def write(*args: Any, **kwargs: Any) -> Any:
            try:
                written = original(*args, **kwargs)
            except BaseException as error:
                trace = error.__traceback__
                error.__traceback__ = trace.tb_next if trace is not None else None
                raise
            with contextlib.suppress(Exception):
                if self._on:
                    if hear is not None:
                        hear(args[0])
                    if (buffer := owner()) is not None:
                        buffer.write(kind, args[0])
            return written

        return write

    def _publish(self, original: Any) -> Any:
        owner = self._owner

        def publish(data: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                answer = original(data, *args, **kwargs)
            except BaseException as error:
                trace = error.__traceback__
                error.__traceback__ = trace.tb_next if trace is not None else None
                raise
            with contextlib.suppress(Exception):
                if self._on and (buffer := owner()) is not None:
                    transient = kwargs.get("transient") or {}
                    buffer.show(data, "display", transient.get("display_id"), bool(kwargs.get("update")))
            return answer

        return publish

    def _result(self, original: Any) -> Any:
        owner = self._owner

        def write_format_data(format_dict: Any, *args: Any, **kwargs: Any) -> Any:
            answer = original(format_dict, *args, **kwargs)
            with contextlib.suppress(Exception):
                if self._on and (buffer := owner()) is not None:
                    buffer.show(format_dict, "result", None, False)
            return answer

        return write_format_data


def _leads_to(function: Any, ours: Any, depth: int = 4) -> bool:
    """True when ``function`` is ``ours`` or a closure (IPython's own tee) over something that leads to it."""
    if function is ours:
        return True
    cells = getattr(function, "__closure__", None)
    if depth == 0 or not cells:
        return False
    try:
        contents = [cell.cell_contents for cell in cells]
    except ValueError:  # an empty cell: no function that could be called
        return False
    return any(inner is ours for inner in contents) or any(
        _leads_to(inner, ours, depth - 1) for inner in contents if callable(inner)
    )
