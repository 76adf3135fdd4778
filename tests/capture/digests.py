"""Digests of values, as the tests compare them."""

from __future__ import annotations

from typing import Any

from jupyter_bioml.capture.values.digest import value_digest


def digest(value: Any) -> str:
    found = value_digest(value)
    assert found is not None and found.digest.startswith("sha256:") and len(found.digest) == 71
    return found.digest


def all_differ(values: list[Any]) -> None:
    digests = [digest(value) for value in values]
    assert len(set(digests)) == len(digests), [i for i, d in enumerate(digests) if digests.index(d) != i]
