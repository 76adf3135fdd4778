"""Stand-ins for ``open``, ``os.open``, ``sqlite3.connect``, ``io.FileIO`` and functions that take paths.

What the user's code sees of a stand-in is what it would see of the original: names, ``repr``, signature, equality
and hash (``os.open in os.supports_dir_fd``), pickles, warnings, and above all exceptions, whose tracebacks hold no
extra frame. A stand-in is a callable object without ``__get__``, as built-in functions are, so that
``class A: opener = open`` goes on working; a class is replaced by a class, a function by a function.

What is done after each call is given as ``note(args, kwargs, result)``; it must let no :class:`Exception` out. In
reproductions a ``guard`` is asked before each call: it may refuse, or change what is called with.
"""

from __future__ import annotations

import functools
import io
import warnings
from abc import ABCMeta
from collections.abc import Callable
from typing import Any

Note = Callable[[tuple[Any, ...], dict[str, Any], Any], None]
Call = tuple[tuple[Any, ...], dict[str, Any]]
Guard = Callable[[Call], Call]

_set_traceback = BaseException.with_traceback


class Watched:  # noqa: D101 (see below)
    # No docstring: ``__doc__`` is the original's. Calls the original, then ``note``.
    #
    # ``reference`` ("os:open") is what pickles name: resolved anywhere, with or without this package.
    __slots__ = ("__weakref__", "_before", "_guard", "_note", "_original", "_reference")

    def __init__(
        self,
        original: Callable[..., Any],
        reference: str,
        note: Note,
        before: Callable[[Call], Call] | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._original = original
        self._reference = reference
        self._note = note
        self._before = before
        self._guard = guard

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The original's result, or what it raises without this frame in the traceback."""
        try:
            if self._guard is not None:
                args, kwargs = self._guard((args, kwargs))
            if self._before is not None and (kwargs or len(args) > 2):
                args, kwargs = self._before((args, kwargs))
            result = self._original(*args, **kwargs)
            self._note(args, kwargs, result)
            return result
        except BaseException as error:
            # A bare ``raise`` adds no entry for this frame; the one it has got on the way here is cut off.
            trace = error.__traceback__
            _set_traceback(error, trace.tb_next if trace is not None else None)
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        return self._original

    def __repr__(self) -> str:
        return repr(self._original)

    def __eq__(self, other: object) -> bool:
        return other is self or self._original == other

    def __hash__(self) -> int:
        return hash(self._original)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        import pkgutil  # no module of a kernel's own: half a millisecond

        return (pkgutil.resolve_name, (self._reference,))

    def __dir__(self) -> list[str]:
        return dir(self._original)

    __class__ = property(lambda self: type(self._original))
    __doc__ = property(lambda self: self._original.__doc__)
    __module__ = property(lambda self: self._original.__module__)


def silent(error: BaseException) -> None:
    """Take our frames out of an interrupt that struck while we noted something."""
    _set_traceback(error, None)


def warn_as_caller(call: Call) -> Call:
    """Give ``open``'s own warning for ``buffering=1`` in binary mode, naming the caller's line.

    The original names the Python frame that called it, which would be ours.
    """
    try:
        args, kwargs = call
        buffering = args[2] if len(args) > 2 else kwargs.get("buffering", -1)
        if buffering != 1:
            return call
        mode = args[1] if len(args) > 1 else kwargs.get("mode", "r")
        letters = set(mode)
        if (
            len(letters) != len(mode)
            or "b" not in letters
            or letters - set("rwxab+")
            or len(letters & set("rwxa")) != 1
        ):
            return call
        message = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used"
        warnings.warn(message, RuntimeWarning, stacklevel=3)
        if len(args) > 2:
            return (*args[:2], -1, *args[3:]), kwargs
        return args, {**kwargs, "buffering": -1}
    except BaseException as error:
        _set_traceback(error, None)
        raise


def nothing(args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    """A note of nothing, for functions that are only guarded."""


def watched_file_io(original: type[io.FileIO], note: Note, guard: Guard | None = None) -> type[io.FileIO]:
    """A class that stands for ``io.FileIO``: it makes the original's objects, and its subclasses are the original's."""

    class Meta(ABCMeta):
        # ABCMeta, so that ``class A(io.FileIO, SomeABC)`` finds no conflict of metaclasses.
        def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
            if any(type(base) is Meta for base in bases):
                return type(
                    name, tuple(original if type(base) is Meta else base for base in bases), namespace, **options
                )
            return super().__new__(mcls, name, bases, namespace, **options)

        def __call__(cls, /, *args: Any, **kwargs: Any) -> Any:
            try:
                if guard is not None:
                    args, kwargs = guard((args, kwargs))
                result = original(*args, **kwargs)
                note(args, kwargs, result)
                return result
            except BaseException as error:
                trace = error.__traceback__
                _set_traceback(error, trace.tb_next if trace is not None else None)
                raise

        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, original)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, original)

        def __eq__(cls, other: object) -> bool:
            return other is cls or other is original

        def __hash__(cls) -> int:
            return hash(original)

        def __repr__(cls) -> str:
            return repr(original)

        @property
        def __signature__(cls) -> Any:
            import inspect

            return inspect.signature(original)

    # Pickles name it as ``io.FileIO``, which it is; ``_io.FileIO`` stays the original.
    namespace = {"__slots__": (), "__module__": "io", "__qualname__": "FileIO", "__doc__": original.__doc__}
    made: type[io.FileIO] = Meta("FileIO", (original,), namespace)
    return made


def watched_function(original: Any, note: Note) -> Any:
    """A function that stands for a Python function ``original``.

    Its code bears the original's file name: libraries that look for the first caller outside their own folder, to
    name its line in a warning, do not stop at it.
    """

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        try:
            result = original(*args, **kwargs)
            note(args, kwargs, result)
            return result
        except BaseException as error:
            trace = error.__traceback__
            _set_traceback(error, trace.tb_next if trace is not None else None)
            raise

    stand_in.__code__ = stand_in.__code__.replace(
        co_filename=original.__code__.co_filename, co_name=original.__code__.co_name
    )
    return functools.wraps(original)(stand_in)
