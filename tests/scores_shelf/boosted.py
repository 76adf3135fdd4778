"""Boosted trees: scikit-learn's way of calling them, their own, and the histories of their evaluation sets."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY

XGB = CLASSIFY + "\nimport xgboost as xgb\nfrom xgboost import XGBClassifier"
LGB = CLASSIFY + "\nimport lightgbm as lgb\nfrom lightgbm import LGBMClassifier"

CASES = (
    Case(
        "xgboost-classifier",
        (
            XGB,
            "%%experiment xgb\n"
            "clf = XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1, eval_metric=['logloss', 'auc'])\n"
            "clf.fit(X_train, y_train, eval_set=[(X_train, y_train), (X_test, y_test)], verbose=False)\n"
            "acc = accuracy_score(y_test, clf.predict(X_test))",
        ),
        {
            "xgb": {
                "acc": "acc",
                "validation_0.logloss": "@dict(enumerate(clf.evals_result()['validation_0']['logloss']))",
                "validation_0.auc": "@dict(enumerate(clf.evals_result()['validation_0']['auc']))",
                "validation_1.logloss": "@dict(enumerate(clf.evals_result()['validation_1']['logloss']))",
                "validation_1.auc": "@dict(enumerate(clf.evals_result()['validation_1']['auc']))",
            }
        },
        modules=("xgboost",),
    ),
    Case(
        "xgboost-train",
        (
            XGB,
            "dtrain, dtest = xgb.DMatrix(X_train, label=y_train), xgb.DMatrix(X_test, label=y_test)",
            "%%experiment booster\n"
            "params = {'objective': 'binary:logistic', 'max_depth': 2, 'eta': 0.3, 'nthread': 1}\n"
            "history = {}\n"
            "bst = xgb.train(params, dtrain, num_boost_round=6, evals=[(dtrain, 'train'), (dtest, 'test')],\n"
            "                evals_result=history, verbose_eval=False)",
            'print("AUC:", roc_auc_score(y_test, bst.predict(dtest)))',
        ),
        {
            "booster": {
                "train.logloss | history.train.logloss": "@dict(enumerate(history['train']['logloss']))",
                "test.logloss | history.test.logloss": "@dict(enumerate(history['test']['logloss']))",
                "auc": "roc_auc_score(y_test, bst.predict(dtest))",
            }
        },
        modules=("xgboost",),
    ),
    Case(
        "lightgbm-classifier",
        (
            LGB,
            "%%experiment lgbm\n"
            "model = LGBMClassifier(n_estimators=5, num_leaves=4, n_jobs=1, verbose=-1)\n"
            "model.fit(X_train, y_train, eval_set=[(X_test, y_test)])",
            "auc_lgbm = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])\nauc_lgbm",
        ),
        {
            "lgbm": {
                "valid_0.binary_logloss": "@dict(enumerate(model.evals_result_['valid_0']['binary_logloss']))",
                "auc_lgbm": "auc_lgbm",
            }
        },
        modules=("lightgbm",),
    ),
    Case(
        "lightgbm-train",
        (
            LGB,
            "%%experiment lgb\n"
            "evals = {}\n"
            "train_set = lgb.Dataset(X_train, label=y_train)\n"
            "gbm = lgb.train({'objective': 'binary', 'metric': 'auc', 'num_leaves': 4, 'num_threads': 1, 'verbose': -1},\n"
            "    train_set, num_boost_round=5, valid_sets=[lgb.Dataset(X_test, label=y_test, reference=train_set)],\n"
            "    valid_names=['valid'], callbacks=[lgb.record_evaluation(evals)])\n"
            "f1 = f1_score(y_test, gbm.predict(X_test) > 0.5)",
        ),
        {
            "lgb": {
                "valid.auc | evals.valid.auc": "@dict(enumerate(evals['valid']['auc']))",
                "f1": "f1",
            }
        },
        modules=("lightgbm",),
    ),
)
