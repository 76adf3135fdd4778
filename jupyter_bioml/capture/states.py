"""States of the random generators, read and never touched, so that a re-run can put them back."""

from __future__ import annotations

import contextlib
import pickle
import random
import sys
from typing import Any

from ..journal.blobs import Blobs

LIBRARIES = ("random", "numpy", "torch")


class StateObserver:
    """Keeps generator states as blobs; an unchanged state costs no write."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._last: dict[str, tuple[Any, str]] = {}

    def read(self) -> dict[str, str]:
        """Library → blob of its generator's state, for those that are imported."""
        states = {}
        for library in LIBRARIES:
            with contextlib.suppress(Exception):
                if library == "random":
                    states[library] = self._plain_random()
                elif (data := state_of(library)) is not None:
                    states[library] = self._keep(library, data, data)
        return states

    def _plain_random(self) -> str:
        """Most cells leave the state as it was. The generator makes all its 624 words at once, so that a few of them,
        and the place of the next one to be used, tell whether it did; comparing all would take as long as all else."""
        state = random.getstate()
        mark = (state[0], state[1][:4], state[1][-1], state[2])
        known = self._last.get("random")
        if known is not None and known[0] == mark:
            return known[1]
        return self._keep("random", mark, pickle.dumps(state, protocol=4))

    def _keep(self, library: str, mark: Any, data: bytes) -> str:
        known = self._last.get(library)
        if known is not None and known[0] == mark:
            return known[1]
        blob = self._blobs.put(data)
        self._last[library] = (mark, blob)
        return blob


def state_of(library: str) -> bytes | None:
    """The pickled state of one library's global generator; None when it is not imported."""
    if library == "random":
        return pickle.dumps(random.getstate(), protocol=4)
    if library == "numpy":
        module = sys.modules.get("numpy.random")
        return None if module is None else pickle.dumps(module.get_state(legacy=False), protocol=4)
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "get_rng_state"):
        return None
    return pickle.dumps(torch.get_rng_state().numpy().tobytes(), protocol=4)


def restore_state(library: str, data: bytes) -> None:
    """Put a generator back into a recorded state (for reproductions only)."""
    state: Any = pickle.loads(data)
    if library == "random":
        random.setstate(state)
    elif library == "numpy":
        sys.modules["numpy.random"].set_state(state)
    elif library == "torch":
        torch = sys.modules["torch"]
        torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


def seed_all(seed: int, only: tuple[str, ...] = LIBRARIES) -> dict[str, int]:
    """Seed every imported generator because the user asked for it; returns library → seed.

    :param only: the libraries; the others go on as they are.
    """
    torch, numpy_random = sys.modules.get("torch"), sys.modules.get("numpy.random")
    seeders = {
        "random": random.seed,
        "numpy": getattr(numpy_random, "seed", None),
        "torch": getattr(torch, "manual_seed", None),
    }
    seeded = {}
    for library in only:
        if (seeder := seeders[library]) is not None:
            seeder(seed)
            seeded[library] = seed
    return seeded
