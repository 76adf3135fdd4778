"""The policy file: every word is known or refused with its line, and gates of other packages can be named."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_bioml.errors import BiomlError, Refused, SchemaTooNew, UsageError
from jupyter_bioml.promote import gates, known_gates
from jupyter_bioml.promote.known_gates import built_in
from jupyter_bioml.promote.policy import DEFAULT, load_policy, policy_of, write_templates
from jupyter_bioml.promote.yaml_text import parse_yaml

from .world import EASY, MODEL, World


def policy(text: str) -> object:
    return policy_of(parse_yaml(text.encode(), "p.yaml"), "p.yaml")


def test_the_default_is_valid_and_written_once(tmp_path: Path) -> None:
    default = load_policy(tmp_path)
    assert default.source == "the built-in default" and set(default.aliases) == {"champion", "challenger"}
    assert {rule.gate.name for rule in default.aliases["champion"]} == set(built_in()) - {"metrics"}
    written, kept = write_templates(tmp_path)
    assert len(written) == 2 and not kept
    assert (tmp_path / "bioml-policy.yaml").read_bytes() == DEFAULT.read_bytes()
    assert load_policy(tmp_path).sha256 == default.sha256
    (tmp_path / "bioml-policy.yaml").write_text(EASY)
    assert write_templates(tmp_path) == ([], kept + written), "what is there stays"
    assert list(load_policy(tmp_path).aliases) == ["champion"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version: 1\naliases:\n  champion:\n    reprodused: {}\n", "line 4: there is no gate 'reprodused'"),
        ("version: 1\naliases:\n  champion:\n    reproduced: {max_age: 3}\n", "line 4: reproduced has no option 'max_age'"),
        ("version: 1\naliases:\n  champion:\n    reproduced:\n      max_age_days: soon\n", "line 5: max_age_days must be a number"),
        ("version: 1\naliases:\n  champion:\n    reproduced: {max_age_days: true}\n", "must be a number, not 'True'"),
        ("version: 1\naliases:\n  champion:\n    reproduced: {max_age_days: .inf}\n", "must be a number"),
        ("version: 1\naliases:\n  champion:\n    reproduced: {environments: [mine]}\n", "cannot be 'mine'"),
        ("version: 1\naliases:\n  champion:\n    reproduced: {environments: current}\n", "must be a list"),
        ("version: 1\naliases:\n  champion:\n    metrics: {}\n", "thresholds must name at least one metric"),
        ("version: 1\naliases:\n  champion:\n    metrics: {thresholds: {auc: {}}}\n", "line 4: auc: it needs min or max"),
        ("version: 1\naliases:\n  champion:\n    metrics: {thresholds: {auc: {min: 2, max: 1}}}\n", "min 2 is above max 1"),
        ("version: 1\naliases:\n  champion:\n    metrics: {thresholds: {auc: 0.5}}\n", "auc must hold options"),
        ("version: 1\naliases:\n  champion:\n    taint: {max: some}\n", "max cannot be 'some'"),
        ("version: 1\naliases:\n  champion:\n    approval: {required: {approval: 0}}\n", "1 to 20 people"),
        ("version: 1\naliases:\n  champion:\n    approval: {required: {'<b>': 1}}\n", "is not a valid meaning"),
        ("version: 1\naliases:\n  champion:\n    loads: {seconds: 0}\n", "seconds must be from 1"),
        ("version: 1\naliases:\n  champion:\n    card: {undecidable: maybe}\n", "undecidable cannot be 'maybe'"),
        ("version: 1\naliases:\n  champion:\n    card: yes please\n", "card must hold options"),
        ("version: 1\naliases:\n  v3:\n    card: {}\n", "line 3: The alias 'v3' would be mistaken"),
        ("version: 1\naliases:\n  champion: [card]\n", "line 3: champion must hold gates"),
        ("version: 1\naliases: {}\n", "at least one alias"),
        ("version: 1\nalias: {}\n", "line 2: a policy has no key 'alias'"),
        ("aliases:\n  champion: {}\n", "version must be 1"),
        ("version: true\naliases:\n  champion: {}\n", "version must be 1"),
        ("- 1\n", "a policy starts with version"),
        ("", "a policy starts with version"),
    ],
)  # fmt: skip
def test_a_word_that_is_not_known_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        policy(text)
    assert words in caught.value.message and "p.yaml, line" in caught.value.message
    assert caught.value.next, "what could stand there, or what to do"


def test_a_newer_file_is_refused() -> None:
    with pytest.raises(SchemaTooNew, match="reads up to 1"):
        policy("version: 2\naliases: {}\n")


def test_an_alias_that_the_policy_does_not_name(world: World) -> None:
    world.version()
    world.write_policy(EASY)
    with pytest.raises(Refused, match="has no alias prod") as caught:
        world.desk.promote(MODEL, "prod")
    assert "champion" in caught.value.next and world.actions() == []
    world.write_policy(EASY.replace("metrics", "metricks"))
    with pytest.raises(BiomlError, match="no gate 'metricks'"):
        world.desk.promote(MODEL, "champion")


OWN = """
from jupyter_bioml.promote.gate import failed, passed

def size(context):
    limit = context.options["limit"]
    size = sum(file.stat().st_size for file in context.facts.model_folder.rglob("*") if file.is_file())
    return passed("small", size=size) if size <= limit else failed("too large", "Prune it.", size=size)

def raises(context):
    raise ZeroDivisionError("by \\x1b[31mzero")

def talks(context):
    return "pass"
"""


@pytest.fixture
def own_gates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is installed beside ours and brings gates."""
    place = tmp_path / "site"
    info = place / "their_gates-1.0.dist-info"
    info.mkdir(parents=True)
    (place / "their_gates.py").write_text(OWN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-gates\nVersion: 1.0\n")
    names = {"size": "size", "raises": "raises", "talks": "talks", "absent": "absent", "card": "talks"}
    points = "\n".join(f"{name} = their_gates:{function}" for name, function in names.items())
    (info / "entry_points.txt").write_text(f"[jupyter_bioml.gates]\n{points}\n")
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.delitem(sys.modules, "their_gates", raising=False)


@pytest.mark.usefixtures("own_gates")
def test_gates_of_another_package(mlflow_world: World) -> None:
    world = mlflow_world
    world.version()
    assert world.gate("size", "{limit: 10000000}").state == "pass"
    large = world.gate("size", "{limit: 1}")
    assert large.state == "fail" and large.evidence["size"] > 1 and large.next == "Prune it."
    for name, words in (
        ("raises", "ZeroDivisionError"),
        ("talks", "not a gate result"),
        ("absent", "AttributeError"),
    ):
        found = world.gate(name)
        assert found.state == "not-decidable" and words in found.said and found.next and not found.holds
        assert "\x1b" not in found.said
    assert world.gate("raises", "{undecidable: allow}").holds
    world.write_card(owner="TODO")
    assert world.gate("card").state == "fail", "a gate of another package does not stand in for ours"


NEW = """
from dataclasses import dataclass

from jupyter_bioml.promote.gate import failed, passed
from jupyter_bioml.promote.known_gates import gate


@dataclass(frozen=True)
class SteadyOptions:
    metric: str = "auc"


@gate("steady", "The metric was said.", SteadyOptions)
def judge_steady(context):
    said = {metric.key: metric.value for metric in context.facts.record.metrics}
    name = context.options.metric
    return passed("It was said.", value=said[name]) if name in said else failed("It was not.", "Log it.")
"""


def test_a_gate_is_added_by_a_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the folder of our gates is all that a new one needs: its name and its options are known to policies."""
    monkeypatch.setattr(known_gates, "_BUILT_IN", known_gates.built_in())
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "steady.py").write_text(NEW)
    monkeypatch.setattr(gates, "__path__", [*gates.__path__, str(tmp_path / "ours")])
    world.version()
    assert world.gate("steady").state == "pass"
    assert world.gate("steady", "{metric: loss}").state == "fail"
    with pytest.raises(UsageError, match="steady has no option 'metrik'"):
        world.gate("steady", "{metrik: auc}")
    monkeypatch.delitem(sys.modules, f"{gates.__name__}.steady")
