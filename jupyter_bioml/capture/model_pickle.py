"""The bytes of a model: a pickle that brings the user's own code along."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

from ..journal.blobs import Blobs


def serialise(value: Any, blobs: Blobs, limit: int, project_modules: Iterable[ModuleType] = ()) -> tuple[str, int]:
    """Pickle ``value`` into a blob, with its own code: classes of the notebook and of ``project_modules`` by value.

    Any interrupt or error leaves nothing behind. The user's random generators are not touched.

    :param limit: bytes.
    :returns: the blob's digest and its size in bytes.
    :raises TooLarge: while writing, as soon as it grows over ``limit``.
    :raises OSError: when the disk refuses.
    :raises Exception: whatever pickling the value raises.
    """
    import cloudpickle

    with _by_value(project_modules):
        return blobs.put_stream(lambda sink: cloudpickle.dump(value, sink), limit)


@contextmanager
def _by_value(modules: Iterable[ModuleType]) -> Iterator[None]:
    import cloudpickle

    known = cloudpickle.list_registry_pickle_by_value()
    ours = []
    try:
        for module in modules:
            if module.__name__ not in known and sys.modules.get(module.__name__) is module:
                ours.append(module)
                cloudpickle.register_pickle_by_value(module)
        yield
    finally:
        for module in ours:
            with suppress(ValueError):
                cloudpickle.unregister_pickle_by_value(module)
