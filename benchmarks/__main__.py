"""``python -m benchmarks [NAME…] [--quick] [--json FILE] [--write-docs]``: the table of time budgets.

Exit code 0 when every budget was kept, 1 when one was missed or could not be measured. ``--write-docs`` refuses on a
busy machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import (
    asked,
    background,
    blocked,
    gates,
    listing,
    loading,
    logcall,
    outage,
    report,
    slowdown,
    sweep,
    table,
    verbs,
)
from .figures import Figure, Measurement

MEASUREMENTS = (
    Measurement("load", "Loading", loading.measure),
    Measurement("blocked", "Time a tracked cell is blocked beyond its own work", blocked.measure),
    Measurement("asked", "What is asked for is timed apart", asked.measure),
    Measurement("log", "Logging", logcall.measure),
    Measurement("slowdown", "Slowdown of the cell's own code", slowdown.measure),
    Measurement("listing", "The sidebar's list over 10,000 runs", listing.measure),
    Measurement("verbs", "Commands that only show something", verbs.measure),
    Measurement("gates", "The gates of a model version", gates.measure),
    Measurement("table", "The full-width table over 10,000 runs", table.measure),
    Measurement("sweep", "Short notebooks with many sets of parameters", sweep.measure),
    Measurement("background", "Our processes beside the kernels", background.measure),
    Measurement("outage", "Tracking server down", outage.measure),
)


def main() -> int:
    arguments = _arguments()
    chosen = [one for one in MEASUREMENTS if not arguments.names or one.name in arguments.names]
    print(report.machine())
    if (warning := report.busy()) is not None:
        print(warning)
        if arguments.write_docs:
            return 1
    figures: list[Figure] = []
    for one in chosen:
        print(f"\n{one.title}", flush=True)
        try:
            found = one.measure(arguments.quick)
        except Exception as error:
            found = [Figure(one.title.lower(), "", None, 0, note=f"{type(error).__name__}: {error}")]
        print(report.table(found), flush=True)
        figures += found
    if arguments.json:
        text = json.dumps(report.document(figures, arguments.quick), indent=1, ensure_ascii=False)
        arguments.json.write_text(text, encoding="utf-8")
    if arguments.write_docs:
        report.write_page(figures)
    missed = [figure.what for figure in figures if figure.passed is False]
    print(f"\n{len(missed)} missed: {'; '.join(missed)}" if missed else "\nall budgets kept")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    names = [one.name for one in MEASUREMENTS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="few repetitions: a look, not a result")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE too")
    parser.add_argument("--write-docs", action="store_true", help="write the figures into docs/benchmarks.md")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if arguments.write_docs and (arguments.quick or arguments.names):
        parser.error("--write-docs takes a whole and careful measurement: without --quick and names")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
