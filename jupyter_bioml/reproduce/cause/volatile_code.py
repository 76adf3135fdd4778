"""Find code that makes a result change from run to run: clocks, unseeded generators, the order of sets.

Found by reading, so each finding is a suspicion with a place and a repair; :mod:`.prove` tests it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ...capture.calls import SEED_ARGUMENTS, SEEDERS
from ...notebooks.code_text import Names, Text

#: Functions that read the clock or the date.
_CLOCKS = frozenset((
    "time.time", "time.time_ns", "time.ctime", "time.localtime", "time.gmtime", "time.strftime",
    "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today",
    "pandas.Timestamp.now", "pandas.Timestamp.today", "pandas.Timestamp.utcnow", "uuid.uuid1",
))  # fmt: skip
_WITH_MOMENT = {"time.ctime": 0, "time.localtime": 0, "time.gmtime": 0, "time.strftime": 1}
_DURATIONS = ("time.time", "time.time_ns", "datetime.datetime.now")
#: Generators freshly seeded from the system's entropy if they get no seed.
_FRESH = frozenset((
    "numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.SeedSequence", "numpy.random.PCG64",
    "numpy.random.MT19937", "random.Random", "torch.seed",
))  # fmt: skip
#: Entropy that no seed reaches.
_ENTROPY = frozenset((
    "os.urandom", "uuid.uuid4", "random.SystemRandom", "secrets.randbelow", "secrets.randbits", "secrets.choice",
    "secrets.token_bytes", "secrets.token_hex", "secrets.token_urlsafe",
))  # fmt: skip
#: Beginnings of functions that seed several libraries, by custom.
_SEED_WORDS = ("seed_everything", "set_seed", "set_random_seed", "set_all_seeds", "fix_seed", "seed_all")
_SEED_ARGUMENTS = (*SEED_ARGUMENTS, "x", "entropy")
_NOT_DRAWS = ("seed", "get_state", "set_state", "getstate", "setstate", "Generator", "BitGenerator", "RandomState",
              "default_rng", "SeedSequence", "Random", "SystemRandom", "PCG64", "MT19937")  # fmt: skip
_TORCH_DRAWS = ("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "normal", "bernoulli", "multinomial")
_RANDOM_STATE = (
    "RandomForest", "ExtraTree", "GradientBoosting", "MLP", "KMeans", "SGD", "Bagging", "AdaBoost", "DecisionTree",
    "TSNE", "TruncatedSVD", "NMF", "LatentDirichletAllocation", "IsolationForest", "GaussianMixture", "UMAP",
    "train_test_split", "ShuffleSplit", "Perceptron", "PassiveAggressive", "RandomizedSearchCV", "resample", "shuffle",
    "LinearSVC", "SpectralClustering", "FastICA", "permutation_importance", "make_",
)  # fmt: skip
_RANDOM_STATE_ROOTS = ("sklearn", "imblearn", "umap")
_SHUFFLED = ("KFold", "StratifiedKFold", "StratifiedGroupKFold")
#: Functions for which the order of what they go through is of no matter.
_ORDERLESS = frozenset(("sorted", "len", "sum", "min", "max", "any", "all", "set", "frozenset", "bool"))
_ORDERED = frozenset(("list", "tuple", "enumerate", "iter", "next", "zip", "map", "filter"))

CLOCK, FRESH, GLOBAL, ESTIMATOR, HASH = "clock", "fresh", "global", "estimator", "hash-order"


@dataclass(frozen=True)
class Sight:
    """One place in the code that may make a result change from run to run."""

    kind: str
    where: str
    cell: int | None
    code: str
    repair: str
    library: str | None = None
    """The library whose recorded state reaches it; None: no recorded state does."""


def sights(texts: tuple[Text, ...]) -> list[Sight]:
    """Every suspicion in the code, in order of the texts."""
    names = Names(texts)
    found = [*_clocks(names), *_calls(names), *_hash_order(names)]
    order = {text.label: number for number, text in enumerate(texts)}
    return sorted(dict.fromkeys(found), key=lambda sight: order[sight.where])


def seeded(texts: tuple[Text, ...]) -> set[str]:
    """Libraries whose global generator the code seeds with a value."""
    found: set[str] = set()
    for _, call, meaning in Names(texts).calls():
        if not call.args and not call.keywords:
            continue
        if meaning in SEEDERS:
            found |= set() if _unseeded(call) else set(SEEDERS[meaning])
        elif meaning.rpartition(".")[2].startswith(_SEED_WORDS):
            found |= {"random", "numpy", "torch"}
    return found


# -- clocks ------------------------------------------------------------------------------------------


def _clocks(names: Names) -> Iterator[Sight]:
    durations = _duration_calls(names)
    for text, call, meaning in names.calls():
        if meaning not in _CLOCKS and not _is_now(names, call, meaning):
            continue
        if meaning in _WITH_MOMENT and len(call.args) > _WITH_MOMENT[meaning]:
            continue
        if id(call) in durations:
            continue
        moment = "datetime(2026, 1, 1)" if "date" in meaning or "pandas" in meaning else "a parameter"
        repair = f"in {text.label}, replace {text.segment(call)} by a fixed value, e.g. {moment}: {text.line_of(call)}"
        yield Sight(CLOCK, text.label, text.cell, text.segment(call), repair)


def _is_now(names: Names, call: ast.Call, meaning: str) -> bool:
    if meaning not in ("pandas.to_datetime", "pandas.Timestamp", "numpy.datetime64") or not call.args:
        return False
    first = call.args[0]
    return isinstance(first, ast.Constant) and first.value in ("now", "today")


def _duration_calls(names: Names) -> set[int]:
    """Clock readings that are only subtracted from one another: they measure a duration."""
    found: set[int] = set()
    stored: dict[str, list[ast.Call]] = {}
    subtracted: set[int] = set()
    loads: dict[str, list[ast.Name]] = {}
    for text in names.texts:
        for node in ast.walk(text.tree) if text.tree is not None else ():
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
                for side in (node.left, node.right):
                    subtracted.add(id(side))
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                if names.meaning(node.value.func) in _DURATIONS:
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            stored.setdefault(target.id, []).append(node.value)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                loads.setdefault(node.id, []).append(node)
    for _, call, meaning in names.calls():
        if meaning in _DURATIONS and id(call) in subtracted:
            found.add(id(call))
    for name, calls in stored.items():
        if name in loads and all(id(load) in subtracted for load in loads[name]):
            found |= {id(call) for call in calls}
    return found


# -- generators --------------------------------------------------------------------------------------


def _calls(names: Names) -> Iterator[Sight]:
    for text, call, meaning in names.calls():
        code, last = text.segment(call), meaning.rpartition(".")[2]
        if meaning in _FRESH and _unseeded(call):
            yield Sight(FRESH, text.label, text.cell, code, _edit(text, call, _with(text, call, "0")))
        elif meaning in _ENTROPY:
            repair = f"in {text.label}, take the value from a seeded generator: {text.line_of(call)}"
            yield Sight(FRESH, text.label, text.cell, code, repair)
        elif meaning in SEEDERS and _unseeded(call):
            yield Sight(FRESH, text.label, text.cell, code, _edit(text, call, _with(text, call, "0")))
        elif library := _drawn_from(meaning):
            seed = {"random": "random.seed(0)", "numpy": "np.random.seed(0)", "torch": "torch.manual_seed(0)"}[library]
            yield Sight(GLOBAL, text.label, text.cell, code, f"set a seed before {text.label}: {seed}", library)
        elif _takes_random_state(meaning) and not _has_random_state(call, last):
            made = _with(text, call, "random_state=0")
            library = None if _many_jobs(call) else "numpy"
            repair = f"set random_state in {text.label}: {_line_with(text, call, made)}"
            yield Sight(ESTIMATOR, text.label, text.cell, code, repair, library)


def _drawn_from(meaning: str) -> str | None:
    """The library whose global generator a function draws from."""
    module, _, last = meaning.rpartition(".")
    if last in _NOT_DRAWS:
        return None
    if module == "random":
        return "random"
    if module == "numpy.random":
        return "numpy"
    return "torch" if module == "torch" and last in _TORCH_DRAWS else None


def _takes_random_state(meaning: str) -> bool:
    last = meaning.rpartition(".")[2]
    known = (
        last.startswith((*_RANDOM_STATE, "MiniBatch")) or last in _SHUFFLED or ("Classifier" in last and "SGD" in last)
    )
    return meaning.partition(".")[0] in _RANDOM_STATE_ROOTS and known


def _has_random_state(call: ast.Call, last: str) -> bool:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in given:
        return True  # **options: not known
    if last in _SHUFFLED:
        shuffles = given.get("shuffle")
        if not (isinstance(shuffles, ast.Constant) and shuffles.value is True):
            return True
    shuffle = given.get("shuffle")
    if last == "train_test_split" and isinstance(shuffle, ast.Constant) and shuffle.value is False:
        return True
    return not _is_none(given.get("random_state"))


def _many_jobs(call: ast.Call) -> bool:
    jobs = next((keyword.value for keyword in call.keywords if keyword.arg == "n_jobs"), None)
    return jobs is not None and not (isinstance(jobs, ast.Constant) and jobs.value in (None, 1))


def _unseeded(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in _SEED_ARGUMENTS)]
    return not given or _is_none(given[0])


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


# -- the order of sets -------------------------------------------------------------------------------


def _hash_order(names: Names) -> Iterator[Sight]:
    sets = {
        target.id
        for text in names.texts
        for node in (ast.walk(text.tree) if text.tree is not None else ())
        if isinstance(node, ast.Assign) and _is_set(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for text in names.texts:
        if text.tree is None:
            continue
        for node in ast.walk(text.tree):
            for used in _gone_through(node):
                if _is_set(used, sets):
                    code = text.segment(used)
                    repair = f"in {text.label}, go through sorted({code}): {text.line_of(used)}"
                    yield Sight(HASH, text.label, text.cell, code, repair)
            if isinstance(node, ast.Call) and names.meaning(node.func) == "hash":
                repair = f"in {text.label}, use a digest (hashlib) in place of {text.segment(node)}"
                yield Sight(HASH, text.label, text.cell, text.segment(node), repair)


def _gone_through(node: ast.AST) -> Iterator[ast.expr]:
    """Expressions whose elements are taken one after another where the order can matter."""
    if isinstance(node, ast.For):
        yield node.iter
    elif isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp)):
        yield from (part.iter for part in node.generators)
    elif isinstance(node, ast.Call) and node.args:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in _ORDERED or name == "join":
            yield from node.args


def _is_set(node: ast.expr, sets: set[str]) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return not all(
            isinstance(item, ast.Constant) and isinstance(item.value, int) for item in getattr(node, "elts", [0])
        )
    if isinstance(node, ast.Name):
        return node.id in sets
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")


# -- repairs -----------------------------------------------------------------------------------------


def _with(text: Text, call: ast.Call, argument: str) -> str:
    """The call with one argument more."""
    rest = [ast.unparse(item) for item in call.args if not _is_none(item)]
    rest += [ast.unparse(item) for item in call.keywords if item.arg != argument.partition("=")[0]]
    return f"{ast.unparse(call.func)}({', '.join([*rest, argument])})"


def _line_with(text: Text, call: ast.Call, made: str) -> str:
    line, old = text.line_of(call), text.segment(call)
    return line.replace(old, made) if old in line else made


def _edit(text: Text, call: ast.Call, made: str) -> str:
    return f"in {text.label}: {_line_with(text, call, made)}"
