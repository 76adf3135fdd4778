"""Functions of libraries are watched without any sign of it: results, errors, tracebacks, warnings and the function itself."""

from __future__ import annotations

import argparse
import asyncio
import dis
import sys
import types
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

import pytest
import scipy.stats
import sklearn.base
import sklearn.metrics
import sklearn.model_selection

from jupyter_bioml.capture.scoring.hooks import Hook, NoWatcher, Watcher
from jupyter_bioml.capture.scoring.watching import new_watcher

from . import calls_of_sklearn as sklearn_calls

MONITORED = sys.version_info >= (3, 12)


class Notes:
    """What a hook was told."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.returned: list[Any] = []
        self.failed: list[tuple[str, str]] = []
        self.frames: dict[int, str] = {}

    def start(self, frame: FrameType) -> None:
        self.started.append(frame.f_code.co_name)
        self.frames[id(frame)] = frame.f_code.co_name

    def finish(self, frame: FrameType, value: Any) -> None:
        assert self.frames[id(frame)] == frame.f_code.co_name, "a start and its return have one frame"
        self.returned.append(value)

    def hook(self) -> Hook:
        return Hook("probe", self.start, self.finish, lambda what, why: self.failed.append((what, why)))


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    made = new_watcher()
    yield made
    made.uninstall()


def watched_functions() -> list[Any]:
    found = list(sklearn_calls.functions().values())
    found += [sklearn.model_selection.cross_val_score, sklearn.model_selection.cross_validate]
    return [*found, sklearn.base.ClassifierMixin.score, sklearn.base.BaseEstimator._validate_params]


def test_nothing_can_be_seen_of_it(watcher: Watcher) -> None:
    """Results, exceptions with each frame's place, and warnings of 1,000 calls: before, while and after they are watched."""
    calls = list(sklearn_calls.calls())
    functions = watched_functions()
    before = {name: sklearn_calls.seen(call) for name, call in calls}
    known = [sklearn_calls.identity(function) for function in functions]
    codes = [function.__code__ for function in functions]
    notes = Notes()
    hook = notes.hook()
    assert all(watcher.watch(function, hook) for function in functions)
    for name, call in calls:
        assert sklearn_calls.seen(call) == before[name], name
    assert [sklearn_calls.identity(function) for function in functions] == known
    assert len(notes.started) > len(notes.returned) > 500, "some of the calls raised"
    assert notes.failed == []
    watcher.uninstall()
    assert [function.__code__ for function in functions] == codes
    count = len(notes.started)
    for name, call in calls:
        assert sklearn_calls.seen(call) == before[name], name
    assert len(notes.started) == count, "nothing is told any more"


def test_start_and_return_are_told_with_what_was_returned(watcher: Watcher) -> None:
    notes = Notes()
    watcher.watch(scipy.stats.pearsonr, notes.hook())
    result = scipy.stats.pearsonr([1, 2, 3], [1, 2, 4])
    assert notes.started == ["pearsonr"] and notes.returned[0] is result


def test_the_functions_that_another_one_makes_are_watched(watcher: Watcher) -> None:
    """As those that a class makes for each of its instances (torchmetrics' ``compute``)."""
    notes = Notes()
    functions = types.ModuleType("functions")
    exec("def maker(x):\n    def made(y):\n        return x + y\n    return made\n", vars(functions))
    assert watcher.watch_made(functions.maker, "made", notes.hook())
    assert not watcher.watch_made(functions.maker, "nothing of this name", notes.hook()) or not MONITORED
    assert [functions.maker(n)(1) for n in range(3)] == [1, 2, 3]
    assert notes.returned == [1, 2, 3]
    watcher.uninstall()
    assert functions.maker(1)(1) == 2 and len(notes.returned) == 3


def test_a_generator_is_not_watched(watcher: Watcher) -> None:
    def steps() -> Iterator[int]:
        yield 1

    async def later() -> int:
        return 1

    assert not watcher.watch(steps, Notes().hook())
    assert not watcher.watch(later, Notes().hook())  # type: ignore[arg-type]
    assert list(steps()) == [1] and asyncio.run(later()) == 1


@pytest.mark.parametrize("place", ["start", "return"])
def test_a_failing_observer_is_not_asked_again(watcher: Watcher, place: str) -> None:
    asked, failed = [], []

    def fails(*_: Any) -> None:
        asked.append(1)
        raise RuntimeError("ours")

    hook = Hook(
        "probe",
        fails if place == "start" else None,
        fails if place == "return" else None,
        lambda *what: failed.append(what),
    )
    watcher.watch(scipy.stats.pearsonr, hook)
    results = [scipy.stats.pearsonr([1, 2, 3], [1, 2, 4]).statistic for _ in range(3)]
    assert results == [pytest.approx(0.9819805)] * 3
    assert len(asked) == 1 and failed == [("probe", "RuntimeError: ours")]


def test_an_interrupt_is_the_users(watcher: Watcher) -> None:
    def interrupted(_: FrameType) -> None:
        raise KeyboardInterrupt

    watcher.watch(scipy.stats.pearsonr, Hook("probe", interrupted, None, lambda *_: None))
    with pytest.raises(KeyboardInterrupt):
        scipy.stats.pearsonr([1, 2, 3], [1, 2, 4])


def test_jumps_and_handlers_of_a_function_with_all_of_them(watcher: Watcher) -> None:
    """Loops, ``with``, ``try``, ``finally``, ``match`` and returns in each of them, with more lines than one jump can span."""
    long = "\n".join(f"            total = total + {n} * x if x > {n} else total - {n}" for n in range(400))
    source = f"""
def tangled(x, log):
    for step in range(x):
        with open("/dev/null") as sink:
            if step == 7:
                return "with"
        try:
            total = 0
{long}
            if step == 3:
                return "try"
            if step == 2:
                raise KeyError(step)
        except KeyError:
            if x == 4:
                return "except"
        finally:
            log.append(step)
            if x == 5 and step == 4:
                return "finally"
        while step > 5:
            match x:
                case 9:
                    return "match"
                case _:
                    break
        if x == 3 and step == 2:
            raise ValueError(step)
    else:
        return "else" if x else None
"""
    space: dict[str, Any] = {}
    exec(compile(source, "tangled.py", "exec"), space)

    def outcome(x: int) -> tuple[Any, ...]:
        log: list[int] = []
        try:
            return space["tangled"](x, log), log
        except ValueError as error:
            assert error.__traceback__ is not None and error.__traceback__.tb_next is not None
            return str(error), error.__traceback__.tb_next.tb_lineno, log

    before = [outcome(x) for x in range(12)]
    notes = Notes()
    assert watcher.watch(space["tangled"], notes.hook())
    assert [outcome(x) for x in range(12)] == before
    assert len(notes.started) == 12 and len(notes.returned) == 11
    assert {"except", "try", "else", None} <= set(notes.returned)


if MONITORED:

    def test_a_number_held_by_another_tool_is_left_to_it() -> None:
        monitoring = sys.monitoring  # type: ignore[attr-defined]
        monitoring.use_tool_id(3, "another")
        watcher = new_watcher()
        notes = Notes()
        try:
            watcher.watch(scipy.stats.pearsonr, notes.hook())
            scipy.stats.pearsonr([1, 2, 3], [1, 2, 4])
            assert len(notes.returned) == 1
            assert [monitoring.get_tool(number) for number in (3, 4)] == ["another", "jupyter_bioml"]
        finally:
            watcher.uninstall()
            monitoring.free_tool_id(3)
        assert monitoring.get_tool(4) is None

    def test_no_number_is_left() -> None:
        monitoring = sys.monitoring  # type: ignore[attr-defined]
        for number in (3, 4, 5):
            monitoring.use_tool_id(number, "another")
        try:
            with pytest.raises(NoWatcher):
                new_watcher()
        finally:
            for number in (3, 4, 5):
                monitoring.free_tool_id(number)

else:
    from jupyter_bioml.capture.scoring.insertion import with_calls

    def codes_of(*modules: types.ModuleType) -> Iterator[CodeType]:
        """Every code object that is neither a generator's nor a coroutine's, with those inside of it."""
        left = [
            value.__code__
            for module in modules
            for value in vars(module).values()
            if isinstance(value, types.FunctionType)
        ]
        classes = [value for module in modules for value in vars(module).values() if isinstance(value, type)]
        left += [
            value.__code__ for cls in classes for value in vars(cls).values() if isinstance(value, types.FunctionType)
        ]
        while left:
            code = left.pop()
            left += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
            if not code.co_flags & 0x2A0:
                yield code

    def test_every_instruction_keeps_its_place_its_jump_and_its_handler() -> None:
        """Nothing but two calls is new, in the code of 1,000 functions of the standard library and of scikit-learn."""
        import sklearn.linear_model._logistic as logistic
        import sklearn.metrics._classification as classification

        checked = 0
        for code in codes_of(
            argparse, asyncio.base_events, dis, types, logistic, classification, sklearn.model_selection._search
        ):
            check_insertion(code)
            checked += 1
        assert checked > 500

    def check_insertion(code: CodeType) -> None:
        def start() -> None: ...

        def finish(value: Any) -> None: ...

        new = with_calls(code, start, finish)
        old_steps, new_steps = list(steps(code)), list(steps(new))
        calls = dict(inserted(new_steps, len(code.co_consts)))
        covered = {place + more for place, size in calls.items() for more in range(size)}
        kept = [step for place, step in enumerate(new_steps) if place not in covered]
        assert [step.opname for step in kept] == [step.opname for step in old_steps]
        assert [step.positions for step in kept] == [step.positions for step in old_steps]
        assert len(calls) == 1 + sum(step.opname == "RETURN_VALUE" for step in old_steps)
        old_place, new_place = starts(code), starts(new)
        kept_number = {id(step): number for number, step in enumerate(kept)}

        def number(offset: int) -> int:
            place = new_place[offset]
            assert place not in calls or calls[place] == 6, "no jump leads to the call of the start"
            return kept_number[id(new_steps[place + calls.get(place, 0)])]

        for one, other in zip(old_steps, kept, strict=True):
            if one.opcode in dis.hasjrel:
                assert number(other.argval) == old_place[one.argval]
                assert (
                    other.argval == new_steps[new_place[other.argval]].offset
                    or new_steps[new_place[other.argval]].opcode != dis.opmap["RETURN_VALUE"]
                )
            else:
                assert one.arg == other.arg
        for entry, moved in zip(handlers(code), handlers(new), strict=True):
            inside = [place for place, step in enumerate(old_steps) if entry.start <= step.offset < entry.end]
            assert inside == [place for place, step in enumerate(kept) if moved.start <= step.offset < moved.end]
            assert (entry.depth, entry.lasti, old_place[entry.target]) == (
                moved.depth,
                moved.lasti,
                number(moved.target),
            )

    def handlers(code: CodeType) -> list[Any]:
        return dis._parse_exception_table(code)  # type: ignore[attr-defined]

    def steps(code: CodeType) -> Iterator[dis.Instruction]:
        return (step for step in dis.get_instructions(code) if step.opname != "EXTENDED_ARG")

    def starts(code: CodeType) -> dict[int, int]:
        """Offset (of an instruction, or of the prefixes in front of it) → number of the instruction."""
        found, number = {}, 0
        for step in dis.get_instructions(code):
            found[step.offset] = number
            number += step.opname != "EXTENDED_ARG"
        return found

    def inserted(found: list[dis.Instruction], constants: int) -> Iterator[tuple[int, int]]:
        """(number of its first instruction, count of its instructions) of each call that was put in."""
        for place, step in enumerate(found[:-1]):
            load = found[place + 1]
            if step.opname == "PUSH_NULL" and load.opname == "LOAD_CONST" and load.arg in (constants, constants + 1):
                yield place, 5 if load.arg == constants else 6
