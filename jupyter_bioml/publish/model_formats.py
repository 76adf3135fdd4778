"""Store a model as an MLflow model: its native flavour and pyfunc, read back and compared bit for bit.

Runs in the model's own process; mlflow is handed in by its gateway, :mod:`.model_job`.
"""

from __future__ import annotations

import contextlib
import io
import pickle
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BiomlError

SKOPS, CLOUDPICKLE = "skops", "cloudpickle"
#: Packages needed to load any model; those that are not installed are left out.
_ALWAYS = ("mlflow", "cloudpickle", "numpy", "pandas", "scipy")
#: Names in a pickle → what they are: skops (0.11 to 0.16) asks for trust in each.
_REFUSED_BY_SKOPS = {
    b"cloudpickle.cloudpickle": "code of the notebook",
    b"sklearn.tree._tree": "decision trees",
    b"sklearn._loss": "a compiled loss function",
}


class NotTheSame(BiomlError):
    """The model that was read back differs from the original."""

    code = "model-differs"


@dataclass
class Flavor:
    """One MLflow flavour at work on one model. ``notes``: what a reader should know."""

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
    distributions: tuple[str, ...]
    state: Callable[[Any], Any] = lambda model: None
    """The state that must be equal if there are no rows to predict."""
    signature: Any = None
    expected: Any = None
    comparable: bool = False

    def prepare(self) -> list[str]:
        """Predict the sample (twice: what is not deterministic cannot be compared); returns notes."""
        if self.sample is None:
            return []
        try:
            self.expected = self.predict(self.model, self.sample)
            self.comparable = same(self.expected, self.predict(self.model, self.sample))
            self.signature = self.mlflow.models.infer_signature(self.sample, self.expected)
        except Exception as error:
            self.sample = self.signature = None
            return [f"no input example and signature: {type(error).__name__}: {error}"[:300]]
        return [] if self.comparable else ["its predictions are not deterministic: they were not compared"]

    def write(self, kept_as: str, folder: str, needed: list[str]) -> None:
        """Write the MLflow model into ``folder``."""
        given: dict[str, Any] = {"pip_requirements": needed}
        if self.signature is not None:
            given |= {"signature": self.signature, "input_example": self.sample}
        self.save(kept_as, folder, given)

    def check(self, folder: str) -> list[str]:
        """Read ``folder`` back; returns notes.

        :raises NotTheSame: when it predicts otherwise, or holds another state.
        """
        again = self.load(folder)
        if not same(self.state(self.model), self.state(again)):
            raise NotTheSame("The model that was read back has a different state.")
        if not self.comparable:
            return []
        if not same(self.expected, self.predict(again, self.sample)):
            raise NotTheSame("The model that was read back gives different predictions.")
        return self._check_pyfunc(folder)

    def _check_pyfunc(self, folder: str) -> list[str]:
        try:
            generic = self.mlflow.pyfunc.load_model(folder).predict(self.sample)
        except Exception as error:
            return [f"its pyfunc flavour does not take the input example: {type(error).__name__}: {error}"[:300]]
        plain = generic if type(generic) is type(self.expected) else _array(generic)
        if not same(plain, self.expected if plain is generic else _array(self.expected)):
            return ["its pyfunc flavour answers in a different form than the model"]
        return []


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


def flavor_of(mlflow: Any, kind: str, model: Any, sample: Any) -> Flavor:
    """The flavour ``sklearn``, ``pytorch`` or ``pyfunc`` at work on ``model``."""
    return {"sklearn": _sklearn, "pytorch": _pytorch}.get(kind, _pyfunc)(mlflow, model, sample)


def _sklearn(mlflow: Any, model: Any, sample: Any) -> Flavor:
    def save(kept_as: str, folder: str, given: dict[str, Any]) -> None:
        mlflow.sklearn.save_model(model, folder, serialization_format=kept_as, **given)

    method = next((name for name in ("predict", "transform") if hasattr(model, name)), None)
    return Flavor(
        mlflow,
        model,
        sample if method else None,
        lambda which, rows: getattr(which, str(method))(rows),
        save,
        mlflow.sklearn.load_model,
        (SKOPS, CLOUDPICKLE),
        ("scikit-learn",),
    )


def _pytorch(mlflow: Any, model: Any, sample: Any) -> Flavor:
    import torch

    model = model.to("cpu")  # so that it loads where there is no GPU; the weights stay as they are

    def predict(which: Any, rows: Any) -> Any:
        was_training = which.training
        which.eval()
        try:
            with torch.no_grad():
                found = which(torch.from_numpy(rows))
        finally:
            which.train(was_training)
        return found.numpy() if isinstance(found, torch.Tensor) else found

    def save(kept_as: str, folder: str, given: dict[str, Any]) -> None:
        mlflow.pytorch.save_model(model, folder, serialization_format="pickle", **given)

    if isinstance(sample, torch.Tensor):
        sample = sample.detach().cpu().numpy()
    elif sample is not None:
        sample = _array(sample).astype("float32")
    return Flavor(
        mlflow,
        model,
        sample,
        predict,
        save,
        mlflow.pytorch.load_model,
        (CLOUDPICKLE,),
        ("torch",),
        lambda which: {key: value.cpu() for key, value in which.state_dict().items()},
    )


def _pyfunc(mlflow: Any, model: Any, sample: Any) -> Flavor:
    method = "predict" if hasattr(model, "predict") else "__call__"
    if not callable(getattr(model, method, None)):
        raise NotTheSame("It has no predict method and cannot be called, so it is not an MLflow model.")

    class Wrapped(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        """Pickled by value, because it is local: the model loads without this package."""

        def __init__(self, inner: Any, name: str) -> None:
            self.inner = inner
            self.name = name

        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
            return getattr(self.inner, self.name)(model_input)

    Wrapped.__module__ = "__main__"

    def save(kept_as: str, folder: str, given: dict[str, Any]) -> None:
        mlflow.pyfunc.save_model(folder, python_model=Wrapped(model, method), **given)

    return Flavor(
        mlflow,
        model,
        sample,
        lambda which, rows: getattr(which, method)(rows),
        save,
        lambda folder: mlflow.pyfunc.load_model(folder).unwrap_python_model().inner,
        (CLOUDPICKLE,),
        (),
    )


def needs_trust(model: Any, pickled: bytes) -> str | None:
    """Why skops would not load ``model`` back without being told to trust types; None when it does.

    What it is known to refuse is seen in the pickle: importing skops costs seconds.
    """
    for mark, what in _REFUSED_BY_SKOPS.items():
        if mark in pickled:
            return f"it holds {what}, which skops loads only if told to trust it"
    try:
        import skops.io
        from skops.io.exceptions import UntrustedTypesFoundException
    except ImportError:
        return "skops is not installed"
    try:
        skops.io.loads(skops.io.dumps(model))
    except UntrustedTypesFoundException as error:
        return f"it has types that skops does not trust: {error}".splitlines()[0][:300]
    except Exception as error:
        return f"skops cannot keep it: {type(error).__name__}: {error}".splitlines()[0][:300]
    return None


def requirements(kept_as: str, flavor: Flavor, imported: Iterable[str], versions: Mapping[str, str]) -> list[str]:
    """``name==version`` of what loading the model needs: the flavour's packages and those its pickle imported.

    :param imported: modules that unpickling and predicting brought in.
    :param versions: those of the run's environment; what is not in it has the version that is installed here.
    """
    from importlib import metadata

    tops = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    wanted = {*_ALWAYS, *flavor.distributions, *_owners(tops)}
    if kept_as == SKOPS:
        wanted.add("skops")
    found = {}
    for name in wanted:
        plain = name.lower().replace("_", "-").replace(".", "-")
        with contextlib.suppress(metadata.PackageNotFoundError):
            version = versions.get(plain) or metadata.version(name)
            found[plain] = version.partition("+")[0]  # local builds (2.1+cpu) are not on the index
    found.pop("jupyter-bioml", None)
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def _owners(tops: set[str]) -> set[str]:
    """The distributions of top-level modules. Asking the interpreter for all of them reads every file list (1 s):
    most are called like their module, the others say so in ``top_level.txt``."""
    from importlib import metadata

    found, unknown = set(), set()
    for top in tops:
        try:
            found.add(metadata.distribution(top).metadata["Name"])
        except (metadata.PackageNotFoundError, ValueError):
            unknown.add(top)
    for distribution in metadata.distributions() if unknown else ():
        if unknown & set((distribution.read_text("top_level.txt") or "").split()):
            found.add(distribution.metadata["Name"])
    return found


def _array(value: Any) -> Any:
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
