"""Store a model as an MLflow model: its native flavour and pyfunc, read back and compared bit for bit.

Runs in the model's own process; mlflow is handed in by its gateway, :mod:`.model_job`.
"""

from __future__ import annotations

import io
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import BiomlError
from .signatures import EXAMPLE_TYPES, signatures, types_of, with_types

SKOPS, CLOUDPICKLE = "skops", "cloudpickle"
#: What the pyfunc flavour does with rows: as the model, otherwise than the model, or not at all.
SAME, OTHER, REFUSED = "same", "other", "refused"


class NotTheSame(BiomlError):
    """The model that was read back differs from the original."""

    code = "model-differs"


@dataclass
class Flavor:
    """One MLflow flavour at work on one model. ``notes``: what a reader of the model should know."""

    mlflow: Any
    model: Any
    sample: Any
    predict: Callable[[Any, Any], Any]
    """(model, rows) → predictions, as the user would call it."""
    save: Callable[[str, str, dict[str, Any]], None]
    """(format, folder, arguments of ``save_model``)."""
    load: Callable[[str], Any]
    """The model from a folder, through its native flavour."""
    formats: tuple[str, ...]
    modules: tuple[str, ...]
    """Modules that it needs, beside those that the model brings."""
    state: Callable[[Any], Any] = lambda model: None
    """The state that must be equal if there are no rows to predict."""
    notes: list[str] = field(default_factory=list)
    expected: Any = None
    refusal: Exception | None = None
    """What the model itself says of the sample, where it refuses it."""
    comparable: bool = False
    _loaded: Any = None
    """The pyfunc model that was read back last."""

    def prepare(self) -> None:
        """Predict the sample, twice: what is not deterministic cannot be compared."""
        if self.sample is None:
            return
        try:
            self.expected = self.predict(self.model, self.sample)
            self.comparable = same(self.expected, self.predict(self.model, self.sample))
        except Exception as error:
            self.refusal = error
            self.notes.append(f"it refuses the rows of its example, so it has none: {_words(error)}")
            return
        if not self.comparable:
            self.notes.append("its predictions are not deterministic: they were not compared")

    def write(self, kept_as: str, folder: str, needed: list[str]) -> None:
        """Write the MLflow model into ``folder``, as yet without a signature."""
        given: dict[str, Any] = {"pip_requirements": needed, "signature": False}
        if self.sample is None or self.refusal is not None:
            return self.save(kept_as, folder, given)
        example = self.sample.to_numpy() if hasattr(self.sample, "to_frame") else self.sample  # a Series has no JSON
        types = {EXAMPLE_TYPES: types_of(self.sample)}
        try:
            return self.save(kept_as, folder, given | {"input_example": example, "metadata": types})
        except Exception as error:
            self.notes.append(f"no input example: MLflow cannot keep it: {_words(error)}")
            shutil.rmtree(folder, ignore_errors=True)
            return self.save(kept_as, folder, given)

    def check(self, folder: str) -> None:
        """Read ``folder`` back, and give it a signature that takes the sample.

        :raises NotTheSame: when it predicts otherwise, or holds another state.
        """
        again = self.load(folder)
        if not same(self.state(self.model), self.state(again)):
            raise NotTheSame("The model that was read back has a different state.")
        if self.comparable and not same(self.expected, self.predict(again, self.sample)):
            raise NotTheSame("The model that was read back gives different predictions.")
        if self.sample is not None:
            self._sign(folder)
            self._try_example(folder)

    def _sign(self, folder: str) -> None:
        """The strictest signature with which the pyfunc flavour answers the sample as the model does; else none."""
        said, without = "", None
        for signature in signatures(self.mlflow, self.sample, self.expected):
            outcome, words = self._tried(folder, signature)
            if outcome == SAME:
                return
            said, without = words or said, without or self._tried(folder, None)[0]
            if outcome == without == OTHER:  # it is not the signature that makes the difference
                _change(self.mlflow, folder, signature=signature)
                self.notes.append("its pyfunc flavour answers in a different form than the model")
                return
        without, words = self._tried(folder, None)
        if without == REFUSED:
            self.notes.append(f"its pyfunc flavour does not take the rows of its example{words}")
        else:
            self.notes.append(f"no signature: MLflow's would refuse or change the data it was fitted on{said}")

    def _tried(self, folder: str, signature: Any) -> tuple[str, str]:
        """(what the pyfunc flavour does with the sample under that signature, what it says)."""
        _change(self.mlflow, folder, signature=signature)
        try:
            self._loaded = self.mlflow.pyfunc.load_model(folder)
            found = self._loaded.predict(self.sample)
        except Exception as error:
            as_the_model = self.refusal is not None and type(error) is type(self.refusal)
            return SAME if as_the_model else REFUSED, f": {_words(error)}"
        if self.refusal is not None or not self.comparable:
            return SAME, ""
        plain = found if type(found) is type(self.expected) else array(found)
        return SAME if same(plain, self.expected if plain is found else array(self.expected)) else OTHER, ""

    def _try_example(self, folder: str) -> None:
        """MLflow keeps the example as JSON: one that cannot be predicted when it is read back is taken out."""
        if self._loaded is None or not self._loaded.metadata.saved_input_example_info:
            return
        try:
            self._loaded.predict(with_types(self._loaded.input_example, types_of(self.sample)))
        except Exception as error:
            self.notes.append(f"no input example: as JSON it loses what the model needs: {_words(error)}")
            _change(self.mlflow, folder, saved_input_example_info=None)


def _change(mlflow: Any, folder: str, **fields: Any) -> None:
    """Change the description of a model that was written."""
    description = mlflow.models.Model.load(folder)
    for name, value in fields.items():
        setattr(description, name, value)
    description.save(os.path.join(folder, "MLmodel"))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:200]


def unpickle(data: bytes) -> Any:
    """The pickled object, with tensors of a GPU on the CPU: the kernel may fill the GPU, or there may be none here."""
    import cloudpickle

    if b"_load_from_bytes" not in data:
        return cloudpickle.loads(data)
    import torch

    before = torch.storage._load_from_bytes
    torch.storage._load_from_bytes = lambda piece: torch.load(io.BytesIO(piece), "cpu", weights_only=False)
    try:
        return cloudpickle.loads(data)
    finally:
        torch.storage._load_from_bytes = before


def array(value: Any) -> Any:
    """As an array of numpy."""
    import numpy

    return value.to_numpy() if hasattr(value, "to_numpy") else numpy.asarray(value)


def same(left: Any, right: Any) -> bool:
    """Equal bit for bit: type, shape, dtype and content (NaN equals the same NaN)."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if hasattr(left, "detach") and hasattr(left, "numpy"):
        left, right = left.detach().numpy(), right.detach().numpy()
    if hasattr(left, "equals") and hasattr(left, "to_numpy"):
        return bool(left.equals(right)) and same(left.to_numpy(), right.to_numpy())
    if hasattr(left, "toarray"):
        left, right = left.toarray(), right.toarray()
    if hasattr(left, "dtype") and hasattr(left, "tobytes"):
        if left.dtype != right.dtype or left.shape != right.shape:
            return False
        return same(left.tolist(), right.tolist()) if left.dtype.hasobject else left.tobytes() == right.tobytes()
    if isinstance(left, float):
        return pickle.dumps(left) == pickle.dumps(right)
    try:
        return bool(left == right)
    except Exception:
        return False
