"""``%bioml`` and ``%%experiment``: parse, call, present."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..capture import options
from ..errors import BiomlError, UsageError
from ..kernel import hooks
from ..redact import redact
from ..text.experiment_line import MAGIC

if TYPE_CHECKING:
    from ..capture.untracked import Untracked
    from ..workbench import Workbench

WIDTH = 110
COMMANDS = {
    "status": "status                 the project and its destination, whether tracking is on, and waiting runs",
    "on": "on                     resume tracking",
    "off": "off                    stop tracking: cells run as if bioml were not loaded",
    "auto": "auto on|off            every cell becomes a run",
    "runs": "runs [N]               the project's runs, newest first",
    "show": "show [RUN]             one run (default: the last one of this session)",
    "compare": "compare RUN RUN        the differences between two runs",
    "register": "register [RUN] NAME    register a run's model (default: the last run)",
}


def bioml(line: str) -> None:
    """Work with the runs of this notebook's project."""
    try:
        words = shlex.split(line)
        if not words:
            _say([bioml.__doc__ or ""])
            return
        if words[0] not in COMMANDS:
            raise UsageError(f"%bioml has no command {words[0]!r}.", next=f"Commands: {', '.join(COMMANDS)}.")
        _ACTIONS[words[0]](words[1:])
    except BiomlError as error:
        raise _usage_error(str(error)) from None
    except ValueError as error:
        raise _usage_error(f"%bioml: {error}") from None


bioml.__doc__ = "%bioml COMMAND\n\n" + "\n".join(f"    %bioml {text}" for text in COMMANDS.values())


def experiment(line: str, cell: str | None = None) -> None:
    """Make this cell a run."""
    magic = f"{MAGIC} {line}".strip()
    try:
        options.parse(magic)
    except UsageError as error:
        raise _usage_error(str(error)) from None
    hook = hooks.tracking()
    if hook is not None and hook.on:  # another magic calls this one: else the line would be gone by now
        print(options.NO_RUN, file=sys.stderr)  # noqa: T201
    _shell().run_cell(cell or "", store_history=False)


experiment.__doc__ = options.parser().format_help()


def register(shell: Any) -> None:
    """Register both magics with the shell, with completion for ``%bioml``."""
    shell.register_magic_function(bioml, "line", "bioml")
    shell.register_magic_function(experiment, "cell", "experiment")
    for key in ("%bioml", "bioml"):
        shell.set_hook("complete_command", complete, str_key=key)
    shell.set_hook("complete_command", complete_flags, str_key=MAGIC)


def unregister(shell: Any) -> None:
    """Unregister both magics."""
    shell.magics_manager.magics["line"].pop("bioml", None)
    shell.magics_manager.magics["cell"].pop("experiment", None)
    dispatcher = shell.strdispatchers.get("complete_command")
    for key in ("%bioml", "bioml", MAGIC):
        if dispatcher is not None:
            dispatcher.strs.pop(key, None)


def complete(_: Any, event: Any) -> list[str]:
    """Completions after ``%bioml``."""
    words = event.line.split()
    if len(words) > 2 or (len(words) == 2 and event.line.endswith(" ")):
        return ["on", "off"] if words[1] == "auto" else []
    return sorted(COMMANDS)


def complete_flags(_: Any, event: Any) -> list[str]:
    """Completions after ``%%experiment``."""
    return sorted(text for action in options.parser()._actions for text in action.option_strings)


# -- the commands ----------------------------------------------------------------------------------


def _status(words: list[str]) -> None:
    _arguments("status", words, 0)
    from ..pages.lists import status_lines

    hook = hooks.tracking()
    on = hook is not None and hook.on
    state = "on" if on else "off"
    if hook is not None and on and hook.recorder.auto:
        state += ", auto"
    lines = [f"tracking {state}"]
    if hook is not None and hook.broken:
        lines.append(f"a cell could not be tracked: {hook.broken}")
    if hook is not None:
        lines += _before_tracking(hook.recorder.untracked)
    if hook is not None and not hook.recorder.segment.flush():
        lines.append(f"{hook.recorder.segment.refused} entries wait in memory. {hook.recorder.segment.trouble}")
    _say([*lines, *status_lines(_workbench().status())])


def _before_tracking(untracked: Untracked) -> list[str]:
    """What is not known of cells that ran while tracking was off."""
    from ..text.present import counted

    untracked.journal()
    unseen = counted(untracked.unseen, "cell")
    said = [f"{unseen} ran while tracking was off: what was read there is unknown"] if untracked.unseen else []
    return [*said, *untracked.reasons]


def _on(words: list[str]) -> None:
    _arguments("on", words, 0)
    hooks.resume(_shell())
    _say(["tracking on"])


def _off(words: list[str]) -> None:
    _arguments("off", words, 0)
    hooks.pause(_shell())
    _say(["tracking off: cells run as if bioml were not loaded (resume with %bioml on)"])


def _auto(words: list[str]) -> None:
    _arguments("auto", words, 1)
    if words[0] not in ("on", "off"):
        raise UsageError("Write: %bioml auto on, or %bioml auto off.")
    hook = hooks.tracking()
    if hook is None:
        raise UsageError("Tracking is off.", next="Run: %load_ext jupyter_bioml")
    hook.recorder.auto = words[0] == "on"
    _say([f"auto {words[0]}: {'every cell becomes a run' if hook.recorder.auto else 'only marked cells become runs'}"])


def _runs(words: list[str]) -> None:
    from ..pages.lists import run_list

    _arguments("runs", words, 0, 1)
    limit = int(words[0]) if words else 20
    _say(run_list(_workbench().runs.list(limit=limit), WIDTH))


def _show(words: list[str]) -> None:
    from ..pages.run import run_page
    from ..records.card_html import card_bundle

    _arguments("show", words, 0, 1)
    shown = _workbench().runs.show(words[0] if words else _last_run())
    bundle = card_bundle(shown.found.record)
    bundle["text/plain"] = "\n".join(run_page(shown, WIDTH))
    _shell().display_pub.publish(data=bundle, metadata={})


def _compare(words: list[str]) -> None:
    from ..pages.compare import compare_page

    _arguments("compare", words, 2)
    _say(compare_page(_workbench().runs.compare(words[0], words[1]), WIDTH))


def _register(words: list[str]) -> None:
    from ..pages.lists import registered

    _arguments("register", words, 1, 2)
    run = words[0] if len(words) == 2 else _last_run()
    bench = _workbench()
    _say(registered(bench.models.register(run, words[-1]), bench.destination))


_ACTIONS: dict[str, Callable[[list[str]], None]] = {
    "status": _status,
    "on": _on,
    "off": _off,
    "auto": _auto,
    "runs": _runs,
    "show": _show,
    "compare": _compare,
    "register": _register,
}


def _arguments(command: str, words: list[str], least: int, most: int | None = None) -> None:
    if not least <= len(words) <= (least if most is None else most):
        raise UsageError(f"Usage: %bioml {COMMANDS[command]}")


def _last_run() -> str:
    hook = hooks.tracking()
    if hook is not None:
        for run in reversed(hook.recorder.ended):
            if not run.part_of:
                return run.record_id
    raise UsageError("This session has no finished run yet.", next="Name one: %bioml runs lists them.")


def _workbench() -> Workbench:
    from ..workbench import Workbench

    hook = hooks.tracking()
    if hook is None:
        return Workbench.at()
    hook.recorder.run_later()
    return Workbench(hook.recorder.project, hook.recorder.destination)


def _shell() -> Any:
    from IPython.core.getipython import get_ipython

    return get_ipython()


def _usage_error(message: str) -> Exception:
    from IPython.core.error import UsageError as ShellUsageError

    error: Exception = ShellUsageError(message)
    return error


def _say(lines: Iterable[str]) -> None:
    print(redact("\n".join(lines)))  # noqa: T201
