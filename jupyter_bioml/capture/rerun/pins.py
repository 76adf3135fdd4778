"""For runs that prove a cause: hold the clock or the sources of entropy still for the user's code.

Only what code of the notebook and its modules calls is changed; libraries, IPython and this package keep the real
clock. What compiled code reads by itself (``pandas.Timestamp.now``, the operating system's entropy) is out of reach.
"""

from __future__ import annotations

import datetime
import random
import sys
import time
from datetime import date as real_date
from datetime import datetime as real_datetime
from random import Random as real_random
from types import FrameType, ModuleType
from typing import Any

from ..imports import ImportWatch
from .notices import PINNED, notice

#: Seconds by which the held clock goes on with each look, so that loops that wait for it end.
TICK = 1e-6


def pin(work: str, clock: float | None = None, entropy: int | None = None) -> None:
    """Hold the clock at ``clock`` (epoch seconds), or give unseeded generators the seed ``entropy``.

    :param work: the work folder: code below it counts as the user's.
    """
    if clock is not None:
        _Clock(work, clock).install()
        notice(work, PINNED, what="clock", value=clock)
    if entropy is not None:
        ImportWatch({"numpy.random": lambda module: _pin_numpy(module, entropy)}).install()
        _pin_random(entropy)
        notice(work, PINNED, what="entropy", value=entropy)


class _Clock:
    """``time.time`` and the current date as the user's code sees them."""

    def __init__(self, work: str, start: float) -> None:
        self._work = work
        self._now = start

    def read(self) -> float:
        self._now += TICK
        return self._now

    def _is_users(self, frame: FrameType) -> bool:
        return frame.f_globals.get("__name__") == "__main__" or frame.f_code.co_filename.startswith(self._work)

    def install(self) -> None:
        self._functions()
        self._dates()

    def _functions(self) -> None:
        held, real_time, real_ns, real_local = self, time.time, time.time_ns, time.localtime
        real_gm, real_ctime, real_strftime = time.gmtime, time.ctime, time.strftime

        def now() -> float:
            return held.read() if held._is_users(sys._getframe(1)) else real_time()

        def now_ns() -> int:
            return int(held.read() * 1e9) if held._is_users(sys._getframe(1)) else real_ns()

        def local(seconds: float | None = None) -> time.struct_time:
            mine = seconds is None and held._is_users(sys._getframe(1))
            return real_local(held.read() if mine else seconds)

        def gm(seconds: float | None = None) -> time.struct_time:
            mine = seconds is None and held._is_users(sys._getframe(1))
            return real_gm(held.read() if mine else seconds)

        def ctime(seconds: float | None = None) -> str:
            mine = seconds is None and held._is_users(sys._getframe(1))
            return real_ctime(held.read() if mine else seconds)

        def strftime(form: str, *moment: Any) -> str:
            if not moment and held._is_users(sys._getframe(1)):
                moment = (real_local(held.read()),)
            return real_strftime(form, *moment)

        for name, function in (("time", now), ("time_ns", now_ns), ("localtime", local), ("gmtime", gm),
                               ("ctime", ctime), ("strftime", strftime)):  # fmt: skip
            setattr(time, name, function)

    def _dates(self) -> None:
        held = self

        class AsDate(type):
            def __instancecheck__(cls, instance: Any) -> bool:
                return isinstance(instance, real_date)

        class AsDatetime(type):
            def __instancecheck__(cls, instance: Any) -> bool:
                return isinstance(instance, real_datetime)

        class HeldDate(real_date, metaclass=AsDate):
            @classmethod
            def today(cls) -> Any:
                users = held._is_users(sys._getframe(1))
                return real_date.fromtimestamp(held.read()) if users else real_date.today()

        class HeldDatetime(real_datetime, metaclass=AsDatetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                users = held._is_users(sys._getframe(1))
                return real_datetime.fromtimestamp(held.read(), tz) if users else real_datetime.now(tz)

            @classmethod
            def today(cls) -> Any:
                users = held._is_users(sys._getframe(1))
                return real_datetime.fromtimestamp(held.read()) if users else real_datetime.today()

            @classmethod
            def utcnow(cls) -> Any:
                users = held._is_users(sys._getframe(1))
                moment = held.read() if users else time.time()
                return real_datetime.fromtimestamp(moment, datetime.UTC).replace(tzinfo=None)

        for held_class, name in ((HeldDate, "date"), (HeldDatetime, "datetime")):
            held_class.__name__ = held_class.__qualname__ = name
            held_class.__module__ = "datetime"
            setattr(datetime, name, held_class)


def _pin_numpy(module: ModuleType, seed: int) -> None:
    real_rng, real_state = module.default_rng, module.RandomState

    def default_rng(given: Any = None) -> Any:
        return real_rng(seed if given is None else given)

    class AsState(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, real_state)

    def init(self: Any, given: Any = None) -> None:
        real_state.__init__(self, seed if given is None else given)

    random_state = AsState("RandomState", (real_state,), {"__init__": init, "__module__": module.__name__})
    for name, stand_in in (("default_rng", default_rng), ("RandomState", random_state)):
        setattr(module, name, stand_in)
    module.seed(seed)


def _pin_random(seed: int) -> None:
    import secrets
    import uuid

    source = random.Random(seed)
    for name in ("token_bytes", "token_hex", "token_urlsafe", "randbelow", "randbits", "choice"):
        setattr(secrets, name, _seeded(name, source))
    uuid.uuid4 = lambda: uuid.UUID(int=source.getrandbits(128), version=4)

    class SeededRandom(real_random):
        def __init__(self, given: Any = None) -> None:
            super().__init__(seed if given is None else given)

    SeededRandom.__name__ = SeededRandom.__qualname__ = "Random"
    setattr(random, SeededRandom.__name__, SeededRandom)
    random.seed(seed)


def _seeded(name: str, source: random.Random) -> Any:
    if name == "randbits":
        return source.getrandbits
    if name == "randbelow":
        return source.randrange
    if name == "choice":
        return source.choice
    if name == "token_bytes":
        return lambda count=32: source.randbytes(count)
    return lambda count=32: source.randbytes(count).hex()
