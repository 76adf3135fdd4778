"""Loops over models, neighbours, folds and thresholds; functions that were defined in an earlier cell."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY, REGRESS

CASES = (
    Case(
        "everything-in-one-cell",
        (
            "%%experiment compare\n" + CLASSIFY + "\n"
            "models = [('nb', GaussianNB()), ('tree', DecisionTreeClassifier(random_state=0))]\n"
            "for name, model in models:\n"
            "    model.fit(X_train, y_train)\n"
            "    accuracy = accuracy_score(y_test, model.predict(X_test))\n"
            "    print(f'Accuracy of {name}: {accuracy:.1f}')",
        ),
        {
            "compare": {
                "accuracy.nb": "accuracy_score(y_test, models[0][1].predict(X_test))",
                "accuracy.tree": "accuracy_score(y_test, models[1][1].predict(X_test))",
            }
        },
    ),
    Case(
        "rows-of-which-one-is-known",
        (
            CLASSIFY,
            "%%experiment cut\n"
            "model = GaussianNB().fit(X_train, y_train)\n"
            "p = model.predict_proba(X_test)[:, 1]\n"
            "rows = []\n"
            "for cut in (0.2, 0.5, 0.8):\n"
            "    tp, fp = ((p > cut) & (y_test == 1)).sum(), ((p > cut) & (y_test == 0)).sum()\n"
            "    prec = tp / (tp + fp)\n"
            "    rows.append({'cut': cut, 'precision': prec})\n"
            "best_cut = min((row['precision'], row['cut']) for row in rows)[1]\n"
            "threshold = p[y_test == 1].mean()",
        ),
        {"cut": {"rows.precision": "[row['precision'] for row in rows]", "prec?": "prec"}},
    ),
    Case(
        "loop-over-named-models",
        (
            CLASSIFY,
            "%%experiment zoo\n"
            "models = {'nb': GaussianNB(), 'tree': DecisionTreeClassifier(max_depth=3, random_state=0)}\n"
            "for name, clf in models.items():\n"
            "    clf.fit(X_train, y_train)\n"
            "    acc = clf.score(X_test, y_test)\n"
            "    print(f'{name} accuracy: {acc:.3f}')",
        ),
        {"zoo": {"acc.*": "{n: m.score(X_test, y_test) for n, m in models.items()}"}},
    ),
    Case(
        "loop-over-integers",
        (
            CLASSIFY,
            "%%experiment neighbours\n"
            "for k in (1, 3, 5, 9):\n"
            "    knn = KNeighborsClassifier(n_neighbors=k).fit(X_train, y_train)\n"
            "    acc = knn.score(X_test, y_test)\n"
            "    print(k, acc)",
        ),
        {
            "neighbours": {
                "acc": "@{k: KNeighborsClassifier(k).fit(X_train, y_train).score(X_test, y_test) for k in (1, 3, 5, 9)}"
            }
        },
    ),
    Case(
        "appended-to-a-list",
        (
            CLASSIFY,
            "%%experiment depths\n"
            "train_accs, test_accs = [], []\n"
            "for depth in range(1, 6):\n"
            "    tree = DecisionTreeClassifier(max_depth=depth, random_state=0)\n"
            "    tree.fit(X_train, y_train)\n"
            "    train_accs.append(tree.score(X_train, y_train))\n"
            "    test_accs.append(accuracy_score(y_test, tree.predict(X_test)))\n"
            "best = int(np.argmax(test_accs)) + 1\n"
            "print('best depth', best)",
        ),
        {"depths": {"train_accs": "train_accs", "test_accs": "test_accs"}},
    ),
    Case(
        "comprehension",
        (
            CLASSIFY,
            "%%experiment zoo\n"
            "models = {'nb': GaussianNB(), 'knn': KNeighborsClassifier()}\n"
            "for m in models.values():\n"
            "    m.fit(X_train, y_train)\n"
            "accuracies = {n: accuracy_score(y_test, m.predict(X_test)) for n, m in models.items()}\n"
            "accuracies",
        ),
        {"zoo": {"accuracies.*": "accuracies"}},
    ),
    Case(
        "function-returns-one-score",
        (
            CLASSIFY,
            "def fit_and_score(model, X_tr, y_tr, X_te, y_te):\n"
            "    model.fit(X_tr, y_tr)\n"
            "    return roc_auc_score(y_te, model.predict_proba(X_te)[:, 1])",
            "%%experiment lr\n"
            "lr = make_pipeline(StandardScaler(), LogisticRegression())\n"
            "auc_lr = fit_and_score(lr, X_train, y_train, X_test, y_test)\n"
            "auc_lr",
            "%%experiment rf\n"
            "rf = RandomForestClassifier(n_estimators=9, random_state=5)\n"
            "auc_rf = fit_and_score(rf, X_train, y_train, X_test, y_test)\n"
            'print(f"AUC of the forest: {auc_rf:.2f}")',
        ),
        {"lr": {"auc_lr": "auc_lr"}, "rf": {"auc_rf": "auc_rf"}},
    ),
    Case(
        "function-returns-a-dict",
        (
            CLASSIFY,
            "def evaluate(model, X, y):\n"
            "    pred = model.predict(X)\n"
            "    return {'acc': accuracy_score(y, pred), 'f1': f1_score(y, pred), 'recall': recall_score(y, pred)}",
            "%%experiment nb\nnb = GaussianNB().fit(X_train, y_train)\nres = evaluate(nb, X_test, y_test)\nres",
            "train_res = evaluate(nb, X_train, y_train)",
        ),
        {"nb": {"res.*": "res", "train_res.*": "train_res"}},
    ),
    Case(
        "function-prints",
        (
            REGRESS,
            "def report(model, X, y):\n"
            "    pred = model.predict(X)\n"
            "    print('MAE:', round(mean_absolute_error(y, pred), 2))\n"
            "    print('R2 score:', r2_score(y, pred))",
            "%%experiment ridge\nridge = Ridge(alpha=0.1).fit(X_train, y_train)\nreport(ridge, X_test, y_test)",
            "%%experiment lasso\nlasso = Lasso(alpha=0.2).fit(X_train, y_train)",
            "report(lasso, X_test, y_test)",
        ),
        {
            "ridge": {
                "mae": "round(mean_absolute_error(y_test, ridge.predict(X_test)), 2) ~2",
                "r2_score": "r2_score(y_test, ridge.predict(X_test))",
            },
            "lasso": {
                "mae": "round(mean_absolute_error(y_test, lasso.predict(X_test)), 2) ~2",
                "r2_score": "r2_score(y_test, lasso.predict(X_test))",
            },
        },
    ),
    Case(
        "function-returns-a-tuple",
        (
            REGRESS,
            "def errors(y_true, y_pred):\n"
            "    mse = mean_squared_error(y_true, y_pred)\n"
            "    return mse, np.sqrt(mse), r2_score(y_true, y_pred)",
            "%%experiment linear\n"
            "lin = LinearRegression().fit(X_train, y_train)\n"
            "mse, rmse, r2 = errors(y_test, lin.predict(X_test))\n"
            "print('RMSE %.2f' % rmse)",
        ),
        {"linear": {"mse": "mse", "rmse": "rmse", "r2": "r2"}},
    ),
    Case(
        "folds-by-hand",
        (
            CLASSIFY + "\nfrom sklearn.model_selection import StratifiedKFold",
            "%%experiment folds\n"
            "kf = StratifiedKFold(n_splits=4, shuffle=True, random_state=0)\n"
            "aucs = []\n"
            "for fold, (train, valid) in enumerate(kf.split(X, y)):\n"
            "    model = GaussianNB().fit(X[train], y[train])\n"
            "    aucs.append(roc_auc_score(y[valid], model.predict_proba(X[valid])[:, 1]))\n"
            "mean_auc = np.mean(aucs)\n"
            "print(f'Mean AUC: {mean_auc:.3f} +/- {np.std(aucs):.3f}')",
        ),
        {
            "folds": {
                "aucs": "@dict(enumerate(aucs))",
                "mean_auc": "mean_auc",
                "std | mean_auc.std | auc.std?": "np.std(aucs) ~3",
            }
        },
    ),
    Case(
        "bootstrap",
        (
            CLASSIFY,
            "%%experiment nb\nnb = GaussianNB().fit(X_train, y_train)\nproba = nb.predict_proba(X_test)[:, 1]",
            "rng = np.random.default_rng(0)\n"
            "boot = []\n"
            "for i in range(30):\n"
            "    idx = rng.integers(0, len(y_test), len(y_test))\n"
            "    boot.append(roc_auc_score(y_test[idx], proba[idx]))\n"
            "lo, hi = np.percentile(boot, [2.5, 97.5])\n"
            "print(f'AUC 95% CI: [{lo:.3f}, {hi:.3f}]')",
        ),
        {"nb": {"boot": "@dict(enumerate(boot))", "lo?": "lo ~3", "hi?": "hi ~3"}},
    ),
    Case(
        "evaluation-in-a-module",
        (
            CLASSIFY + "\nfrom evaluation import scores_of",
            "%%experiment tree\n"
            "tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X_train, y_train)\n"
            "scores = scores_of(tree, X_test, y_test)\n"
            "print(scores)",
        ),
        {"tree": {"scores.*": "scores"}},
        files={
            "evaluation.py": "from sklearn.metrics import accuracy_score, roc_auc_score\n\n\n"
            "def scores_of(model, X, y):\n"
            "    return {\n"
            "        'accuracy': accuracy_score(y, model.predict(X)),\n"
            "        'auc': roc_auc_score(y, model.predict_proba(X)[:, 1]),\n"
            "    }\n"
        },
    ),
    Case(
        "the-best-of-a-loop",
        (
            CLASSIFY,
            "%%experiment best\n"
            "best_acc, best_k = 0, None\n"
            "for k in (1, 5, 9, 13):\n"
            "    val_acc = KNeighborsClassifier(k).fit(X_train, y_train).score(X_test, y_test)\n"
            "    if val_acc > best_acc:\n"
            "        best_acc, best_k = val_acc, k\n"
            "print(f'best k = {best_k} with accuracy {best_acc:.3f}')",
        ),
        {
            "best": {
                "val_acc": "@{k: KNeighborsClassifier(k).fit(X_train, y_train).score(X_test, y_test) for k in (1, 5, 9, 13)}",
                "best_acc": "best_acc | list(dict.fromkeys(np.maximum.accumulate([KNeighborsClassifier(k)"
                ".fit(X_train, y_train).score(X_test, y_test) for k in (1, 5, 9, 13)]).tolist()))",
            }
        },
    ),
    Case(
        "function-fills-a-global-dict",
        (
            CLASSIFY,
            "results = {}\n\n"
            "def train_and_evaluate(name, model):\n"
            "    model.fit(X_train, y_train)\n"
            "    pred = model.predict(X_test)\n"
            "    results[name] = {'acc': accuracy_score(y_test, pred), 'f1': f1_score(y_test, pred)}\n"
            "    return model",
            "%%experiment bayes\nnb = train_and_evaluate('nb', GaussianNB())",
            "%%experiment tree\ntree = train_and_evaluate('tree', DecisionTreeClassifier(max_depth=2, random_state=0))",
            "pd.DataFrame(results).T",
        ),
        {"bayes": {"results.nb.*": "results['nb']"}, "tree": {"results.tree.*": "results['tree']"}},
    ),
    Case(
        "rows-of-a-printed-table",
        (
            CLASSIFY,
            "%%experiment zoo\n"
            "print(f\"{'model':<8}{'acc':>8}{'auc':>8}\")\n"
            "for name, m in {'nb': GaussianNB(), 'knn': KNeighborsClassifier(5)}.items():\n"
            "    m.fit(X_train, y_train)\n"
            "    acc = accuracy_score(y_test, m.predict(X_test))\n"
            "    auc_ = roc_auc_score(y_test, m.predict_proba(X_test)[:, 1])\n"
            "    print(f'{name:<8}{acc:>8.3f}{auc_:>8.3f}')",
        ),
        {
            "zoo": {
                "acc.*": "{n: m.fit(X_train, y_train).score(X_test, y_test) for n, m in"
                " {'nb': GaussianNB(), 'knn': KNeighborsClassifier(5)}.items()}",
                "auc_.*": "{n: roc_auc_score(y_test, m.fit(X_train, y_train).predict_proba(X_test)[:, 1]) for n, m in"
                " {'nb': GaussianNB(), 'knn': KNeighborsClassifier(5)}.items()}",
            }
        },
    ),
    Case(
        "a-function-for-train-and-test-of-each-model",
        (
            CLASSIFY,
            "def measured(truth, predicted):\n"
            "    f1 = f1_score(truth, predicted)\n"
            "    acc = accuracy_score(truth, predicted)\n"
            "    return f1, acc",
            "%%experiment zoo\n"
            "zoo = [GaussianNB(), DecisionTreeClassifier(max_depth=3, random_state=0)]\n"
            "for i in range(len(zoo)):\n"
            "    model = zoo[i].fit(X_train, y_train)\n"
            "    f1, acc = measured(y_train, model.predict(X_train))\n"
            "    f11, acc1 = measured(y_test, model.predict(X_test))\n"
            "    print(f'Training: {acc:.4f}, test: {acc1:.4f}')",
        ),
        {
            "zoo": {
                "acc.y_train.GaussianNB": "zoo[0].score(X_train, y_train)",
                "acc.y_train.DecisionTreeClassifier": "zoo[1].score(X_train, y_train)",
                "acc.y_test.GaussianNB": "zoo[0].score(X_test, y_test)",
                "acc.y_test.DecisionTreeClassifier": "zoo[1].score(X_test, y_test)",
                "f1.y_train.GaussianNB": "f1_score(y_train, zoo[0].predict(X_train))",
                "f1.y_train.DecisionTreeClassifier": "f1_score(y_train, zoo[1].predict(X_train))",
                "f1.y_test.GaussianNB": "f1_score(y_test, zoo[0].predict(X_test))",
                "f1.y_test.DecisionTreeClassifier": "f1_score(y_test, zoo[1].predict(X_test))",
            }
        },
    ),
)
