"""Metrics that people compute themselves from predictions."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY, REGRESS

CASES = (
    Case(
        "errors-by-hand",
        (
            REGRESS,
            "%%experiment ridge\n"
            "ridge = Ridge().fit(X_train, y_train)\n"
            "pred = ridge.predict(X_test)\n"
            "rmse = np.sqrt(((y_test - pred) ** 2).mean())\n"
            "mae = np.mean(np.abs(y_test - pred))\n"
            "r2 = 1 - ((y_test - pred) ** 2).sum() / ((y_test - y_test.mean()) ** 2).sum()",
        ),
        {"ridge": {"rmse": "rmse", "mae": "mae", "r2": "r2"}},
    ),
    Case(
        "accuracy-by-hand",
        (
            CLASSIFY,
            "%%experiment nb\nnb = GaussianNB().fit(X_train, y_train)\nacc = (nb.predict(X_test) == y_test).mean()\nacc",
            "y_hat = nb.predict(X_test)\n"
            'print("Accuracy: %.3f" % np.mean(y_hat == y_test))\n'
            'print(f"Error rate: {(y_hat != y_test).mean():.3f}")',
        ),
        {
            "nb": {
                "acc": "acc",
                "accuracy?": "np.mean(y_hat == y_test) ~3",
                "error_rate": "(y_hat != y_test).mean() ~3",
            }
        },
    ),
    Case(
        "an-unusual-name",
        (
            REGRESS,
            "%%experiment lasso\n"
            "lasso = Lasso(alpha=0.3).fit(X_train, y_train)\n"
            "p = lasso.predict(X_test)\n"
            "off_by = float(np.median(np.abs(p - y_test)))\n"
            "within_50 = (abs(p - y_test) < 50).mean()",
        ),
        {"lasso": {"off_by": "off_by", "within_50": "within_50"}},
    ),
    Case(
        "sensitivity-and-specificity",
        (
            CLASSIFY,
            "%%experiment tree\n"
            "tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)\n"
            "tn, fp, fn, tp = confusion_matrix(y_test, tree.predict(X_test)).ravel()\n"
            "sensitivity = tp / (tp + fn)\n"
            "specificity = tn / (tn + fp)\n"
            'print(f"Sensitivity: {sensitivity:.2f}, specificity: {specificity:.2f}")',
        ),
        {"tree": {"sensitivity": "sensitivity", "specificity": "specificity"}},
    ),
    Case(
        "own-metric-function",
        (
            REGRESS,
            "def rmsle(y_true, y_pred):\n    return np.sqrt(np.mean((np.log1p(y_true) - np.log1p(y_pred)) ** 2))",
            "%%experiment forest\n"
            "rf = RandomForestRegressor(n_estimators=6, random_state=0).fit(X_train, y_train)\n"
            "valid_rmsle = rmsle(y_test, rf.predict(X_test))\n"
            "valid_rmsle",
            "train_rmsle = rmsle(y_train, rf.predict(X_train))\nprint('train', train_rmsle)",
        ),
        {"forest": {"valid_rmsle": "valid_rmsle", "train_rmsle": "train_rmsle"}},
    ),
    Case(
        "gradient-descent-in-numpy",
        (
            "import numpy as np\nrng = np.random.default_rng(1)\nX = rng.normal(size=(80, 3))\n"
            "y = (X @ [1.0, -2.0, 0.5] + 0.3 * rng.normal(size=80) > 0).astype(float)",
            "%%experiment scratch\n"
            "w = np.zeros(3)\n"
            "losses = []\n"
            "for epoch in range(20):\n"
            "    p = 1 / (1 + np.exp(-X @ w))\n"
            "    loss = -np.mean(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9))\n"
            "    losses.append(loss)\n"
            "    w -= 0.5 * X.T @ (p - y) / len(y)\n"
            "    if epoch % 5 == 0:\n"
            "        print(f'epoch {epoch}: loss {loss:.4f}')\n"
            "accuracy = np.mean((p > 0.5) == y)\n"
            "print('Final accuracy:', accuracy)",
        ),
        {"scratch": {"losses | loss": "@dict(enumerate(losses))", "accuracy": "accuracy"}},
    ),
    Case(
        "shown-without-a-name",
        (
            REGRESS,
            "%%experiment ridge\n"
            "ridge = Ridge(alpha=0.1).fit(X_train, y_train)\n"
            "pred = ridge.predict(X_test)\n"
            "print(np.sqrt(np.mean((y_test - pred) ** 2)))\n"
            "np.mean(np.abs(y_test - pred))",
            "%%experiment forests\n"
            "for n in (2, 4, 8):\n"
            "    forest = RandomForestRegressor(n_estimators=n, random_state=0).fit(X_train, y_train)\n"
            "    print(n, ((y_test - forest.predict(X_test)) ** 2).mean())",
        ),
        {
            "ridge": {
                "root_mean_squared_error.y_test": "np.sqrt(np.mean((y_test - pred) ** 2))",
                "mean_absolute_error.y_test": "np.mean(np.abs(y_test - pred))",
            },
            "forests": {
                "mean_squared_error.y_test": "[((y_test - RandomForestRegressor(n_estimators=n, random_state=0)"
                ".fit(X_train, y_train).predict(X_test)) ** 2).mean() for n in (2, 4, 8)]"
            },
        },
    ),
    Case(
        "a-share-that-a-report-shows-rounded",
        (
            CLASSIFY,
            "%%experiment nb\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "truth, y_hat = y_test[:100], nb.predict(X_test[:100])\n"
            "print(classification_report(truth, y_hat))\n"
            "share_right = (truth == y_hat).mean()",
        ),
        {
            "nb": {
                "classification_report.*": "_rows(classification_report(truth, y_hat, output_dict=True)) ~2",
                "share_right": "share_right",
            }
        },
    ),
)
