"""Results collected in dicts, Series and frames, bound or displayed."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY, REGRESS, THREE_CLASSES

CASES = (
    Case(
        "rows-of-a-frame",
        (
            CLASSIFY,
            "%%experiment zoo\n"
            "rows = []\n"
            "for name, model in {'nb': GaussianNB(), 'tree': DecisionTreeClassifier(max_depth=2, random_state=0)}.items():\n"
            "    model.fit(X_train, y_train)\n"
            "    pred = model.predict(X_test)\n"
            "    rows.append({'model': name, 'acc': accuracy_score(y_test, pred), 'f1': f1_score(y_test, pred)})\n"
            "pd.DataFrame(rows).sort_values('acc', ascending=False)",
        ),
        {
            "zoo": {
                "acc.*": "{row['model']: row['acc'] for row in rows}",
                "f1.*": "{row['model']: row['f1'] for row in rows}",
            }
        },
    ),
    Case(
        "rows-with-the-model-and-names-of-other-alphabets",
        (
            CLASSIFY,
            "%%experiment zoo\n"
            "res = {}\n"
            "modelle = {'Naïve Bayes': GaussianNB(), 'Baum (Tiefe 2)': DecisionTreeClassifier(max_depth=2, random_state=0)}\n"
            "for name, modell in modelle.items():\n"
            "    modell.fit(X_train, y_train)\n"
            "    pred = modell.predict(X_test)\n"
            "    res[name] = {'model': modell, 'acc': accuracy_score(y_test, pred), 'f1': f1_score(y_test, pred)}\n"
            "print('Точность:', precision_score(y_test, pred))\n"
            "print('Полнота:', recall_score(y_test, pred))",
        ),
        {
            "zoo": {
                "res.Naïve Bayes.acc": "res['Naïve Bayes']['acc']",
                "res.Naïve Bayes.f1": "res['Naïve Bayes']['f1']",
                "res.Baum Tiefe 2.acc": "res['Baum (Tiefe 2)']['acc']",
                "res.Baum Tiefe 2.f1": "res['Baum (Tiefe 2)']['f1']",
                "точность": "precision_score(y_test, pred)",
                "полнота": "recall_score(y_test, pred)",
            }
        },
    ),
    Case(
        "frame-of-means",
        (
            CLASSIFY + "\nfrom sklearn.model_selection import cross_val_score",
            "%%experiment means\n"
            "def row(model, name):\n"
            "    accuracy = np.mean(cross_val_score(model, X_train, y_train, cv=7))\n"
            "    recall = np.mean(cross_val_score(model, X_train, y_train, cv=7, scoring='recall'))\n"
            "    return pd.DataFrame({'name': [name], 'accuracy': [accuracy], 'recall': [recall]})\n"
            "found = pd.concat([row(GaussianNB(), 'nb'), row(DecisionTreeClassifier(random_state=1), 'tree')])\n"
            "found",
        ),
        {
            "means": {
                "accuracy.nb | accuracy.GaussianNB": "found.accuracy.iloc[0]",
                "accuracy.tree | accuracy.DecisionTreeClassifier": "found.accuracy.iloc[1]",
                "recall.nb | recall.GaussianNB": "found.recall.iloc[0]",
                "recall.tree | recall.DecisionTreeClassifier": "found.recall.iloc[1]",
            }
        },
    ),
    Case(
        "dict-with-keys-set",
        (
            REGRESS,
            "%%experiment two\n"
            "r2 = {}\n"
            "linear = LinearRegression().fit(X_train, y_train)\n"
            "r2['linear'] = r2_score(y_test, linear.predict(X_test))\n"
            "lasso = Lasso(0.5).fit(X_train, y_train)\n"
            "r2['lasso'] = lasso.score(X_test, y_test)\n"
            "print(r2)",
        ),
        {"two": {"r2.*": "r2"}},
    ),
    Case(
        "dict-of-metrics-displayed",
        (
            CLASSIFY,
            "%%experiment nb\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "p = nb.predict(X_test)\n"
            "metrics = {\n"
            "    'accuracy': accuracy_score(y_test, p),\n"
            "    'precision': precision_score(y_test, p),\n"
            "    'recall': recall_score(y_test, p),\n"
            "    'n_test': len(y_test),\n"
            "}\n"
            "metrics",
        ),
        {"nb": {"metrics.*": "{k: v for k, v in metrics.items() if k != 'n_test'}"}},
    ),
    Case(
        "series",
        (
            CLASSIFY,
            "%%experiment knn\nknn = KNeighborsClassifier(7).fit(X_train, y_train)",
            "s = pd.Series({\n"
            "    'train': accuracy_score(y_train, knn.predict(X_train)),\n"
            "    'test': accuracy_score(y_test, knn.predict(X_test)),\n"
            "})\n"
            "s",
        ),
        {"knn": {"s.*": "s.to_dict()"}},
    ),
    Case(
        "frame-from-columns",
        (
            CLASSIFY,
            "%%experiment nb\nnb = GaussianNB().fit(X_train, y_train)",
            "%%experiment tree\ntree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)",
            "table = pd.DataFrame({\n"
            "    'model': ['nb', 'tree'],\n"
            "    'accuracy': [nb.score(X_test, y_test), tree.score(X_test, y_test)],\n"
            "})\n"
            "table",
        ),
        {
            "nb": {"accuracy.nb | table.accuracy.nb | table.accuracy": "nb.score(X_test, y_test)"},
            "tree": {"accuracy.tree | table.accuracy.tree | table.accuracy": "tree.score(X_test, y_test)"},
        },
    ),
    Case(
        "report-as-a-dict",
        (
            THREE_CLASSES,
            "%%experiment svc\n"
            "svc = SVC().fit(X_train, y_train)\n"
            "report = classification_report(y_test, svc.predict(X_test), target_names=iris.target_names, output_dict=True)\n"
            "pd.DataFrame(report).T",
        ),
        {"svc": {"report.*": "_rows(report)"}},
    ),
    Case(
        "report-as-text",
        (
            CLASSIFY,
            "%%experiment nb\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "print(classification_report(y_test, nb.predict(X_test), digits=3))\n"
            "print(confusion_matrix(y_test, nb.predict(X_test)))",
        ),
        {
            "nb": {
                "classification_report.*": "_rows(classification_report(y_test, nb.predict(X_test), output_dict=True)) ~3"
            }
        },
    ),
    Case(
        "nested-dict",
        (
            REGRESS,
            "%%experiment nested\n"
            "scores = {}\n"
            "for name, model in (('ridge', Ridge(1.0)), ('linear', LinearRegression())):\n"
            "    model.fit(X_train, y_train)\n"
            "    pred = model.predict(X_test)\n"
            "    scores[name] = {'mae': mean_absolute_error(y_test, pred), 'r2': r2_score(y_test, pred)}\n"
            "pd.DataFrame(scores).round(3)",
        ),
        {"nested": {"scores.*": "scores"}},
    ),
    Case(
        "rows-set-in-a-frame",
        (
            CLASSIFY,
            "%%experiment zoo\n"
            "results = pd.DataFrame(columns=['acc', 'f1'], dtype=float)\n"
            "for name, model in (('nb', GaussianNB()), ('tree', DecisionTreeClassifier(max_depth=2, random_state=0))):\n"
            "    pred = model.fit(X_train, y_train).predict(X_test)\n"
            "    results.loc[name] = [accuracy_score(y_test, pred), f1_score(y_test, pred)]\n"
            "results",
        ),
        {
            "zoo": {
                "results.nb.acc | results.acc.nb | acc.nb": "results.loc['nb', 'acc']",
                "results.nb.f1 | results.f1.nb | f1.nb": "results.loc['nb', 'f1']",
                "results.tree.acc | results.acc.tree | acc.tree": "results.loc['tree', 'acc']",
                "results.tree.f1 | results.f1.tree | f1.tree": "results.loc['tree', 'f1']",
            }
        },
    ),
    Case(
        "unpacked-from-a-list",
        (
            REGRESS,
            "%%experiment two\n"
            "ridge, lasso = Ridge().fit(X_train, y_train), Lasso().fit(X_train, y_train)\n"
            "r2_ridge, r2_lasso = [m.score(X_test, y_test) for m in (ridge, lasso)]\n"
            "r2_ridge, r2_lasso",
        ),
        {"two": {"r2_ridge": "r2_ridge", "r2_lasso": "r2_lasso"}},
    ),
    Case(
        "report-as-a-frame",
        (
            CLASSIFY + "\nfrom sklearn.metrics import classification_report",
            "%%experiment nb\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "frame = pd.DataFrame(classification_report(y_test, nb.predict(X_test), output_dict=True)).T\n"
            "frame.round(2)",
        ),
        {
            "nb": {
                "frame.accuracy": "frame.loc['accuracy', 'recall']",
                **{
                    f"frame.{column}.{row}": f"frame.loc[{row!r}, {column!r}]"
                    for row in ("0", "1", "macro avg", "weighted avg")
                    for column in ("precision", "recall", "f1-score")
                },
            }
        },
    ),
    Case(
        "report-of-a-constant-as-a-frame",
        (
            CLASSIFY + "\nfrom sklearn.dummy import DummyClassifier\nfrom sklearn.metrics import classification_report",
            "%%experiment baseline\n"
            "base = DummyClassifier(strategy='most_frequent').fit(X_train, y_train)\n"
            "rows = classification_report(y_test, base.predict(X_test), output_dict=True, zero_division=0)\n"
            "overview = pd.DataFrame(rows).T\n"
            "display(overview.round(2))\n"
            "direct = pd.DataFrame(\n"
            "    classification_report(y_test, base.predict(X_test), output_dict=True, zero_division=0)\n"
            ").T",
        ),
        {
            "baseline": {
                "rows.*": "_rows(rows)",
                "direct.accuracy": "rows['accuracy']",
                **{
                    f"direct.{column}.{row}": f"direct.loc[{row!r}, {column!r}]"
                    for row in ("0", "1", "macro avg", "weighted avg")
                    for column in ("precision", "recall", "f1-score")
                },
            }
        },
    ),
    Case(
        "a-report-for-each-model",
        (
            CLASSIFY + "\nfrom sklearn.metrics import classification_report",
            "%%experiment zoo\n"
            "models = {'nb': GaussianNB(), 'tree': DecisionTreeClassifier(max_depth=2, random_state=0)}\n"
            "for name, model in models.items():\n"
            "    y_pred = model.fit(X_train, y_train).predict(X_test)\n"
            "    table = pd.DataFrame(classification_report(y_test, y_pred, output_dict=True))",
        ),
        {
            "zoo": {
                f"table.{name}.* | classification_report.y_test.{name}.*": (
                    f"_rows(classification_report(y_test, models['{name}'].predict(X_test), output_dict=True))"
                )
                for name in ("nb", "tree")
            }
        },
    ),
)
