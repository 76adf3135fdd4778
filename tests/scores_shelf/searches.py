"""Fitted searches and what other fitted models state of themselves."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY

START = (
    CLASSIFY
    + "\nfrom sklearn.model_selection import GridSearchCV, RandomizedSearchCV\nfrom sklearn.linear_model import LogisticRegressionCV"
)

CASES = (
    Case(
        "grid-search",
        (
            START,
            "%%experiment grid\n"
            "grid = GridSearchCV(DecisionTreeClassifier(random_state=0), {'max_depth': [2, 4], 'min_samples_leaf': [1, 9]}, cv=3)\n"
            "grid.fit(X_train, y_train)\n"
            "print('Best parameters:', grid.best_params_)\n"
            "print('Best score:', grid.best_score_)",
            'print("Test accuracy:", grid.score(X_test, y_test))',
        ),
        {
            "grid": {
                "grid.best_score_ | best_score": "grid.best_score_",
                "test_accuracy": "grid.score(X_test, y_test)",
            }
        },
    ),
    Case(
        "grid-search-and-its-table",
        (
            START,
            "%%experiment knn\n"
            "search = GridSearchCV(KNeighborsClassifier(), {'n_neighbors': [3, 7, 11]}, scoring='roc_auc', cv=3)\n"
            "_ = search.fit(X_train, y_train)",
            "pd.DataFrame(search.cv_results_)[['param_n_neighbors', 'mean_test_score', 'rank_test_score']]",
            "best = search.best_estimator_\n"
            "auc_best = roc_auc_score(y_test, best.predict_proba(X_test)[:, 1])\n"
            "auc_best",
        ),
        {"knn": {"search.best_score_": "search.best_score_", "auc_best": "auc_best"}},
    ),
    Case(
        "randomised-search",
        (
            START,
            "%%experiment random\n"
            "rs = RandomizedSearchCV(RandomForestClassifier(n_estimators=5, random_state=0),\n"
            "    {'max_depth': [2, 3, 4], 'max_features': [2, 4]}, n_iter=3, cv=2, random_state=1).fit(X_train, y_train)\n"
            'print(f"Best CV accuracy: {rs.best_score_:.3f}")',
            "y_pred = rs.predict(X_test)\nprint(classification_report(y_test, y_pred, target_names=['malignant', 'benign']))",
        ),
        {
            "random": {
                "rs.best_score_ | best_cv_accuracy": "rs.best_score_",
                "classification_report.*": "_rows(classification_report(y_test, y_pred,"
                " target_names=['malignant', 'benign'], output_dict=True)) ~2",
            }
        },
    ),
    Case(
        "two-searches-in-a-loop",
        (
            START,
            "%%experiment searches\n"
            "grids = {\n"
            "    'tree': GridSearchCV(DecisionTreeClassifier(random_state=0), {'max_depth': [1, 3]}, cv=3),\n"
            "    'knn': GridSearchCV(KNeighborsClassifier(), {'n_neighbors': [1, 9]}, cv=3),\n"
            "}\n"
            "best_scores = {}\n"
            "for name, gs in grids.items():\n"
            "    gs.fit(X_train, y_train)\n"
            "    best_scores[name] = gs.best_score_\n"
            "best_scores",
        ),
        {
            "searches": {
                "best_scores.tree | gs.best_score_.tree | grids.tree.best_score_": "best_scores['tree']",
                "best_scores.knn | gs.best_score_.knn | grids.knn.best_score_": "best_scores['knn']",
            }
        },
    ),
    Case(
        "out-of-bag",
        (
            START,
            "%%experiment forest\n"
            "rf = RandomForestClassifier(n_estimators=60, oob_score=True, random_state=0).fit(X_train, y_train)\n"
            'print("OOB score:", rf.oob_score_)',
            "rf.feature_importances_",
        ),
        {"forest": {"oob_score": "rf.oob_score_"}},
    ),
    Case(
        "stated-loss",
        (
            START + "\nfrom sklearn.neural_network import MLPClassifier\nimport warnings",
            "%%experiment mlp\n"
            "with warnings.catch_warnings():\n"
            "    warnings.simplefilter('ignore')\n"
            "    mlp = MLPClassifier((4,), max_iter=15, random_state=0).fit(X_train / 100, y_train)\n"
            "print('Loss:', mlp.loss_)",
            'print("Test accuracy:", mlp.score(X_test / 100, y_test))',
        ),
        {"mlp": {"loss": "mlp.loss_", "test_accuracy": "mlp.score(X_test / 100, y_test)"}},
    ),
)
