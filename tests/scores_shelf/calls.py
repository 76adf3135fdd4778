"""Scores returned by functions of ``sklearn.metrics`` and by ``.score``: bound, shown, printed, in the run's own cell."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY, REGRESS, THREE_CLASSES

CASES = (
    Case(
        "bound-to-names",
        (
            CLASSIFY,
            "%%experiment forest\n"
            "model = RandomForestClassifier(n_estimators=12, random_state=1)\n"
            "model.fit(X_train, y_train)\n"
            "y_pred = model.predict(X_test)\n"
            "acc = accuracy_score(y_test, y_pred)\n"
            "f1 = f1_score(y_test, y_pred)\n"
            "AUC = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])",
        ),
        {"forest": {"acc": "acc", "f1": "f1", "AUC": "AUC"}},
    ),
    Case(
        "last-expression",
        (
            CLASSIFY,
            "%%experiment bayes\nclf = GaussianNB().fit(X_train, y_train)\naccuracy_score(y_test, clf.predict(X_test))",
        ),
        {"bayes": {"accuracy.y_test": "accuracy_score(y_test, clf.predict(X_test))"}},
    ),
    Case(
        "score-of-both-halves",
        (
            CLASSIFY,
            "%%experiment tree\n"
            "tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)\n"
            "tree.score(X_train, y_train), tree.score(X_test, y_test)",
        ),
        {
            "tree": {
                "score.y_train": "tree.score(X_train, y_train)",
                "score.y_test": "tree.score(X_test, y_test)",
            }
        },
    ),
    Case(
        "printed-with-a-comma",
        (
            CLASSIFY,
            "%%experiment knn\n"
            "knn = KNeighborsClassifier(5)\n"
            "knn.fit(X_train, y_train)\n"
            "y_score = knn.predict_proba(X_test)[:, 1]\n"
            'print("Accuracy:", knn.score(X_test, y_test))\n'
            'print("Test AUC", roc_auc_score(y_test, y_score))\n'
            'print("MCC =", matthews_corrcoef(y_test, knn.predict(X_test)))',
        ),
        {
            "knn": {
                "accuracy": "knn.score(X_test, y_test)",
                "test_auc": "roc_auc_score(y_test, y_score)",
                "mcc": "matthews_corrcoef(y_test, knn.predict(X_test))",
            }
        },
    ),
    Case(
        "printed-three-ways",
        (
            CLASSIFY,
            "%%experiment lr\n"
            "lr = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)\n"
            "pred = lr.predict(X_test)\n"
            'print(f"Balanced accuracy: {balanced_accuracy_score(y_test, pred):.3f}")\n'
            "print('Kappa: {:.2f}'.format(cohen_kappa_score(y_test, pred)))\n"
            'print("Log loss = %.4f" % log_loss(y_test, lr.predict_proba(X_test)))',
        ),
        {
            "lr": {
                "balanced_accuracy": "balanced_accuracy_score(y_test, pred)",
                "kappa": "cohen_kappa_score(y_test, pred)",
                "log_loss": "log_loss(y_test, lr.predict_proba(X_test))",
            }
        },
    ),
    Case(
        "root-of-a-call",
        (
            REGRESS,
            "%%experiment ridge\n"
            "ridge = Ridge(alpha=0.5).fit(X_train, y_train)\n"
            "y_pred = ridge.predict(X_test)\n"
            "mse = mean_squared_error(y_test, y_pred)\n"
            "rmse = np.sqrt(mean_squared_error(y_test, y_pred))\n"
            "r2 = round(r2_score(y_test, y_pred), 3)\n"
            'print("MAE: {:.2f}, RMSE: {:.2f}, R2: {}".format(mean_absolute_error(y_test, y_pred), rmse, r2))',
        ),
        {"ridge": {"mse": "mse", "rmse": "rmse", "r2": "r2", "mae": "mean_absolute_error(y_test, y_pred)"}},
    ),
    Case(
        "bound-and-printed-is-one",
        (
            CLASSIFY,
            "%%experiment nb\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "accuracy = accuracy_score(y_test, nb.predict(X_test))\n"
            'print(f"Model accuracy: {accuracy:.4f}")\n'
            'print("Accuracy in percent: %.1f" % (100 * accuracy))\n'
            "accuracy",
        ),
        {"nb": {"accuracy": "accuracy"}},
    ),
    Case(
        "keywords-and-module",
        (
            CLASSIFY + "\nfrom sklearn import metrics\nimport sklearn.metrics as skm",
            "%%experiment lr\n"
            "lr = LogisticRegression(max_iter=2000).fit(X_train, y_train)\n"
            "metrics.accuracy_score(y_true=y_test, y_pred=lr.predict(X_test))",
            "%%experiment tree\n"
            "tree = DecisionTreeClassifier(max_depth=2).fit(X_train, y_train)\n"
            "auroc = skm.roc_auc_score(y_test, y_score=tree.predict_proba(X_test)[:, 1])\n"
            "auroc",
        ),
        {
            "lr": {"accuracy.y_test": "accuracy_score(y_test, lr.predict(X_test))"},
            "tree": {"auroc": "auroc"},
        },
    ),
    Case(
        "unpacked",
        (
            THREE_CLASSES,
            "%%experiment svc\n"
            "svc = SVC(kernel='linear').fit(X_train, y_train)\n"
            "y_hat = svc.predict(X_test)\n"
            "prec, rec, f1, _ = precision_recall_fscore_support(y_test, y_hat, average='macro')\n"
            "train_acc, test_acc = svc.score(X_train, y_train), svc.score(X_test, y_test)\n"
            "print(prec, rec, f1)",
        ),
        {"svc": {"prec": "prec", "rec": "rec", "f1": "f1", "train_acc": "train_acc", "test_acc": "test_acc"}},
    ),
    Case(
        "one-value-for-each-class",
        (
            THREE_CLASSES,
            "%%experiment nb\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "f1_per_class = f1_score(y_test, nb.predict(X_test), average=None)\n"
            "f1_per_class",
            "%%experiment svc\n"
            "svc = SVC().fit(X_train, y_train)\n"
            "precision, recall, fscore, support = precision_recall_fscore_support(y_test, svc.predict(X_test))\n"
            "print('precision:', precision)\nprint('recall:', recall)",
        ),
        {
            "nb": {"f1_per_class.*": "dict(enumerate(f1_per_class))"},
            "svc": {
                "precision.*": "dict(enumerate(precision))",
                "recall.*": "dict(enumerate(recall))",
                "fscore.*": "dict(enumerate(fscore))",
            },
        },
    ),
    Case(
        "same-label-twice",
        (
            REGRESS,
            "%%experiment linear\n"
            "reg = LinearRegression().fit(X_train, y_train)\n"
            'print("R2:", reg.score(X_train, y_train))\n'
            'print("R2:", reg.score(X_test, y_test))',
        ),
        {
            "linear": {
                "r2 | r2.y_train": "reg.score(X_train, y_train)",
                "r2.y_test | r2.2 | r2.X_test": "reg.score(X_test, y_test)",
            }
        },
    ),
    Case(
        "curve-and-area",
        (
            CLASSIFY,
            "%%experiment lr\n"
            "lr = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)\n"
            "probs = lr.predict_proba(X_test)\n"
            "fpr, tpr, thresholds = roc_curve(y_test, probs[:, 1])\n"
            "roc_auc = auc(fpr, tpr)\n"
            "ap = average_precision_score(y_test, probs[:, 1])\n"
            "brier = brier_score_loss(y_test, probs[:, 1])",
        ),
        {"lr": {"roc_auc": "roc_auc", "ap": "ap", "brier": "brier"}},
    ),
    Case(
        "two-models-in-one-cell",
        (
            CLASSIFY,
            "%%experiment both\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X_train, y_train)\n"
            "acc_nb = accuracy_score(y_test, nb.predict(X_test))\n"
            "acc_tree = accuracy_score(y_test, tree.predict(X_test))\n"
            'print("Naive Bayes AUC:", roc_auc_score(y_test, nb.predict_proba(X_test)[:, 1]))\n'
            'print("Tree AUC:", roc_auc_score(y_test, tree.predict_proba(X_test)[:, 1]))',
        ),
        {
            "both": {
                "acc_nb": "acc_nb",
                "acc_tree": "acc_tree",
                "naive_bayes_auc": "roc_auc_score(y_test, nb.predict_proba(X_test)[:, 1])",
                "tree_auc": "roc_auc_score(y_test, tree.predict_proba(X_test)[:, 1])",
            }
        },
    ),
    Case(
        "inside-blocks",
        (
            CLASSIFY + "\nimport warnings",
            "%%experiment blocks\n"
            "with warnings.catch_warnings():\n"
            "    warnings.simplefilter('ignore')\n"
            "    clf = LogisticRegression(max_iter=30).fit(X_train, y_train)\n"
            "    train_acc = clf.score(X_train, y_train)\n"
            "try:\n"
            "    auc_test = roc_auc_score(y_test, clf.decision_function(X_test))\n"
            "except ValueError:\n"
            "    auc_test = None\n"
            "if (f1 := f1_score(y_test, clf.predict(X_test))) > 0.5:\n"
            "    print('usable', f1)\n"
            "if train_acc > 0.5:\n"
            "    test_acc = clf.score(X_test, y_test)",
        ),
        {"blocks": {"train_acc": "train_acc", "auc_test": "auc_test", "f1": "f1", "test_acc": "test_acc"}},
    ),
    Case(
        "an-error-after-the-score",
        (
            CLASSIFY,
            "%%experiment fails\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "acc = accuracy_score(y_test, nb.predict(X_test))\n"
            "f1 = f1_score(y_test, nb.predict(X_train))",
            "roc_auc_score(y_test, y_test[:3])",
        ),
        {"fails": {"acc": "acc"}},
        raises=(1, 2),
    ),
    Case(
        "asked-for",
        (
            CLASSIFY,
            "%%experiment chosen --metrics auc_test\n"
            "nb = GaussianNB().fit(X_train, y_train)\n"
            "auc_test = roc_auc_score(y_test, nb.predict_proba(X_test)[:, 1])",
            "%%experiment logged\n"
            "import jupyter_bioml as bioml\n"
            "tree = DecisionTreeClassifier(max_depth=2).fit(X_train, y_train)\n"
            "bioml.log(my_number=tree.tree_.threshold[0])\n"
            "acc = tree.score(X_test, y_test)",
        ),
        {"chosen": {"auc_test": "auc_test"}, "logged": {"my_number": "tree.tree_.threshold[0]", "acc": "acc"}},
    ),
)
