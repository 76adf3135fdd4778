"""Which predictions flow where in a cell, by names."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.scores.carried import DERIVED
from jupyter_bioml.scores.flow import Flow, flow_of
from jupyter_bioml.scores.syntax import called, position

#: What is a model, and a network, while these cells run.
MODELS = {"clf", "model", "m", "net", "res", "km", "rsf", "cph", "grid", "pipe", "self.model", "knn"}
NETWORKS = {"net"}


def flow(source: str, **before: frozenset[str]) -> Flow:
    return flow_of(source, MODELS.__contains__, before, NETWORKS.__contains__)


#: Source → what is computed from predictions ("?": of them alone; "+": a running sum; "@": shown), and what names carry.
CELLS: list[tuple[str, set[str], dict[str, set[str]]]] = [
    ("p = clf.predict(X)\nacc = accuracy_score(y, p)", {"acc"}, {"p": {"clf"}, "acc": {"clf"}}),
    ("p = clf.predict_proba(X)[:, 1]\nauc = roc_auc_score(y, p)", {"auc"}, {"p": {"clf"}}),
    ("p = (clf.predict_proba(X)[:,1] > .5).astype(int)\nacc = np.mean(p == y)", {"acc"}, {"p": {"clf"}}),
    ("acc = (clf.predict(X) == y).mean()", {"acc"}, {}),
    (
        "df['pred'] = clf.predict(X)\nacc = (df['pred'] == df['y']).mean()\nage = df['age'].mean()",
        {"acc"},
        {"df": {"clf"}},
    ),
    (
        "p = clf.predict(X)\ndf = pd.DataFrame({'y': y, 'pred': p})\nrmse = ((df.y - df.pred)**2).mean()**.5\nm2 = df.y.mean()",
        {"rmse"},
        {},
    ),
    ("p = model.predict(X)\ncm = confusion_matrix(y, p)\ntn, fp, fn, tp = cm.ravel()\nsens = tp/(tp+fn)", {"sens"}, {}),
    ("p = clf.predict(X)\nn = len(p); s = p.shape[0]; k = p.size", set(), {}),
    ("p = clf.predict(X)\nm1 = p.mean()", {"m1?"}, {}),
    ("p = clf.predict(X)\nn_pos = (p == 1).sum()", set(), {}),
    (
        "fpr, tpr, thr = roc_curve(y, clf.predict_proba(X)[:,1])\na = auc(fpr, tpr)\nix = np.argmax(tpr - fpr)\nbest = thr[ix]",
        {"a"},
        {},
    ),
    (
        "out = net(x)\nloss = crit(out, y)\n_, pred = out.max(1)\ncorrect += (pred == y).sum().item()\nacc = correct / total",
        {"loss", "acc"},
        {"pred": {"net"}},
    ),
    (
        "for x, y in loader:\n    out = net(x)\n    pred = out.argmax(1)\n    correct += pred.eq(y).sum().item()\n    total += y.size(0)\nacc = 100 * correct / total",
        {"acc"},
        {},
    ),
    (
        "running = 0.0\nfor x, y in loader:\n    out = net(x)\n    loss = crit(out, y)\n    loss.backward()\n    running += loss.item()\nepoch_loss = running / len(loader)",
        {"loss", "epoch_loss", "running+"},
        {},
    ),
    (
        "labels = km.fit_predict(X)\nsil = silhouette_score(X, labels)\nn_clusters = len(set(labels)) - (1 if -1 in labels else 0)\nn_noise = list(labels).count(-1)",
        {"sil"},
        {"labels": {"km"}},
    ),
    ("r2 = 1 - ((y - res.fittedvalues)**2).sum() / ((y - y.mean())**2).sum()", {"r2"}, {}),
    ("rmse = np.sqrt(np.mean(res.resid**2))", {"rmse?"}, {}),
    (
        "p1 = clf.predict_proba(X)\np2 = model.predict_proba(X)\np = (p1 + p2) / 2\nauc = roc_auc_score(y, p[:,1])",
        {"auc"},
        {"p": {"clf", "model"}},
    ),
    (
        "preds = []\nfor m in models:\n    preds.append(m.predict(X))\nens = np.mean(preds, axis=0)\nmae = mean_absolute_error(y, ens)",
        {"mae"},
        {"ens": {"m"}},
    ),
    (
        "surv = rsf.predict_survival_function(X)\npreds = np.asarray([[fn(t) for t in times] for fn in surv])\nibs = integrated_brier_score(ytr, yte, preds, times)",
        {"ibs"},
        {"preds": {"rsf"}},
    ),
    ("c = concordance_index(T, -cph.predict_partial_hazard(X), E)", {"c"}, {}),
    ("p = cross_val_predict(clf, X, y, cv=5)\nacc = accuracy_score(y, p)", {"acc"}, {"p": {"clf"}}),
    ("acc = sum(1 for a, b in zip(y, clf.predict(X)) if a == b) / len(y)", {"acc"}, {}),
    ("acc = np.mean([a == b for a, b in zip(y, clf.predict(X))])", {"acc"}, {}),
    ("p = clf.fit(X, y).predict(X)\nacc = f(y, p)", {"acc"}, {"p": {"clf"}}),
    ("p = models[name].predict(X)\nacc = f(y, p)", {"acc"}, {"p": {"models[name]"}}),
    ("p = grid.best_estimator_.predict(X)\nacc = f(y, p)", {"acc"}, {"p": {"grid"}}),
    ("X2 = scaler.transform(X)\nz = X2.mean()", set(), {}),
    ("p = other.predict(X)\nacc = f(y, p)", set(), {}),
    ("p = clf.predict(X)\np = 3\nacc = f(y, p)", set(), {}),
    ("p = clf.predict(X)\nif a:\n    p = model.predict(X)\nacc = f(y, p)", {"acc"}, {"p": {"clf", "model"}}),
    ("with torch.no_grad():\n    out = net(x)\n    acc = (out.argmax(1) == y).float().mean()", {"acc"}, {}),
    ("p = clf.predict(X)\nres2 = {}\nres2['acc'] = f(y, p)", set(), {"res2": {"clf"}}),
    ("p = clf.predict(X)\nprint('mse', np.mean((y - p)**2))", {"@"}, {}),
    ("p = clf.predict(X)\nprint(f'mse {np.mean((y - p)**2):.2f} {len(p)} {p.shape}')", {"@"}, {}),
    ("p = clf.predict(X)\nnp.mean(y == p)", {"@"}, {}),
    ("p = clf.predict(X)\np[:5]", set(), {}),
    ("p = clf.predict(X)\n(y == p).sum()", set(), {}),
    ("df['cluster'] = km.labels_\ndf.groupby('cluster').age.mean()", set(), {}),
    ("df['cluster'] = km.labels_\nmean_age = df[df['cluster'] == 1]['age'].mean()", set(), {}),
    ("p = clf.predict(X)\nacc = f(y, p)\nprint(acc > .9)\nok = acc > .9", {"acc"}, {}),
    ("preds = {n: m.predict(X) for n, m in models.items()}\nacc = f(y, preds['rf'])", {"acc"}, {}),
    ("metric.update(net(x), y)\nacc = metric.compute()", {"acc"}, {}),
    ("p = np.expm1(model.predict(X))\nrmsle = np.sqrt(msle(y, p))", {"rmsle"}, {"p": {"model"}}),
    (
        "p = scaler.inverse_transform(model.predict(X).reshape(-1, 1))\nmae = np.abs(y - p).mean()",
        {"mae"},
        {"p": {"model"}},
    ),
    ("p = le.inverse_transform(clf.predict(X))", set(), {"p": {"clf"}}),
    ("p = pd.Series(clf.predict(X), index=y.index)\nr = p.corr(y)", {"r"}, {"p": {"clf"}}),
    ("_, predicted = torch.max(net(x), 1)\nn = predicted.size(0)", set(), {"predicted": {"net"}}),
    ("loss, acc = evaluate(net(x), y), 3", {"loss"}, {}),
    ("try:\n    p = clf.predict(X)\nexcept Exception:\n    p = None\nacc = f(y, p)", {"acc"}, {}),
    ("p = clf.predict(X_new)\nrisk = clf.predict_proba(X_new)[0, 1]\nprint('risk', risk)", set(), {}),
    ("acc = (p := clf.predict(X), f(y, p))[1]", {"acc"}, {}),
    ("def ev(model, X, y):\n    p = model.predict(X)\n    acc = f(y, p)\n    return acc", set(), {}),
    ("preds = clf.predict(X)\nresiduals = y - preds\nrmse = np.sqrt((residuals**2).mean())", {"rmse", "residuals"}, {}),
    ("score = clf.score(X, y)", set(), {}),
]


@pytest.mark.parametrize(("source", "computed", "left"), CELLS, ids=[row[0] for row in CELLS])
def test_cells(source: str, computed: set[str], left: dict[str, set[str]]) -> None:
    found = flow(source)
    marks = {(one.name or "@") + "?" * (not one.against) + "+" * one.accumulated for one in found.computed}
    assert marks == computed
    assert {name: set(found.models_of(name)) for name in left} == left


def models_at(source: str, function: str, **before: frozenset[str]) -> set[str]:
    call = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and called(node) == function)
    return set(flow(source, **before).calls.get(position(call), frozenset()))


@pytest.mark.parametrize(
    ("source", "models"),
    [
        ("f(y, clf.predict(X))", {"clf"}), ("f(y, model.interpolate(10).predict_surv_df(X))", {"model"}), ("p = clf.predict(X)\nf(y, p)", {"clf"}), ("f(y, p)", {"old"}), ("f(clf, X, y)", {"clf"}),
        ("clf.f(X, y)", {"clf"}), ("f(y, np.argmax(net(x), 1))", {"net"}), ("f(y, X)", set()), ("f(y, q.values[:, 1] > 0.5)", {"older"}),
        ("a = f(y, clf.predict(X)), g(y, model.predict(X))", {"clf"}), ("f(y, {'p': p})", {"old"}), ("f(y, y_score=p[:, 1])", {"old"}),
        ("for p in ps:\n    q = clf.predict(p)\n    f(y, q)", {"clf"}), ("def ev(model):\n    return f(y, model.predict(X))", {"model"}),
        ("class A:\n    def ev(self):\n        return f(y, self.model.predict(X))", {"self.model"}), ("[f(y, m.predict(X)) for m in ms]", {"m"}),
        ("def ev(estimator):\n    return f(y, estimator.predict(X))", {"estimator"}), ("def ev(p):\n    return f(y, p)", set()),
        ("p = X\nf(y, p)", set()), ("del p\nf(y, p)", set()), ("if a:\n    p = model.predict(X)\nf(y, p)", {"old", "model"}),
        ("f(y, [clf.predict(a), model.predict(b)])", {"clf", "model"}), ("print(f'{f(y, p)}')", {"old"}), ("lambda: f(y, p)", set()),
    ],
)  # fmt: skip
def test_the_models_that_flow_into_a_call(source: str, models: set[str]) -> None:
    assert models_at(source, "f", p=frozenset(("old",)), q=frozenset(("older",))) == models


def test_the_next_cell_knows_what_names_carry() -> None:
    first = flow("p = clf.predict(X)\ndf['pred'] = p\nresidual = y - p")
    second = flow_of(
        "rmse = (residual ** 2).mean() ** 0.5\nacc = (df['pred'] == df['y']).mean()", MODELS.__contains__, first.left
    )
    assert [(one.name, set(one.models), one.against) for one in second.computed] == [
        ("rmse", {"clf"}, True),
        ("acc", {"clf"}, True),
    ]
    assert first.left["residual"].kind == DERIVED


def test_what_is_shown_has_its_place() -> None:
    found = flow("p = clf.predict(X)\nprint('mse:', ((y - p) ** 2).mean())")
    (shown,) = found.computed
    assert shown.name is None and shown.place[:2] == (2, 14)


@pytest.mark.parametrize(
    "source",
    [
        "def",
        "x = " + "(" * 3000 + "1" + ")" * 3000,
        "-" * 50_000 + "1",
        "a" + ".b" * 5_000,
        "[x for x in " * 60 + "p" + "]" * 60,
        "".join(" " * i + "for a in b:\n" for i in range(60)) + " " * 60 + "f(p)",
        "f(" * 90 + "p" + ")" * 90,
        "a = " + "p + " * 3000 + "1",
    ],
)
def test_hostile_text(source: str) -> None:
    assert isinstance(flow(source, p=frozenset(("m",))), Flow)


LINES = st.lists(
    st.sampled_from(
        ["p = clf.predict(X)", "q, r = p, y", "q, *r = p", "df['a'] = p", "df.b = p", "acc = f(y, p)", "p[0] = 1", "p += q", "[p.append(i) for i in q]",
         "for i, (a, b) in enumerate(zip(y, p)): q = a - b", "while p: p = g(p)", "del q", "with p as q: pass", "p = {k: v for k, v in p}", "x = p if q else r",
         "def g(p): return p", "class A:\n    z = p\n    def m(self): self.p = p", "print(f'{p:.2f}', q, *r)", "match p:\n    case [a, b]: q = a",
         "try:\n    p = 1\nexcept E:\n    q = p\nfinally:\n    r = q", "global p", "import os", "assert p, q", "raise p", "p: int", "(p := q)", "lambda p: p",
         "a.b[c].d = p", "f(**p)", "p.x.y.update(q, r)", "p[1:2, 'k'] = q", "async def h():\n    await p", "p = yield_(p)"]
    ),
    max_size=12,
).map("\n".join)  # fmt: skip


@given(LINES)
def test_nothing_raises(source: str) -> None:
    found = flow(source, q=frozenset(("m",)))
    assert all(one.models for one in found.computed)
    assert all(value.models for value in found.left.values())
