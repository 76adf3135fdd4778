"""Scores that only a later, unmarked cell shows: they belong to the run that made the model."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY, REGRESS, THREE_CLASSES

CASES = (
    Case(
        "scored-in-the-next-cell",
        (
            CLASSIFY,
            "%%experiment forest\nforest = RandomForestClassifier(n_estimators=10, random_state=0).fit(X_train, y_train)",
            "y_pred = forest.predict(X_test)",
            "accuracy_score(y_test, y_pred)",
            'print("F1:", f1_score(y_test, y_pred))',
            "test_score = forest.score(X_test, y_test)\ntest_score",
        ),
        {
            "forest": {
                "accuracy.y_test": "accuracy_score(y_test, y_pred)",
                "f1": "f1_score(y_test, y_pred)",
                "test_score": "test_score",
            }
        },
    ),
    Case(
        "two-runs-and-a-comparison",
        (
            CLASSIFY,
            "%%experiment nb\nnb = GaussianNB().fit(X_train, y_train)",
            "%%experiment tree\ntree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)",
            "nb_acc = nb.score(X_test, y_test)\ntree_acc = tree.score(X_test, y_test)\nprint(nb_acc, tree_acc)",
            "auc_nb = roc_auc_score(y_test, nb.predict_proba(X_test)[:, 1])\n"
            "auc_tree = roc_auc_score(y_test, tree.predict_proba(X_test)[:, 1])",
        ),
        {"nb": {"nb_acc": "nb_acc", "auc_nb": "auc_nb"}, "tree": {"tree_acc": "tree_acc", "auc_tree": "auc_tree"}},
    ),
    Case(
        "the-same-name-fitted-again",
        (
            CLASSIFY,
            "%%experiment shallow\nmodel = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X_train, y_train)",
            'first = model\nprint("Test accuracy:", model.score(X_test, y_test))',
            "%%experiment deep\nmodel = DecisionTreeClassifier(max_depth=6, random_state=0).fit(X_train, y_train)",
            'print("Test accuracy:", model.score(X_test, y_test))',
        ),
        {
            "shallow": {"test_accuracy": "first.score(X_test, y_test)"},
            "deep": {"test_accuracy": "model.score(X_test, y_test)"},
        },
    ),
    Case(
        "probabilities-cut-and-copied",
        (
            CLASSIFY,
            "%%experiment lr\n"
            "lr = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)\n"
            "proba = lr.predict_proba(X_test)",
            "positive = proba[:, 1]",
            "auc_test = roc_auc_score(y_test, positive)",
            "labels = (positive > 0.4).astype(int)\nf1_at_04 = f1_score(y_test, labels)\nf1_at_04",
            "copied = positive.copy().astype('float32')\n"
            'print(f"Average precision: {average_precision_score(y_test, copied):.3f}")',
        ),
        {
            "lr": {
                "auc_test": "auc_test",
                "f1_at_04": "f1_at_04",
                "average_precision": "average_precision_score(y_test, copied)",
            }
        },
    ),
    Case(
        "predictions-in-a-frame",
        (
            REGRESS,
            "%%experiment lasso\nlasso = Lasso(alpha=0.1).fit(X_train, y_train)",
            "results = pd.DataFrame({'actual': y_test, 'predicted': lasso.predict(X_test)})\nresults.head()",
            "mae = mean_absolute_error(results['actual'], results['predicted'])\n"
            "rmse = mean_squared_error(results.actual, results.predicted) ** 0.5\n"
            "print('MAE', round(mae, 2), 'RMSE', round(rmse, 2))",
        ),
        {"lasso": {"mae": "mae", "rmse": "rmse"}},
    ),
    Case(
        "predictions-as-a-column",
        (
            REGRESS,
            "%%experiment forest\n"
            "rf = RandomForestRegressor(n_estimators=8, random_state=2).fit(X_train, y_train)\n"
            "test = X_test.copy()\n"
            "test['y'] = y_test\n"
            "test['pred'] = rf.predict(X_test)",
            "women = test[test.sex > 0]\nr2_women = r2_score(women['y'], women['pred'])",
            "r2_all = r2_score(test['y'], test['pred'])\nr2_all",
        ),
        {"forest": {"r2_women": "r2_women", "r2_all": "r2_all"}},
    ),
    Case(
        "a-loop-over-the-models-of-two-runs",
        (
            CLASSIFY,
            "%%experiment bayes\nnb = GaussianNB().fit(X_train, y_train)",
            "%%experiment neighbours\nknn = KNeighborsClassifier(3).fit(X_train, y_train)",
            "for name, m in [('NB', nb), ('kNN', knn)]:\n"
            "    acc = accuracy_score(y_test, m.predict(X_test))\n"
            "    print(f'{name}: accuracy = {acc:.3f}')",
        ),
        {
            "bayes": {"acc.NB | acc": "accuracy_score(y_test, nb.predict(X_test))"},
            "neighbours": {"acc.kNN | acc": "accuracy_score(y_test, knn.predict(X_test))"},
        },
    ),
    Case(
        "the-best-of-a-series-in-a-later-cell",
        (
            CLASSIFY,
            "%%experiment neighbours\n"
            "accuracies = []\n"
            "knn = KNeighborsClassifier()\n"
            "for k in range(1, 9):\n"
            "    knn.set_params(n_neighbors=k).fit(X_train, y_train)\n"
            "    accuracies.append(knn.score(X_test, y_test))",
            "plt_title = 'accuracy by number of neighbours'\n"
            "print(f'Highest accuracy of all: {max(accuracies) * 100:.2f} %')",
            "top_accuracy = max(accuracies)",
        ),
        {
            "neighbours": {
                "accuracies": "accuracies",
                "highest_accuracy_of_all": "max(accuracies) * 100 ~2",
                "top_accuracy": "max(accuracies)",
            }
        },
    ),
    Case(
        "report-in-a-later-cell",
        (
            THREE_CLASSES,
            "%%experiment svc\nsvc = SVC(gamma=0.05).fit(X_train, y_train)",
            "print(classification_report(y_test, svc.predict(X_test)))",
        ),
        {
            "svc": {
                "classification_report.*": "_rows(classification_report(y_test, svc.predict(X_test), output_dict=True)) ~2"
            }
        },
    ),
    Case(
        "fitted-before-anything-is-tracked",
        (
            CLASSIFY,
            "nb = GaussianNB().fit(X_train, y_train)",
            "acc = accuracy_score(y_test, nb.predict(X_test))\nprint('accuracy', acc)",
            "%%experiment looked\nauc_nb = roc_auc_score(y_test, nb.predict_proba(X_test)[:, 1])\nauc_nb",
        ),
        {"looked": {"auc_nb": "auc_nb"}},
    ),
    Case(
        "scored-in-a-run-of-its-own",
        (
            CLASSIFY,
            "%%experiment training\nclf = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X_train, y_train)",
            "%%experiment evaluation\n"
            "y_pred = clf.predict(X_test)\n"
            "test_accuracy = accuracy_score(y_test, y_pred)\n"
            'print("MCC:", matthews_corrcoef(y_test, y_pred))',
        ),
        {"evaluation": {"test_accuracy": "test_accuracy", "mcc": "matthews_corrcoef(y_test, y_pred)"}},
    ),
    Case(
        "as-books-print-it",
        (
            CLASSIFY,
            "%%experiment knn\nknn = KNeighborsClassifier(n_neighbors=4)\nknn.fit(X_train, y_train)",
            "print('Accuracy on training set: {:.2f}'.format(knn.score(X_train, y_train)))\n"
            "print('Accuracy on test set: {:.2f}'.format(knn.score(X_test, y_test)))",
            "assert knn.score(X_test, y_test) > 0.5",
        ),
        {
            "knn": {
                "accuracy_on_training_set": "knn.score(X_train, y_train)",
                "accuracy_on_test_set": "knn.score(X_test, y_test)",
                "score.y_test?": "knn.score(X_test, y_test)",
            }
        },
    ),
    Case(
        "expressions-without-a-name",
        (
            REGRESS,
            "%%experiment ridge\nridge = Ridge(alpha=0.01).fit(X_train, y_train)\npred = ridge.predict(X_test)",
            "np.mean((y_test - pred)**2)",
            "print(np.abs(y_test - ridge.predict(X_test)).mean())\nprint(len(pred))",
            "print(f'{np.corrcoef(y_test, pred)[0, 1]:.4f}')",
            "print('Result:', round(np.max(np.abs(y_test - pred)), 2), 'units')",
            "1 - ((y_test - pred)**2).sum() / ((y_test - y_test.mean())**2).sum(), np.median(np.abs(y_test - pred))",
        ),
        {
            "ridge": {
                "mean_squared_error.y_test": "np.mean((y_test - pred)**2)",
                "mean_absolute_error.y_test": "np.abs(y_test - pred).mean()",
                "corrcoef.y_test": "np.corrcoef(y_test, pred)[0, 1] ~4",
                "result": "np.max(np.abs(y_test - pred)) ~2",
                "r2.y_test": "1 - ((y_test - pred)**2).sum() / ((y_test - y_test.mean())**2).sum()",
                "median.abs.y_test": "np.median(np.abs(y_test - pred))",
            }
        },
    ),
    Case(
        "shares-without-a-name",
        (
            CLASSIFY,
            "%%experiment nb\nnb = GaussianNB().fit(X_train, y_train)",
            "%%experiment tree\ntree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X_train, y_train)",
            "np.mean(nb.predict(X_test) == y_test)",
            "y_pred = tree.predict(X_test)\nprint((y_test == y_pred).sum(), len(y_test))\nprint((y_test != y_pred).mean())",
            "(y_test == y_pred).sum() / len(y_test)",
            "accuracy_score(y_test, y_pred)",
        ),
        {
            "nb": {"accuracy.X_test | accuracy": "np.mean(nb.predict(X_test) == y_test)"},
            "tree": {
                "error_rate.y_test": "(y_test != y_pred).mean()",
                "accuracy.y_test": "np.mean(y_test == y_pred)",
            },
        },
    ),
    Case(
        "expressions-that-are-no-scores",
        (
            REGRESS,
            "%%experiment ridge\nridge = Ridge(alpha=0.01).fit(X_train, y_train)\npred = ridge.predict(X_test)",
            "y_test.iloc[0] - pred[0]",
            "print(12.5 * pred[0])\nprint(pred.mean(), pred.std())\nprint(y_test.mean())",
            "print(X_test.shape[0] / len(X))\n(y_test - pred).describe()",
            "price = 1.25\nprint(price * ridge.predict(X_test)[0])\nnp.argmax(np.abs(y_test - pred))",
        ),
        {"ridge": {}},
    ),
    Case(
        "statistics-of-a-series-without-a-name",
        (
            CLASSIFY,
            "%%experiment neighbours\n"
            "accs = []\n"
            "aucs = np.zeros((2, 3))\n"
            "for k in range(1, 7):\n"
            "    knn = KNeighborsClassifier(k).fit(X_train, y_train)\n"
            "    accs.append(knn.score(X_test, y_test))\n"
            "    aucs[(k - 1) // 3, (k - 1) % 3] = roc_auc_score(y_test, knn.predict_proba(X_test)[:, 1])",
            "%%experiment trees\n"
            "trees = []\n"
            "for depth in range(1, 5):\n"
            "    tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X_train, y_train)\n"
            "    trees.append(tree.score(X_test, y_test))\n"
            "np.median(trees)",
            "np.mean(accs)",
            "print(f'{np.mean(trees):.4f} +/- {np.std(trees):.4f}')",
            "aucs.mean(axis=1)",
            "accs = [0.5, 0.75]",
            "np.mean(accs)",
        ),
        {
            "neighbours": {
                "accs": "[KNeighborsClassifier(k).fit(X_train, y_train).score(X_test, y_test) for k in range(1, 7)]",
                "aucs": "aucs.ravel()",
                "accs.mean": "np.mean([KNeighborsClassifier(k).fit(X_train, y_train).score(X_test, y_test) for k in range(1, 7)])",
                "aucs.mean": "aucs.mean(axis=1)",
            },
            "trees": {
                "trees": "trees",
                "trees.median": "np.median(trees)",
                "trees.mean": "np.mean(trees) ~4",
                "trees.std": "np.std(trees) ~4",
            },
        },
    ),
    Case(
        "one-column-of-two-tables",
        (
            REGRESS,
            "%%experiment ridge\n"
            "from sklearn import metrics\n"
            "train, test = X_train.assign(target=y_train), X_test.assign(target=y_test)\n"
            "ridge = Ridge().fit(X_train, y_train)\n"
            "fitted, predicted = ridge.predict(X_train), ridge.predict(X_test)",
            "metrics.r2_score(train.target, fitted)",
            "metrics.r2_score(test.target, predicted)",
        ),
        {
            "ridge": {
                "r2.target": "metrics.r2_score(train.target, fitted)",
                "r2.target.predicted": "metrics.r2_score(test.target, predicted)",
            }
        },
    ),
)
