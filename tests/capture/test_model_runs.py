"""Which run made a model: never by an id that another value has since."""

from __future__ import annotations

import gc
import weakref

from jupyter_bioml.capture.active import ModelRuns


class Model:
    def __init__(self, size: int) -> None:
        self.weights = [0.0] * size


def test_a_model_is_found_while_it_lives_and_not_kept_alive() -> None:
    runs, model = ModelRuns(), Model(3)
    runs.made(model, "first")
    assert runs.run_of(model) == "first" and runs.run_of(Model(3)) is None and runs.run_of(None) is None
    runs.made(model, "second")
    assert runs.run_of(model) == "second", "fitted again: the last run that did"
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_a_value_with_the_id_of_a_dead_model_is_another_one() -> None:
    runs = ModelRuns()
    for _ in range(1000):
        model = Model(1)
        runs.made(model, "first")
        used = id(model)
        del model
        others = [Model(1) for _ in range(3)]
        reused = [other for other in others if id(other) == used]
        assert all(runs.run_of(other) is None for other in others)
        if reused:
            return
    raise AssertionError("no id was used again: the test shows nothing")


def test_what_takes_no_weak_reference_is_not_remembered() -> None:
    runs, value = ModelRuns(), {"weights": [1.0]}
    runs.made(value, "first")
    assert runs.run_of(value) is None
