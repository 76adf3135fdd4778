"""The gates ``code_known`` and ``taint``: the code can be restored, and the notebook matches what ran."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ...journal.renames import Renames
from ...records.facts import SUBMODULES
from ...records.run import Git, Module, RunRecord
from ...records.taint import LEVELS, taint_of
from ...store.base import FOLDER
from ...text.present import counted, printable
from ..context import Context
from ..gate import GateResult, failed, passed, undecided
from ..known_gates import gate

#: Time limit for a git command in seconds, and the largest notebook read, in bytes.
_GIT_SECONDS, _NOTEBOOK_BYTES = 20, 256 * 2**20
_SHOWN = 20


@dataclass(frozen=True)
class CodeOptions:
    """Options of the gate ``code_known``."""

    without_git: bool = False
    """A run outside a repository passes when all its cells and modules were recorded."""


@gate("code_known", "Commit, uncommitted changes and modules are stored.", CodeOptions)
def judge_code(context: Context) -> GateResult:
    """The commit exists, and uncommitted changes and the project's modules were stored."""
    options: CodeOptions = context.options
    record = context.facts.record
    again = "Commit the code, rerun the cell, and register the new run."
    lost = [module.name for module in record.modules if module.blob is None or module.changed]
    if lost:
        said = f"The code of {counted(len(lost), 'imported module')} is unknown: {_listed(lost)}."
        return failed(said, again, modules=lost[:_SHOWN])
    for module in record.modules:
        _kept(context, module)
    if record.git is None or record.git.commit is None:
        if options.without_git:
            recorded = f"{counted(len(record.before) + 1, 'cell')}, {counted(len(record.modules), 'module')}"
            return passed(f"No commit; recorded: {recorded}.")
        return failed("The run was made outside a git repository, or before its first commit.", again)
    return _judge_git(context, record.git, again)


def _judge_git(context: Context, git: Git, again: str) -> GateResult:
    seen: dict[str, Any] = {"commit": git.commit, "dirty": git.dirty, "remote": git.remote, "branch": git.branch}
    if git.dirty is None:
        return undecided("Whether there were uncommitted changes is unknown.", again, **seen)
    if git.late:
        return failed("A source file changed during the cell, before its changes were stored.", again, **seen)
    if git.dirty:
        record, version = context.facts.record, context.facts.version
        if git.patch_blob is None or any(gap.part == SUBMODULES for gap in record.gaps):
            return failed("There were uncommitted changes, which were not stored.", again, **seen)
        context.facts.content(record, version.run_id, git.patch_blob, f"{FOLDER}/changes.patch")
    root, commit = context.facts.project.root, str(git.commit)
    found = _has_commit(root, commit)
    if found is None:
        return undecided("The commit cannot be looked up without git.", "Install git, or use a clone with git.", **seen)
    if not found:
        where = f"git fetch  (the run's remote: {printable(git.remote)})" if git.remote else "Find a clone that has it."
        return undecided(f"Commit {str(git.commit)[:12]} is not in this clone.", where, **seen)
    state = "uncommitted changes are stored as a patch" if git.dirty else "its files had no uncommitted changes"
    said = f"Commit {commit[:12]} is here, and {state} (notebooks aside: the cells that ran are recorded)."
    outside = _outside(context.facts.record, root, commit)
    if outside is None:
        return undecided(f"{said} What else was not in it cannot be told.", again, **seen)
    if outside:
        said += f" Not in it: {_listed([f'{name} ({why})' for name, why in outside.items()])}."
    return passed(said, not_in_commit=list(outside)[:_SHOWN], **seen)


def _outside(record: RunRecord, root: Path, commit: str) -> dict[str, str] | None:
    """The files of the run that its commit does not have, and how they are known all the same; None: no git answers."""
    used: dict[str, str] = {}
    if record.code.notebook is not None:
        used[record.code.notebook] = "the notebook, whose cells are recorded"
    used |= {module.path: "a module, which is stored" for module in record.modules}
    for use in record.data:
        if use.kind != "value" and use.role != "written":
            known = "known by its digest" if use.digest else "its content is not known"
            used[use.pointer or use.name] = f"data, {known}"
    inside = [name for name in used if not name.startswith(("/", "../")) and "://" not in name]
    if not inside:
        return {}
    command = ["git", "-C", str(root), "ls-tree", "-z", "--name-only", commit, "--", *inside]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    there = {os.fsdecode(name) for name in done.stdout.split(b"\0")}
    return {name: used[name] for name in inside if name not in there}


def _kept(context: Context, module: Module) -> None:
    from ...publish.artifacts import safe_path

    facts = context.facts
    facts.content(facts.record, facts.version.run_id, str(module.blob), f"{FOLDER}/modules/{safe_path(module.path)}")


def _has_commit(root: Path, commit: str) -> bool | None:
    """Whether the repository at ``root`` has a commit; None: no git answers."""
    if not commit.isalnum():
        return False
    command = ["git", "-C", str(root), "cat-file", "-e", f"{commit}^{{commit}}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.returncode == 0


def _listed(names: list[str]) -> str:
    shown = ", ".join(printable(name) for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


@dataclass(frozen=True)
class TaintOptions:
    """Options of the gate ``taint``."""

    max: Literal["none", "out-of-order", "edited", "deleted"] = "none"
    """The worst level that passes."""


@gate("taint", "The notebook, run from the top, matches what ran.", TaintOptions)
def judge_taint(context: Context) -> GateResult:
    """See :mod:`jupyter_bioml.records.taint`."""
    options: TaintOptions = context.options
    record = context.facts.record
    taint = taint_of(record, _notebook(context))
    signs = [{"level": s.level, "cell": s.cell_id, "execution": s.execution_count, "text": s.text} for s in taint.signs]
    seen = {"level": taint.level, "signs": signs[:_SHOWN], "unknown": list(taint.unknown)}
    again = "Restart the kernel, run the whole notebook from the top, save it, and register the new run."
    if LEVELS.index(taint.level) > LEVELS.index(options.max):
        worst = next(sign for sign in taint.signs if sign.level == taint.level)
        where = f"cell {printable(worst.cell_id or '?')[:40]}, execution {worst.execution_count}"
        return failed(f"Taint {taint.level} ({where}: {worst.text}); at most {options.max} is allowed.", again, **seen)
    if taint.unknown and options.max != LEVELS[-1]:
        return undecided(f"Not all signs of taint could be checked: {taint.unknown[0]}.", again, **seen)
    return passed(f"Taint: {taint.level}.", **seen)


def _notebook(context: Context) -> Any:
    """The run's notebook as it is now; None if it is missing or not a notebook."""
    name = context.facts.record.code.notebook
    if name is None:
        return None
    renames = Renames(context.facts.project.home)
    renames.refresh()
    file = context.facts.project.root / renames.now(name, context.facts.record.started)
    with contextlib.suppress(OSError, ValueError, RecursionError):
        about = file.stat()
        if stat.S_ISREG(about.st_mode) and about.st_size <= _NOTEBOOK_BYTES:
            document = json.loads(file.read_bytes())
            return document if isinstance(document, dict) else None
    return None
