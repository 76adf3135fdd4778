"""Where a scoring call's value goes, and the name of its metric: rules N1, N2, N3 and N5 in many shapes."""

from __future__ import annotations

import ast
import dis
import types
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.scores.arithmetic import evaluate
from jupyter_bioml.scores.site_reader import sites_of
from jupyter_bioml.scores.sites import Site
from jupyter_bioml.scores.syntax import called, position

#: What the running cell says of names: texts, numbers, and of a model its variable.
RUNNING = {"name": "RF", "m": "rf_model", "i": 2, "label": "Validation accuracy", "title": "SVM", "d": "train"}


def site(source: str, function: str) -> Site:
    """The site of the first call of a function in a source."""
    found = sites_of(source)
    assert found is not None
    call = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and called(node) == function)
    where = found.at(position(call))
    assert where is not None
    return where


#: Source → name of the metric; the call is of accuracy_score where no other function is named.
NAMES: list[tuple[str, str, str]] = [
    ("c = pd.Series([g(X), accuracy_score(y, p)], index=['rf', 'svm'])", "accuracy_score", "c.svm"),
    ("t = pd.DataFrame([[g(X), accuracy_score(y, p)]], index=[name], columns=['a', 'b'])", "accuracy_score", "t.b"),
    ("for name, _ in models:\n    acc = accuracy_score(y, p)", "accuracy_score", "acc.RF"),
    ("acc = accuracy_score(y, p)", "accuracy_score", "acc"),
    ("acc: float = accuracy_score(y, p)", "accuracy_score", "acc"),
    ("acc, f1 = accuracy_score(y, p), f1_score(y, p)", "accuracy_score", "acc"),
    ("rmse = np.sqrt(mean_squared_error(y, p))", "mean_squared_error", "rmse"),
    ("rmse = mean_squared_error(y, p) ** 0.5", "mean_squared_error", "rmse"),
    ("err = 1 - accuracy_score(y, p)", "accuracy_score", "err"),
    ("res['rf'] = accuracy_score(y, p)", "accuracy_score", "res.rf"),
    ("res = {'acc': accuracy_score(y, p), 'f1': 3}", "accuracy_score", "res.acc"),
    ("res = {'rf': {'acc': accuracy_score(y, p), 'f1': g(y)}}", "accuracy_score", "res.rf.acc"),
    ("res = dict(acc=accuracy_score(y, p))", "accuracy_score", "res.acc"),
    ("accs.append(accuracy_score(y, p))", "accuracy_score", "accs"),
    (
        "for name, m in models:\n    rows.append({'model': name, 'acc': accuracy_score(y, p)})",
        "accuracy_score",
        "acc.RF",
    ),
    ("rows.append({'fold': i, 'acc': accuracy_score(y, p)})", "accuracy_score", "acc"),
    (
        "for name, m in models:\n    rows.append([name, accuracy_score(y, p), f1_score(y,p)])",
        "accuracy_score",
        "accuracy.RF",
    ),
    ("for name, m in models:\n    rows.append((name, accuracy_score(y, p)))", "accuracy_score", "rows.RF"),
    ("for name, m in models:\n    res[name] = accuracy_score(y, p)", "accuracy_score", "res.RF"),
    ("for name, m in models:\n    res[name] = {'acc': accuracy_score(y, p)}", "accuracy_score", "res.RF.acc"),
    ("for name, m in models:\n    res[name]['acc'] = accuracy_score(y, p)", "accuracy_score", "res.RF.acc"),
    ("for name, m in models:\n    acc = accuracy_score(y, p)", "accuracy_score", "acc.RF"),
    ("for i in range(3):\n    acc = accuracy_score(y, p)", "accuracy_score", "acc"),
    ("for i in range(3):\n    accs[i] = accuracy_score(y, p)", "accuracy_score", "accs"),
    ("res = {name: accuracy_score(y, m.predict(X)) for name, m in models.items()}", "accuracy_score", "res.RF"),
    ("accs = [accuracy_score(y, m.predict(X)) for m in ms]", "accuracy_score", "accs.rf_model"),
    ("accs = [accuracy_score(y, k) for i in range(4)]", "accuracy_score", "accs"),
    ("print('Test accuracy:', accuracy_score(y, p))", "accuracy_score", "test_accuracy"),
    ("print('Test accuracy: %.3f' % accuracy_score(y, p))", "accuracy_score", "test_accuracy"),
    ("print('%s accuracy: %.3f' % (name, accuracy_score(y, p)))", "accuracy_score", "accuracy.RF"),
    ("print('Acc: {:.3f}, F1 {}'.format(accuracy_score(y, p), f1_score(y,p)))", "accuracy_score", "acc"),
    ("print('F1 {}, Acc: {:.3f}'.format(f1_score(y,p), accuracy_score(y, p)))", "accuracy_score", "acc"),
    ("print(f'Test accuracy = {accuracy_score(y, p):.3f}')", "accuracy_score", "test_accuracy"),
    ("print(f'{name}: accuracy = {accuracy_score(y, p):.3f}')", "accuracy_score", "accuracy.RF"),
    ("print(f'{name} accuracy: {accuracy_score(y, p):.3f} f1: {f1_score(y,p)}')", "accuracy_score", "accuracy.RF"),
    ("print('Accuracy: ' + str(accuracy_score(y, p)))", "accuracy_score", "accuracy"),
    ("print('Accuracy: ' + str(round(accuracy_score(y, p), 2)) + '%')", "accuracy_score", "accuracy"),
    ("print('\\nAccuracy:\\n', accuracy_score(y, p))", "accuracy_score", "accuracy"),
    ("print('f1', f1_score(y,p), 'acc', accuracy_score(y, p))", "accuracy_score", "acc"),
    ("print(accuracy_score(y, p))", "accuracy_score", "accuracy.y"),
    ("accuracy_score(y_test.values, p)", "accuracy_score", "accuracy.y_test"),
    ("round(accuracy_score(y_test, p), 3)", "accuracy_score", "accuracy.y_test"),
    ("accuracy_score(y[1::2], p)", "accuracy_score", "accuracy.y"),
    ("accuracy_score(np.argmax(y_test, 1), p)", "accuracy_score", "accuracy.y_test"),
    ("{'acc': accuracy_score(y, p)}", "accuracy_score", "acc"),
    ("pd.DataFrame({'acc': [accuracy_score(y, p)]})", "accuracy_score", "acc"),
    ("df = pd.DataFrame({'acc': [accuracy_score(y, p)]})", "accuracy_score", "df.acc"),
    ("s = pd.Series([accuracy_score(y, p), f1_score(y, p)], index=['acc','f1'])", "accuracy_score", "s.acc"),
    ("if accuracy_score(y, p) > .9: pass", "accuracy_score", "accuracy.y"),
    ("best = max(best, accuracy_score(y, p))", "accuracy_score", "accuracy.y"),
    ("ok = accuracy_score(y, p) > .9", "accuracy_score", "accuracy.y"),
    ("wandb.log({'acc': accuracy_score(y, p)})", "accuracy_score", "acc"),
    ("mlflow.log_metric('acc', accuracy_score(y, p))", "accuracy_score", "acc"),
    ("plt.title(f'ROC (AUC = {accuracy_score(y, p):.2f})')", "accuracy_score", "auc"),
    ("label = f'ROC (AUC = {accuracy_score(y, p):.2f})'", "accuracy_score", "auc"),
    ("def ev(m):\n    return accuracy_score(y, p)", "accuracy_score", "accuracy.y"),
    ("def ev(m):\n    acc = accuracy_score(y, p)\n    return acc", "accuracy_score", "acc"),
    ("self.acc = accuracy_score(y, p)", "accuracy_score", "acc"),
    ("df.loc[name, 'acc'] = accuracy_score(y, p)", "accuracy_score", "df.RF.acc"),
    ("df.loc[len(df)] = [name, accuracy_score(y, p), f1_score(y,p)]", "accuracy_score", "df.accuracy.RF"),
    ("history['val'].append(accuracy_score(y, p))", "accuracy_score", "history.val"),
    ("(acc := accuracy_score(y, p))", "accuracy_score", "acc"),
    ("a = b = accuracy_score(y, p)", "accuracy_score", "a"),
    ("total += accuracy_score(y, p)", "accuracy_score", "total"),
    ("accs += [accuracy_score(y, p)]", "accuracy_score", "accs"),
    ("with x:\n    acc = accuracy_score(y, p)", "accuracy_score", "acc"),
    ("logger.info('acc %.2f', accuracy_score(y, p))", "accuracy_score", "acc"),
    ("logging.info(f'acc {accuracy_score(y, p)}')", "accuracy_score", "acc"),
    ("acc = 100 * accuracy_score(y, p)", "accuracy_score", "acc"),
    ("acc = float(accuracy_score(y, p))", "accuracy_score", "acc"),
    ("_ = accuracy_score(y, p)", "accuracy_score", "accuracy.y"),
    ("print(label, accuracy_score(y, p))", "accuracy_score", "validation_accuracy"),
    ("print(title + ':', accuracy_score(y, p))", "accuracy_score", "accuracy.y.SVM"),
    ("res[f'{name}_acc'] = accuracy_score(y, p)", "accuracy_score", "res.RF_acc"),
    ("res['acc_' + name] = accuracy_score(y, p)", "accuracy_score", "res.acc_RF"),
    ("for name,m in z:\n  res[f'{name}_acc'] = accuracy_score(y, p)", "accuracy_score", "res.RF_acc"),
    ("print(f'loss {loss:.2f} acc {accuracy_score(y, p):.2f}')", "accuracy_score", "acc"),
    ("print(name.upper(), 'accuracy', accuracy_score(y, p))", "accuracy_score", "accuracy.RF"),
    ("print('SVM:', accuracy_score(y, p))", "accuracy_score", "svm"),
    ("results.append({'Model': name, 'Test': {'acc': accuracy_score(y, p)}})", "accuracy_score", "Test.acc.RF"),
    ("print('-'*10, accuracy_score(y, p))", "accuracy_score", "accuracy.y"),
    ("print(type(m).__name__, 'R2:', accuracy_score(y, p))", "accuracy_score", "r2"),
    ("for m in ms:\n  print(type(m).__name__, 'R2:', accuracy_score(y, p))", "accuracy_score", "r2.rf_model"),
    (
        "for d in ['train','test']:\n  for name, m in models:\n    res[d][name] = accuracy_score(y, p)",
        "accuracy_score",
        "res.train.RF",
    ),
    (
        "for d in ['train','test']:\n  for name, m in models:\n    acc = accuracy_score(y, p)",
        "accuracy_score",
        "acc.train.RF",
    ),
    ("for d in ['train','test']:\n  print(d, 'accuracy', accuracy_score(y, p))", "accuracy_score", "accuracy.train"),
    ("for name, m in models:\n    print(name, accuracy_score(y, p))", "accuracy_score", "accuracy.y.RF"),
    (
        "for i, (tr, te) in enumerate(kf.split(X)):\n    print(f'Fold {i}: AUC {accuracy_score(y, p)}')",
        "accuracy_score",
        "auc",
    ),
    (
        'print(f"""\nTrain: {f1_score(y,p)}\nTest accuracy: {accuracy_score(y, p)}\n""")',
        "accuracy_score",
        "test_accuracy",
    ),
    ("res = [('rf', accuracy_score(y, p)), ('svm', g(y))]", "accuracy_score", "res.rf"),
    ("print('Genauigkeit (Test): {0:.2f}%'.format(accuracy_score(y, p)*100))", "accuracy_score", "genauigkeit_test"),
    ("print(f'Accuracy of {name} on test set: {accuracy_score(y, p)}')", "accuracy_score", "accuracy_on_test_set.RF"),
    ("x = accuracy_score(y_true=y_test, y_pred=p)\n", "accuracy_score", "x"),
    ("accuracy_score(y_true=y_test, y_pred=p)", "accuracy_score", "accuracy.y_test"),
    ("accuracy_score(df['target'], p)", "accuracy_score", "accuracy.target"),
    ("Result(acc=accuracy_score(y,p))", "accuracy_score", "acc"),
    ("r = Result(acc=accuracy_score(y,p))", "accuracy_score", "r.acc"),
    (
        "results['Model'].append(name); results['Accuracy'].append(accuracy_score(y, p))",
        "accuracy_score",
        "results.Accuracy",
    ),
    ("print('Accuracy :', round(accuracy_score(y, p)*100, 2), '%')", "accuracy_score", "accuracy"),
    ("print('train/test', f1_score(y,p), accuracy_score(y,p))", "accuracy_score", "train_test"),
    ("ax.text(0.1, 0.2, f'R2 = {accuracy_score(y,p):.2f}')", "accuracy_score", "r2"),
    ("acc = accuracy_score(y, p) if ok else None", "accuracy_score", "acc"),
    ("m = cross_val_score(clf, X, y).mean()", "cross_val_score", "m"),
    ("m = np.mean(cross_val_score(clf, X, y, cv=5))", "cross_val_score", "m"),
    ("cross_val_score(clf, X, y).mean()", "cross_val_score", "cross_val.clf"),
    ("clf.score(X_test, y_test)", "score", "score.y_test"),
    ("pipe['clf'].score(X, y=y_te)", "score", "score.y_te"),
    ("r, p = pearsonr(a, b)", "pearsonr", "r"),
    ("r = pearsonr(a, b)[0]", "pearsonr", "r"),
    ("r = pearsonr(a, b).statistic", "pearsonr", "r"),
]


@pytest.mark.parametrize(("source", "function", "name"), NAMES, ids=[row[0] for row in NAMES])
def test_names(source: str, function: str, name: str) -> None:
    found = site(source, function)
    assert found.name(function, RUNNING.get, 0 if found.unpacked else None) == name


def test_unpacking_names_each_part() -> None:
    found = site(
        "p, r, f, _ = precision_recall_fscore_support(y, p, average='macro')", "precision_recall_fscore_support"
    )
    assert found.unpacked == ("p", "r", "f", None)
    names = [found.name("precision_recall_fscore_support", RUNNING.get, index) for index in range(3)]
    assert names == ["p", "r", "f"]


def test_the_caller_names_what_a_function_returns() -> None:
    inner = site(
        "def ev(m, X):\n    return f1_score(y, m.predict(X)), accuracy_score(y, m.predict(X))", "accuracy_score"
    )
    assert inner.returned and inner.parameters == ("m", "X") and inner.enclosing == "ev"
    assert inner.name("accuracy_score", RUNNING.get, caller=site("f1, acc = ev(m, X)", "ev")) == "acc"
    assert inner.name("accuracy_score", RUNNING.get, caller=site("res['rf'] = ev(m, X)", "ev")) == "res.rf.accuracy"
    keyed = site("def ev(m):\n    return {'acc': accuracy_score(y, p), 'f1': 0}", "accuracy_score")
    assert keyed.name("accuracy_score", RUNNING.get, caller=site("rf = ev(m)", "ev")) == "rf.acc"
    alone = site("def ev(m):\n    return accuracy_score(y, p)", "accuracy_score")
    assert alone.name("accuracy_score", RUNNING.get, caller=site("print('Test acc', ev(m))", "ev")) == "test_acc"
    assert inner.several(RUNNING.get) == ["rf_model"]


@pytest.mark.parametrize(
    ("source", "step"),
    [
        ("for i in range(3):\n    acc = f(x)", 2), ("for i in range(3):\n    accs[i] = f(x)", 2), ("accs.append(f(x))", None),
        ("for i, m in enumerate(ms):\n    rows.append({'fold': i, 'acc': f(x)})", 2), ("while True:\n    acc = f(x)", None),
        ("print(f'Fold {i}: {f(x)}')", 2), ("res[0] = f(x)", 0), ("accs = [f(x), f(y)]", 0), ("for name in ns:\n    a = f(x)", None),
        ("accs = [f(x) for i in range(9)]", 2),
    ],
)  # fmt: skip
def test_steps(source: str, step: int | None) -> None:
    assert site(source, "f").step(RUNNING.get) == step


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("rmse = np.sqrt(f(x))", 4, 2.0), ("e = 1 - f(x)", 0.25, 0.75), ("a = round(100 * f(x), 1)", 0.12345, 12.3),
        ("m = f(x).mean()", [1, 2, 3], 2.0), ("m = np.std(f(x))", [1, 3], 1.0), ("m = f(x)[0]", (5, 6), 5.0), ("m = -f(x)", 3, -3.0),
        ("m = np.sqrt(-f(x).mean())", [-4], 2.0), ("a = f(x) / n", 3, None), ("a = f(x) * f(y)", 3, None), ("a = f(x) ** .5", 9, 3.0),
        ("a = int(f(x) * 100)", 0.937, 93.0), ("a = f(x) / 2 + 1 / 2", 1, 1.0), ("a = f(x) * 1e308 * 1e308", 1, None),
        ("a = 9 ** f(x) ** 9", 99, None), ("a = f(x).item()", 1.5, 1.5), ("print(f'{f(x):.3f}')", 0.12345, 0.12345), ("f(x)", "text", None),
        ("f(x)", float("nan"), None), ("a = f(x)['f1']", {"f1": 0.5}, 0.5), ("a = round(f(x), n)", 0.5, None), ("a = g(f(x))", 0.5, 0.5),
        ("a = f(x)[5]", [1], None), ("f(x)", 10**400, None), ("f(x)", True, None), ("a = f(x).statistic", 1.0, None), ("a = f(x)(1)", 1.0, None),
    ],
)  # fmt: skip
def test_the_expression_around_a_call(source: str, value: object, expected: float | None) -> None:
    found = evaluate(site(source, "f").expression, value)
    assert found == (pytest.approx(expected) if expected is not None else None)


def test_base_names_of_arguments() -> None:
    found = site("f(y[1::2], y_test.values, df['target'], self.y, np.argmax(out, 1), 3, y=data.y.to_numpy())", "f")
    assert found.arguments == ("y", "y_test", "target", "y", "out", None)
    assert found.keywords == (("y", "y"),)


@pytest.mark.parametrize(
    ("source", "receiver"),
    [
        ("clf.score(X, y)", "clf"), ("pipe['clf'].score(X, y)", "pipe['clf']"), ("models[name].score(X, y)", "models[name]"),
        ("self.model.score(X, y)", "self.model"), ("SVC().fit(X, y).score(X, y)", "SVC().fit(X, y)"), ("score(X, y)", None),
    ],
)  # fmt: skip
def test_receivers(source: str, receiver: str | None) -> None:
    assert site(source, "score").receiver == receiver


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("x = 1\nf(x)", "displayed"), ("round(f(x), 2)", "displayed"), ("f(x), f(y)", "displayed"), ("f(x)\nx = 1", ""),
        ("print(f(x))", "printed"), ("display(f(x))", "displayed"), ("a = f(x)", ""), ("f(x) > 1", ""), ("logger.info(f(x))", "printed"),
        ("for i in x:\n    f(i)", ""),
    ],
)  # fmt: skip
def test_what_a_cell_shows(source: str, shown: str) -> None:
    found = site(source, "f")
    assert ("displayed" if found.displayed else "printed" if found.printed else "") == shown


def test_scores_in_one_expression_share_its_place() -> None:
    source = "gap = f(train) - g(test)"
    assert site(source, "f").place == site(source, "g").place
    assert site("a, b = f(x), g(x)", "f").name("f", RUNNING.get) != site("a, b = f(x), g(x)", "g").name(
        "g", RUNNING.get
    )


def instructions(code: types.CodeType) -> Iterator[tuple[str, tuple[int | None, ...]]]:
    for instruction in dis.get_instructions(code):
        positions = instruction.positions
        if positions is not None and instruction.opname.startswith("CALL") and "INTRINSIC" not in instruction.opname:
            yield (
                instruction.opname,
                (positions.lineno, positions.col_offset, positions.end_lineno, positions.end_col_offset),
            )
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from instructions(constant)


def test_every_call_is_found_by_the_position_that_python_gives() -> None:
    source = (
        "é = 'ü'; acc = f(y, 'ä')\nbest = (\n    model\n    .fit(X, y)\n    .score(X,\n           y)\n)\n"
        "def g(a):\n    return [h(x) for x in a]\nprint(f'{g(3):.2f} {acc}', k(1)(2))\nwith open(n) as o: pass\n"
    )
    found = sites_of(source)
    assert found is not None
    names = [called(call) for _, where in instructions(compile(source, "c", "exec")) if (call := found.call_at(where))]  # type: ignore[arg-type]
    assert sorted(set(names)) == ["", "f", "fit", "g", "h", "k", "open", "print", "score"]


def test_positions_without_columns() -> None:
    found = sites_of("a = f(x)\nb = f(g(x))")
    assert found is not None
    assert (first := found.at((1, None, None, None))) is not None and first.variable == "a"
    assert found.at((2, None, None, None)) is None and found.at((None,) * 4) is None and found.at((9, 0, 9, 4)) is None


@pytest.mark.parametrize("source", ["def", "x = (", "\0", "(" * 5000 + ")" * 5000, "-" * 100_000 + "1", "!ls"])
def test_what_is_not_python(source: str) -> None:
    sites = sites_of(source)
    assert sites is None or list(sites.positions()) == []


@pytest.mark.parametrize(
    "source", ["f(" * 80 + "x" + ")" * 80, "a = " + "f(x) + " * 800 + "1", "a = " + "[" * 80 + "f(x)" + "]" * 80, "f(x)" + ".g()" * 500]
)  # fmt: skip
def test_deep_nesting(source: str) -> None:
    sites = sites_of(source)
    found = [sites.at(where) for where in sites.positions()] if sites else []
    assert all(item is None or item.name("f", RUNNING.get) for item in found)


PIECES = st.recursive(
    st.sampled_from(["x", "f(x)", "1", "'acc: '", "name", "y_test"]),
    lambda inner: st.builds(
        lambda shape, a, b: shape.format(a=a, b=b),
        st.sampled_from(
            ["f({a}, {b})", "{a} + {b}", "{a} % ({b},)", "[{a}, {b}]", "{{{a}: {b}}}", "({a}, {b})", "{a}[{b}]", "round({a}, 2)", "{a}.mean()",
             "print({a}, {b})", "lambda q: {a}", "[{a} for i in {b}]", "{{{a}: 1 for k in {b}}}", "{a} if {b} else 0", "not {a}", "'{{}}'.format({a}, k={b})",
             "rows.append({a})", "({a} < {b})", "f'{{x}} acc'", "await_({a})"],
        ),
        inner,
        inner,
    ),
    max_leaves=8,
)  # fmt: skip


@given(
    PIECES,
    st.sampled_from(
        ["{}", "a = {}", "a, b = {}", "res[x]['k'] = {}", "a += {}", "return_({})", "for i in {}: f(i)", "if {}: f(2)"]
    ),
)
def test_nothing_raises(expression: str, statement: str) -> None:
    sites = sites_of(statement.format(expression))
    for where in list(sites.positions()) if sites else []:
        found = sites.at(where)  # type: ignore[union-attr]
        assert found is not None and found.name("f_score", RUNNING.get)
        assert found.step(RUNNING.get) is None or found.step(RUNNING.get) >= 0  # type: ignore[operator]
        evaluate(found.expression, 0.5)
