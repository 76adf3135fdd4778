"""The gates: those of this package, and those that other packages provide by entry points."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points

from .context import Context, Gate
from .gate import GateResult
from .gates import approval, card, code, data, figures, model, reproduced

#: Entry point group of custom gates: name → function (context) -> GateResult.
GROUP = "jupyter_bioml.gates"
BUILT_IN: dict[str, Gate] = {
    gate.name: gate
    for gate in (
        Gate("reproduced", "The run was reproduced recently.", reproduced.judge, reproduced.Options),
        Gate("data_known", "Every input is known and can be restored.", data.judge, data.Options),
        Gate("code_known", "Commit, uncommitted changes and modules are stored.", code.judge_code, code.CodeOptions),
        Gate("taint", "The notebook, run from the top, matches what ran.", code.judge_taint, code.TaintOptions),
        Gate("metrics", "Metrics are within bounds.", figures.judge_metrics, figures.MetricOptions),
        Gate("not_worse", "Not worse than the alias's holder.", figures.judge_not_worse, figures.NotWorseOptions),
        Gate("signature", "The model describes its inputs and outputs.", model.judge_signature, model.SignatureOptions),
        Gate("loads", "The model predicts its example in a fresh process.", model.judge_loads, model.LoadsOptions),
        Gate("approval", "People have approved exactly this version.", approval.judge, approval.Options),
        Gate("card", "The model card is complete.", card.judge, card.Options),
    )
}


def known_gates() -> dict[str, Gate]:
    """Every gate by name. Another package's gate never replaces a built-in one; it is imported when judged."""
    found = {point.name: _own(point) for point in entry_points(group=GROUP)}
    return {**found, **BUILT_IN}


def _own(point: EntryPoint) -> Gate:
    def judge(context: Context) -> GateResult:
        function: Callable[[Context], GateResult] = point.load()
        return function(context)

    return Gate(point.name, f"A custom gate, {point.value}.", judge, None)
