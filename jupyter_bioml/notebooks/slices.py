"""The code of a run as files that run without this package: ``cell.py`` and ``slice.ipynb``.

Until slicing comes, the slice is the session's prefix: every earlier cell run, in order, and the run's own cell.
"""

from __future__ import annotations

import dataclasses
import re

from ..records.run import RunRecord
from .plan import Plan, PlannedCell, notebook_text, plan_of, without_our_lines

_USES_US = re.compile(
    r"^\s*(?:import|from)\s+jupyter_bioml\b|load_ext\w*\W*[\"']jupyter_bioml\b|[\"']%?load_ext\s+jupyter_bioml\b",
    re.MULTILINE,
)
#: First cell of a slice whose code imports this package: where that is missing, its calls do nothing.
_STAND_IN = '''\
def _stand_in():
    """The notebook was tracked by jupyter_bioml; it runs without that package too: its calls do nothing here."""
    import contextlib, sys, types

    class Nothing(contextlib.AbstractContextManager):
        def __call__(self, *args, **kwargs):
            return self

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return self

        def __exit__(self, *error):
            return False

    class Module(types.ModuleType):
        __path__ = []

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return Nothing()

    try:
        import jupyter_bioml
    except ImportError:
        sys.modules["jupyter_bioml"] = Module("jupyter_bioml")

_stand_in()
del _stand_in'''


def cell_source(record: RunRecord) -> str:
    """The cell's body without our lines."""
    source = without_our_lines(record.code.source)
    return source if source.endswith("\n") or not source else source + "\n"


def slice_notebook(record: RunRecord) -> str:
    """The text of ``slice.ipynb`` (nbformat 4.5): it runs headlessly on its own."""
    # a part is not reproduced alone, but its file shows the cells that led to it like any other
    plan = plan_of(dataclasses.replace(record, parent=None, part_of=None))
    if any(_USES_US.search(cell.source) for cell in plan.cells):
        plan = Plan((PlannedCell(_STAND_IN), *plan.cells), plan.magic, plan.notes)
    return notebook_text(plan, tracked=False)
