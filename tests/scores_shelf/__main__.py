"""The table of the shelf: what is found of each family, beside ``mlflow.autolog()``.

    PYTHONPATH=tests python -m scores_shelf [--plain] [--no-autolog] [--wrong] [NAME…]

A NAME is a family or a case. ``--plain`` only checks that each notebook runs without the extension, and that its right list
can be evaluated; ``--wrong`` names everything that is missing or false, and what does not run as without
the extension.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from . import LIBRARIES, MODULES, PLAIN, cases
from .autolog import Autolog
from .case import Case, right_list
from .judge import judge, judge_values
from .results import changes
from .session import Shelf, missing_modules
from .table import Row, table, with_total


def main() -> None:
    """Run the notebooks that were asked for, and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m scores_shelf")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--no-autolog", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    chosen = [
        (family, case)
        for family, case in cases(*PLAIN, *LIBRARIES)
        if not asked.names or {family, case.name} & set(asked.names)
    ]
    rows: dict[str, Row] = {}
    with tempfile.TemporaryDirectory(prefix="shelf") as place, ExitStack() as stack:
        shelf = stack.enter_context(Shelf(Path(place) / "ours", MODULES))
        beside = not (asked.plain or asked.no_autolog)
        theirs = stack.enter_context(Autolog(Path(place) / "theirs", MODULES)) if beside else None
        for family, case in chosen:
            if lacking := missing_modules(case):
                _say(f"{family}/{case.name}: left out, without {', '.join(lacking)}")
            elif asked.plain:
                _checked(shelf, family, case)
            else:
                row = _row(shelf, theirs, family, case)
                for line in row.ours.wrong if asked.wrong else ():
                    _say(f"{family}/{case.name}: {line}")
                rows.setdefault(family, Row(family)).add(row)
        for reason in shelf.refusals:
            _say(f"not forked: {reason}")
    if rows:
        _say(table(with_total(rows.values())))


def _checked(shelf: Shelf, family: str, case: Case) -> None:
    begun = time.perf_counter()
    rights = right_list(case, shelf.plain(case).truth)
    _say(f"{family}/{case.name}: {len(rights)} right, {time.perf_counter() - begun:.1f} s")


def _row(shelf: Shelf, theirs: Autolog | None, family: str, case: Case) -> Row:
    plain, tracked = shelf.plain(case), shelf.tracked(case)
    rights = right_list(case, plain.truth)
    row = Row(family, 1, judge(rights, tracked.kept))
    row.ours.wrong += [f"changed: {line}" for line in changes(plain, tracked)]
    if theirs is not None:
        row.theirs = judge_values(rights, theirs.kept(case))
    return row


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
