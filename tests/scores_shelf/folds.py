"""Cross-validation and curves over sizes: means, standard deviations and folds."""

from __future__ import annotations

from .case import Case

START = """
import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, make_scorer, f1_score
from sklearn.model_selection import (
    KFold, RepeatedStratifiedKFold, cross_val_predict, cross_val_score, cross_validate, learning_curve, validation_curve,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_wine(return_X_y=True)
""".strip()

CASES = (
    Case(
        "cross-val-score",
        (
            START,
            "%%experiment nb\n"
            "scores = cross_val_score(GaussianNB(), X, y, cv=5)\n"
            "print('CV accuracy: %0.2f (+/- %0.2f)' % (scores.mean(), scores.std() * 2))\n"
            "scores",
        ),
        {"nb": {"scores.*": "_folds(scores)", "scores": "@dict(enumerate(scores))"}},
    ),
    Case(
        "mean-of-cross-val-score",
        (
            START,
            "%%experiment wine\n"
            "clf = make_pipeline(StandardScaler(), KNeighborsClassifier())\n"
            "cv_accuracy = cross_val_score(clf, X, y, cv=4, scoring='accuracy').mean()\n"
            "cv_accuracy",
            "%%experiment diabetes\n"
            "Xd, yd = load_diabetes(return_X_y=True)\n"
            "rmse = np.sqrt(-cross_val_score(Ridge(), Xd, yd, cv=4, scoring='neg_mean_squared_error').mean())\n"
            'print("RMSE:", rmse)',
        ),
        {"wine": {"cv_accuracy": "cv_accuracy"}, "diabetes": {"rmse": "rmse"}},
    ),
    Case(
        "cross-validate-two-metrics",
        (
            START,
            "%%experiment nb\n"
            "cv = cross_validate(GaussianNB(), X, y, cv=3, scoring=['accuracy', 'f1_macro'], return_train_score=True)\n"
            "pd.DataFrame(cv).filter(like='test')",
        ),
        {
            "nb": {
                "cv.*": "{key: _folds(value) for key, value in cv.items() if not key.endswith('_time')}",
                "cv.test_accuracy": "@dict(enumerate(cv['test_accuracy']))",
                "cv.test_f1_macro": "@dict(enumerate(cv['test_f1_macro']))",
                "cv.train_accuracy": "@dict(enumerate(cv['train_accuracy']))",
                "cv.train_f1_macro": "@dict(enumerate(cv['train_f1_macro']))",
            }
        },
    ),
    Case(
        "cross-validation-of-several-models",
        (
            START,
            "%%experiment compare\n"
            "results = {}\n"
            "for name, model in [('knn', KNeighborsClassifier()), ('nb', GaussianNB())]:\n"
            "    cv_scores = cross_val_score(model, X, y, cv=KFold(4, shuffle=True, random_state=1))\n"
            "    results[name] = cv_scores.mean()\n"
            "    print(f'{name}: {cv_scores.mean():.3f} +/- {cv_scores.std():.3f}')",
        ),
        {
            "compare": {
                "results.knn | cv_scores.knn.mean": "results['knn']",
                "results.nb | cv_scores.nb.mean": "results['nb']",
                "cv_scores.*?": "{n: {**_folds(s), 'mean': s.mean()} for n, s in {n: cross_val_score(m, X, y,"
                " cv=KFold(4, shuffle=True, random_state=1)) for n, m in"
                " [('knn', KNeighborsClassifier()), ('nb', GaussianNB())]}.items()}",
                "cv_scores.knn?": "@dict(enumerate(cross_val_score(KNeighborsClassifier(), X, y,"
                " cv=KFold(4, shuffle=True, random_state=1))))",
                "cv_scores.nb?": "@dict(enumerate(cross_val_score(GaussianNB(), X, y,"
                " cv=KFold(4, shuffle=True, random_state=1))))",
            }
        },
    ),
    Case(
        "predictions-of-the-folds",
        (
            START,
            "%%experiment folds\n"
            "y_pred = cross_val_predict(GaussianNB(), X, y, cv=4)\n"
            "acc_cv = accuracy_score(y, y_pred)\n"
            'print(f"Cross-validated accuracy: {acc_cv:.3f}")',
        ),
        {"folds": {"acc_cv": "acc_cv"}},
    ),
    Case(
        "learning-curve",
        (
            START,
            "%%experiment curve\n"
            "sizes, train_scores, test_scores = learning_curve(\n"
            "    GaussianNB(), X, y, train_sizes=[0.4, 0.7, 1.0], cv=4, shuffle=True, random_state=0)",
            "pd.DataFrame({'train': train_scores.mean(axis=1), 'test': test_scores.mean(axis=1)}, index=sizes)",
        ),
        {
            "curve": {
                "learning_curve.train.mean | train_scores.mean | train_scores": "list(train_scores.mean(axis=1))",
                "learning_curve.test.mean | test_scores.mean | test_scores": "list(test_scores.mean(axis=1))",
            }
        },
    ),
    Case(
        "validation-curve",
        (
            START,
            "%%experiment neighbours\n"
            "ks = [1, 5, 15]\n"
            "train_sc, valid_sc = validation_curve(\n"
            "    KNeighborsClassifier(), X, y, param_name='n_neighbors', param_range=ks, cv=4)\n"
            "print(valid_sc.mean(axis=1))",
        ),
        {
            "neighbours": {
                "validation_curve.train.mean | train_sc.mean | train_sc": "list(train_sc.mean(axis=1))",
                "validation_curve.test.mean | valid_sc.mean | valid_sc": "list(valid_sc.mean(axis=1))",
            }
        },
    ),
    Case(
        "pipelines-told-apart-by-their-labels",
        (
            f"{START}\nfrom sklearn.datasets import load_breast_cancer\nfrom sklearn.metrics import roc_auc_score\n"
            "X, y = load_breast_cancer(return_X_y=True)\n"
            "X_train, X_test, y_train, y_test = X[:400], X[400:], y[:400], y[400:]",
            "%%experiment zoo\n"
            "steps = [GaussianNB(), KNeighborsClassifier(3)]\n"
            "pipelines = [make_pipeline(StandardScaler(), step) for step in steps]\n"
            "for pipe, title in zip(pipelines, ['bayes', 'neighbours']):\n"
            "    aucs = cross_val_score(pipe, X_train, y_train, cv=3, scoring='roc_auc')\n"
            "    cv_score = np.mean(aucs)\n"
            "    print(f'ROC AUC: {cv_score:.2f} (+/- {aucs.std():.2f}) [{title}]')\n"
            "for pipe, colour, title in zip(pipelines, ['navy', 'gold'], ['bayes', 'neighbours']):\n"
            "    area = roc_auc_score(y_test, pipe.fit(X_train, y_train).predict_proba(X_test)[:, 1])\n"
            "    print(f'{title} drawn in {colour}')",
        ),
        {
            "zoo": {
                f"{name}.{title}{part}": text.format(at)
                for at, title in enumerate(("bayes", "neighbours"))
                for name, part, text in (
                    (
                        "aucs",
                        ".mean",
                        "np.mean(cross_val_score(pipelines[{}], X_train, y_train, cv=3, scoring='roc_auc'))",
                    ),
                    (
                        "aucs",
                        ".std",
                        "np.std(cross_val_score(pipelines[{}], X_train, y_train, cv=3, scoring='roc_auc'))",
                    ),
                    ("aucs", "", "cross_val_score(pipelines[{}], X_train, y_train, cv=3, scoring='roc_auc')"),
                    ("area", "", "roc_auc_score(y_test, pipelines[{}].predict_proba(X_test)[:, 1])"),
                )
            }
        },
    ),
    Case(
        "arrays-filled-in-a-loop",
        (
            f"{START}\nX, y = load_diabetes(return_X_y=True)\n"
            "def held_out(alpha):\n"
            "    fitted = Ridge(alpha).fit(X[:300], y[:300])\n"
            "    return np.mean((y[300:] - fitted.predict(X[300:])) ** 2)",
            "%%experiment ridge\n"
            "MSE, counts = np.zeros(3), np.zeros(3)\n"
            "cv_r2 = np.empty(3)\n"
            "for i, alpha in enumerate([0.01, 0.1, 1.0]):\n"
            "    MSE[i] = held_out(alpha)\n"
            "    counts[i] = len(X) / (i + 1)\n"
            "    out = cross_validate(Ridge(alpha), X, y, cv=4)\n"
            "    cv_r2[i] = np.mean(out['test_score'])\n"
            "MSE",
            "%%experiment one\n"
            "out = cross_validate(Ridge(0.5), X, y, cv=4)\n"
            "cv_err = 1 - np.mean(out['test_score'])\n"
            "cv_score = np.mean(out['test_score'])",
        ),
        {
            "ridge": {
                "MSE": "MSE",
                "cv_r2": "cv_r2",
                "out.test_score.std": "[np.std(cross_val_score(Ridge(a), X, y, cv=4)) for a in (0.01, 0.1, 1.0)]",
                "out.test_score": "np.concatenate([cross_val_score(Ridge(a), X, y, cv=4) for a in (0.01, 0.1, 1.0)])",
            },
            "one": {
                "cv_err": "cv_err",
                "cv_score": "cv_score",
                "out.test_score.std": "np.std(out['test_score'])",
                "out.test_score": "out['test_score']",
            },
        },
    ),
)
