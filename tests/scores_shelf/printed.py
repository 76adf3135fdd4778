"""Lines with a label and a number, where what was called cannot be seen: read from the output, as printed."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY, REGRESS

CASES = (
    Case(
        "in-percent",
        (
            CLASSIFY,
            "%%experiment nb\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "y_pred = nb.predict(X_test)\n"
            'print(f"Accuracy: {accuracy_score(y_test, y_pred) * 100:.1f}%")\n'
            'print("Recall is {:.2%}".format(recall_score(y_test, y_pred)))',
        ),
        {
            "nb": {
                "accuracy": "accuracy_score(y_test, y_pred) * 100 ~1 | accuracy_score(y_test, y_pred)",
                "recall_is | recall": "recall_score(y_test, y_pred) * 100 ~2 | recall_score(y_test, y_pred)",
            }
        },
    ),
    Case(
        "several-in-one-line",
        (
            CLASSIFY,
            "%%experiment tree\n"
            "tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)\n"
            "p = tree.predict(X_test)\n"
            'print(f"Precision: {precision_score(y_test, p):.3f} | Recall: {recall_score(y_test, p):.3f} | F1: {f1_score(y_test, p):.3f}")\n'
            'print("train acc", tree.score(X_train, y_train), "test acc", tree.score(X_test, y_test))',
        ),
        {
            "tree": {
                "precision": "precision_score(y_test, p)",
                "recall": "recall_score(y_test, p)",
                "f1": "f1_score(y_test, p)",
                "train_acc": "tree.score(X_train, y_train)",
                "test_acc": "tree.score(X_test, y_test)",
            }
        },
    ),
    Case(
        "a-function-that-only-prints",
        (
            REGRESS,
            "def show(name, y_true, y_pred):\n"
            "    err = y_true - y_pred\n"
            "    print(f'{name} RMSE: {np.sqrt(np.mean(err ** 2)):.2f}')",
            "%%experiment linear\n"
            "lin = LinearRegression().fit(X_train, y_train)\n"
            "show('Train', y_train, lin.predict(X_train))\n"
            "show('Test', y_test, lin.predict(X_test))",
        ),
        {
            "linear": {
                "train_rmse": "np.sqrt(np.mean((y_train - lin.predict(X_train)) ** 2)) ~2",
                "test_rmse": "np.sqrt(np.mean((y_test - lin.predict(X_test)) ** 2)) ~2",
            }
        },
    ),
    Case(
        "model-names-in-the-label",
        (
            CLASSIFY,
            "%%experiment zoo\n"
            "fitted = [GaussianNB().fit(X_train, y_train), KNeighborsClassifier().fit(X_train, y_train)]\n"
            "for m in fitted:\n"
            "    print(f'{type(m).__name__}: AUC = {roc_auc_score(y_test, m.predict_proba(X_test)[:, 1]):.3f}')",
        ),
        {
            "zoo": {
                "auc.GaussianNB | gaussiannb_auc | gaussiannb:_auc": "roc_auc_score(y_test, fitted[0].predict_proba(X_test)[:, 1])",
                "auc.KNeighborsClassifier | kneighborsclassifier_auc | kneighborsclassifier:_auc": "roc_auc_score(y_test, fitted[1].predict_proba(X_test)[:, 1])",
            }
        },
    ),
    Case(
        "means-of-many-folds",
        (
            CLASSIFY + "\nfrom sklearn.model_selection import StratifiedKFold",
            "%%experiment bayes\n"
            "folds = {'accuracy': [], 'recall': []}\n"
            "for fit, held in StratifiedKFold(24).split(X_train, y_train):\n"
            "    p = GaussianNB().fit(X_train[fit], y_train[fit]).predict(X_train[held])\n"
            "    folds['accuracy'].append(accuracy_score(y_train[held], p))\n"
            "    folds['recall'].append(recall_score(y_train[held], p))\n"
            "print(f\"Accuracy: {np.mean(folds['accuracy']):.2f}\")\n"
            "print(f\"Recall: {np.mean(folds['recall']):.2f}\")",
        ),
        {
            "bayes": {
                "folds.*": "folds",
                "accuracy": "np.mean(folds['accuracy']) ~2",
                "recall": "np.mean(folds['recall']) ~2",
            }
        },
    ),
    Case(
        "heterogeneity-by-hand",
        (
            "import numpy as np\nfrom scipy import stats",
            "%%experiment meta\n"
            "effects, variances = np.array([0.31, 0.12, 0.54, 0.28]), np.array([0.02, 0.04, 0.03, 0.05])\n"
            "weights = 1 / variances\n"
            "pooled = np.sum(weights * effects) / np.sum(weights)\n"
            "print('Q = {0:5.3f}, p = {1:5.3f}'.format(\n"
            "    np.sum(weights * (effects - pooled) ** 2),\n"
            "    stats.chi2.sf(np.sum(weights * (effects - pooled) ** 2), 3)))",
        ),
        {
            "meta": {
                "q": "np.sum(weights * (effects - pooled) ** 2) ~3",
                "p": "stats.chi2.sf(np.sum(weights * (effects - pooled) ** 2), 3) ~3",
            }
        },
    ),
    Case(
        "standard-error-and-display",
        (
            REGRESS + "\nimport sys\nfrom IPython.display import display, Markdown",
            "%%experiment forest\n"
            "rf = RandomForestRegressor(n_estimators=5, random_state=0).fit(X_train, y_train)\n"
            "print('R2 on test:', rf.score(X_test, y_test), file=sys.stderr)\n"
            "display(mean_absolute_error(y_test, rf.predict(X_test)))",
        ),
        {
            "forest": {
                "r2_on_test": "rf.score(X_test, y_test)",
                "mean_absolute_error.y_test": "mean_absolute_error(y_test, rf.predict(X_test))",
            }
        },
    ),
)
