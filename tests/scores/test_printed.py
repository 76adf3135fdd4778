"""Labelled numbers of printed text: as people print them, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.scores.labels import clean_label, key_of
from jupyter_bioml.scores.printed import MOST_FIGURES, figures
from jupyter_bioml.scores.words import is_score

#: A printed line → its scores, as (label, value).
PRINTED: list[tuple[str, list[tuple[str, float]]]] = [
    ("0:\t[0s / 0s],\t\ttrain_loss: 2.9525,\tval_loss: 2.7795", [("train_loss", 2.9525), ("val_loss", 2.7795)]),
    (
        "363/363 [==============================] - 1s 2ms/step - loss: 1.3 - dense_2_loss: 1.2 - dense_3_loss: 2.0 - dense_3_mae: 1.1",
        [("loss", 1.3), ("dense_2_loss", 1.2), ("dense_3_loss", 2.0), ("dense_3_mae", 1.1)],
    ),
    ("1. Variable 'age' failed the non-proportional test: p-value is 0.0007.", [("p-value", 0.0007)]),
    (
        "The Cross Validation Score for  SVC() = [0.91 0.93]",
        [("The Cross Validation Score for SVC()", 0.91), ("The Cross Validation Score for SVC()", 0.93)],
    ),
    ("59/Unknown - 1s 3ms/step - loss: 0.9230 - accuracy: 0.6817", [("loss", 0.923), ("accuracy", 0.6817)]),
    ("AUC: 0.93", [("AUC", 0.93)]),
    ("Cost after iteration 300: 0.412750", [("Cost", 0.41275)]),
    ("Epoch 12: train cost 0.31, test cost 0.40", [("train cost", 0.31), ("test cost", 0.40)]),
    ("[ 3/20] train_loss: 0.412 val_loss: 0.503", [("train_loss", 0.412), ("val_loss", 0.503)]),
    ("batch accuracy: tensor(1.)", [("batch accuracy", 1.0)]),
    ("AUC = 0.93 ± 0.02", [("AUC", 0.93), ("AUC", 0.02)]),
    ("accuracy 0.93", [("accuracy", 0.93)]),
    ("acc=0.93, loss=0.2", [("acc", 0.93), ("loss", 0.2)]),
    ("Accuracy : 93.2%", [("Accuracy", 93.2)]),
    ("Test MSE -> 1.2e-3", [("Test MSE", 0.0012)]),
    ("R^2: 0.8", [("R^2", 0.8)]),
    ("R² score 0.81", [("R² score", 0.81)]),
    ("p-value = 0.03", [("p-value", 0.03)]),
    ("AUC 0.85, 95% CI [0.80, 0.90]", [("AUC", 0.85)]),
    ("AUC: 0.85 (0.80-0.90)", [("AUC", 0.85)]),
    (
        "10/10 [==============================] - 1s 5ms/step - loss: 0.3 - accuracy: 0.9 - val_loss: 0.4",
        [("loss", 0.3), ("accuracy", 0.9), ("val_loss", 0.4)],
    ),
    (
        "313/313 ━━━━━━━━━━━━━━━━━━━━ 1s 2ms/step - accuracy: 0.9765 - loss: 0.0789",
        [("accuracy", 0.9765), ("loss", 0.0789)],
    ),
    ("{'acc': 0.9, 'f1': 0.8}", [("acc", 0.9), ("f1", 0.8)]),
    ("{'rf': {'acc': 0.9, 'f1': 0.7}, 'svm': {'acc': 0.8}}", [("acc", 0.9), ("f1", 0.7), ("acc", 0.8)]),
    ("[('acc', 0.9), ('f1', 0.8)]", [("acc", 0.9), ("f1", 0.8)]),
    ("loss: tensor(0.3100, grad_fn=<NllLossBackward0>)", [("loss", 0.31)]),
    ("acc: np.float64(0.93)", [("acc", 0.93)]),
    ("Accuracy: tensor(0.9300, device='cuda:0')", [("Accuracy", 0.93)]),
    ("RandomForest: acc=0.93, f1=0.91", [("acc", 0.93), ("f1", 0.91)]),
    ("Random Forest - Accuracy: 0.93, F1: 0.91", [("Accuracy", 0.93), ("F1", 0.91)]),
    ("Epoch 3/10, loss: 0.31, acc: 0.9", [("loss", 0.31), ("acc", 0.9)]),
    ("[epoch 3] train loss 0.3 | val loss 0.4", [("train loss", 0.3), ("val loss", 0.4)]),
    ("Epoch [3/10], Loss: 0.3123", [("Loss", 0.3123)]),
    ("Step 40: loss 0.3", [("loss", 0.3)]),
    ("Fold 2 AUC: 0.91", [("AUC", 0.91)]),
    ("Accuracy for fold 3: 0.93", [("Accuracy", 0.93)]),
    (
        "Cross-validation scores: [0.93 0.95 0.91]",
        [("Cross-validation scores", 0.93), ("Cross-validation scores", 0.95), ("Cross-validation scores", 0.91)],
    ),
    ("For n_clusters = 2 The average silhouette_score is : 0.70", [("The average silhouette_score", 0.7)]),
    ("k=3: accuracy=0.9", [("accuracy", 0.9)]),
    ("Model 1: accuracy 0.9", [("accuracy", 0.9)]),
    ("Accuracy on 100 samples: 0.93", [("Accuracy on 100 samples", 0.93)]),
    ("Accuracy at threshold 0.5: 0.91", [("Accuracy at threshold 0.5", 0.91)]),
    ("0.98 accuracy with a standard deviation of 0.02", [("accuracy", 0.98), ("accuracy", 0.02)]),
    ("93.2% accuracy", [("accuracy", 93.2)]),
    ("Achieved 93.2% accuracy on test", [("accuracy", 93.2)]),
    ("Accuracy: 0.98 (+/- 0.03)", [("Accuracy", 0.98), ("Accuracy", 0.03)]),
    ("Mean AUC: 0.85 (std: 0.02)", [("Mean AUC", 0.85), ("Mean AUC", 0.02)]),
    ("Test accuracy: Random Forest: 0.93", [("Test accuracy", 0.93)]),
    ("2024-01-05 10:30:12 accuracy: 0.9", [("accuracy", 0.9)]),
    ("\x1b[1mAccuracy\x1b[0m: \x1b[32m0.93\x1b[0m", [("Accuracy", 0.93)]),
    ("Dep. Variable:  y   R-squared:                       0.416", [("R-squared", 0.416)]),
    ("Model:    OLS   Adj. R-squared:                  0.353", [("Adj. R-squared", 0.353)]),
    ("Time:     10:30:11     Log-Likelihood:                -120.30", [("Log-Likelihood", -120.3)]),
    ("No. Observations:  100   AIC:                             1234.", [("AIC", 1234.0)]),
    ("Concordance = 0.64", [("Concordance", 0.64)]),
    ("Partial AIC = 1358.81", [("Partial AIC", 1358.81)]),
    ("SignificanceResult(statistic=0.5, pvalue=0.03)", [("statistic", 0.5), ("pvalue", 0.03)]),
    ("Genauigkeit: 0.93", [("Genauigkeit", 0.93)]),
    ("Das Bestimmtheitsmaß beträgt 0.81", [("Das Bestimmtheitsmaß", 0.81)]),
    ("Précision : 0.9", [("Précision", 0.9)]),
    ("t = 2.31, p = 0.02", [("t", 2.31), ("p", 0.02)]),
    ("Accuracy......0.93", [("Accuracy", 0.93)]),
    ("accuracy      0.93", [("accuracy", 0.93)]),
    ("Accuracy\t0.93", [("Accuracy", 0.93)]),
    (
        "The accuracy of the model on the 10000 test images: 55 %",
        [("The accuracy of the model on the 10000 test images", 55.0)],
    ),
    ("[1,  2000] loss: 2.205", [("loss", 2.205)]),
    ("train Loss: 0.3 Acc: 0.9", [("train Loss", 0.3), ("Acc", 0.9)]),
    ("Precision@10: 0.5", [("Precision@10", 0.5)]),
    ("Top-5 accuracy: 91.2", [("Top-5 accuracy", 91.2)]),
    ("RMSE (5-fold): 3.2", [("RMSE (5-fold)", 3.2)]),
    ("MSE: nan, MAE: 0.3", [("MAE", 0.3)]),
    ("loss: 1,234.5", [("loss", 1234.5)]),
    ("We got an accuracy of 0.93 and an F1 of 0.9", [("We got an accuracy", 0.93), ("F1", 0.9)]),
    ("Accuracy: 0.93!", [("Accuracy", 0.93)]),
    ("Accuracy is 93%.", [("Accuracy", 93.0)]),
    ("1. Accuracy: 0.93", [("Accuracy", 0.93)]),
    (" - AUC: 0.9", [("AUC", 0.9)]),
    ("* **AUC**: 0.9", [("AUC", 0.9)]),
    ("Train acc 0.95 / Test acc 0.93", [("Train acc", 0.95), ("Test acc", 0.93)]),
    ("AUC=0.91 (p<0.001)", [("AUC", 0.91), ("p", 0.001)]),
    ("Accuracy: 0.9333333333333333", [("Accuracy", 0.9333333333333333)]),
    ("TPR=0.9 @ FPR=0.1", [("TPR", 0.9), ("FPR", 0.1)]),
    ("Validation Accuracy = 0.912 for k = 5", [("Validation Accuracy", 0.912)]),
    ("Test set: Average loss: 0.0261, Accuracy: 9913/10000 (99%)", [("Average loss", 0.0261), ("Accuracy", 99.0)]),
    ("IoU: [0.9, 0.8]", [("IoU", 0.9), ("IoU", 0.8)]),
    ("Epoch 1, Train AUC 0.81, Val AUC 0.79", [("Train AUC", 0.81), ("Val AUC", 0.79)]),
    ("epoch=3 step=120 loss=0.3", [("loss", 0.3)]),
    ("MAE: $3,210.50", [("MAE", 3210.5)]),
    ("Mean Squared Error (MSE): 0.31", [("Mean Squared Error (MSE)", 0.31)]),
    ("Time: 12.3 s; accuracy 0.9", [("accuracy", 0.9)]),
    ("Mean accuracy: 91.25 ± 1.30 %", [("Mean accuracy", 91.25), ("Mean accuracy", 1.3)]),
    ("Accuracy of Logistic Regression: 0.8133333", [("Accuracy of Logistic Regression", 0.8133333)]),
    ("The R2 score is 0.81 and the RMSE is 3.2", [("The R2 score", 0.81), ("the RMSE", 3.2)]),
    ("Silhouette Coefficient: 0.553", [("Silhouette Coefficient", 0.553)]),
    ("C-index on test: 0.71", [("C-index on test", 0.71)]),
    ("Harrell's C-index = 0.712 (SE 0.02)", [("Harrell's C-index", 0.712)]),
    ("Log-rank test p-value: 0.0003", [("Log-rank test p-value", 0.0003)]),
    ("Dice score for class 1: 0.87", [("Dice score for class 1", 0.87)]),
    ("Class 0: precision 0.9, recall 0.8", [("precision", 0.9), ("recall", 0.8)]),
    ("Pearson r = 0.83, p = 1e-10", [("Pearson r", 0.83), ("p", 1e-10)]),
    ("Best cross-validation score: 0.95", [("Best cross-validation score", 0.95)]),
    ("[INFO] accuracy: 0.91", [("accuracy", 0.91)]),
    ("INFO:root:val_loss 0.31", [("val_loss", 0.31)]),
    (
        "Epoch 001: | Train Loss: 0.68 | Val Loss: 0.65 | Train Acc: 57.3| Val Acc: 61.2",
        [("Train Loss", 0.68), ("Val Loss", 0.65), ("Train Acc", 57.3), ("Val Acc", 61.2)],
    ),
    ("Training loss: 0.31   Validation loss: 0.42", [("Training loss", 0.31), ("Validation loss", 0.42)]),
    ("Mean ROC AUC: 0.916 (0.012)", [("Mean ROC AUC", 0.916)]),
    ("fold 1 done, roc_auc 0.91", [("roc_auc", 0.91)]),
    ("Sensitivity: 0.9, Specificity: 0.8", [("Sensitivity", 0.9), ("Specificity", 0.8)]),
    ("MAE: 3.2 years", [("MAE", 3.2)]),
    ("RMSE = 12.31 mg/dL", [("RMSE", 12.31)]),
    ("Korrelationskoeffizient: 0.81", [("Korrelationskoeffizient", 0.81)]),
    ("Erreur quadratique moyenne : 12.3", [("Erreur quadratique moyenne", 12.3)]),
    ("Exactitud del modelo: 0.91", [("Exactitud del modelo", 0.91)]),
    ("Precisión: 0.91", [("Precisión", 0.91)]),
    ("Explained variance: 0.81", [("Explained variance", 0.81)]),
    ("Davies–Bouldin index: 0.91", [("Davies–Bouldin index", 0.91)]),
    ("ARI=0.81; NMI=0.79", [("ARI", 0.81), ("NMI", 0.79)]),
    ("Final test acc: 97.31%", [("Final test acc", 97.31)]),
    ("loss: 2.302585  [    0/60000]", [("loss", 2.302585)]),
    (" Accuracy: 65.6%, Avg loss: 1.070779 ", [("Accuracy", 65.6), ("Avg loss", 1.070779)]),
    ("Accuracy (train) = 0.99 | Accuracy (test) = 0.91", [("Accuracy (train)", 0.99), ("Accuracy (test)", 0.91)]),
    ("MSE train: 0.31, test: 0.42", [("MSE train", 0.31), ("MSE test", 0.42)]),
    ("R^2 train: 0.81, test: 0.72", [("R^2 train", 0.81), ("R^2 test", 0.72)]),
    ("train MSE 0.31 test MSE 0.42", [("train MSE", 0.31), ("test MSE", 0.42)]),
    ("Score on train: 0.99", [("Score on train", 0.99)]),
    ("pvalue=0.031", [("pvalue", 0.031)]),
    (
        "KstestResult(statistic=0.2, pvalue=0.03, statistic_location=1.2, statistic_sign=1)",
        [("statistic", 0.2), ("pvalue", 0.03)],
    ),
    ("Ttest_indResult(statistic=-2.3, pvalue=0.021)", [("statistic", -2.3), ("pvalue", 0.021)]),
    ("Statistics=0.983, p=0.421", [("p", 0.421)]),
    ("F(2, 57) = 4.31, p = 0.018", [("F(2, 57)", 4.31), ("p", 0.018)]),
    ("chi2: 12.3, dof: 4, p: 0.02", [("chi2", 12.3), ("p", 0.02)]),
    ("Perplexity: 21.3", [("Perplexity", 21.3)]),
    ("BLEU = 31.2", [("BLEU", 31.2)]),
    ("Jaccard index (tumour core): 0.71", [("Jaccard index (tumour core)", 0.71)]),
    ("HD95 (mm): 5.3", [("HD95 (mm)", 5.3)]),
]

#: Printed lines without a score.
WITHOUT = [
    "  (drop): Dropout(p=0.5, inplace=False)",
    "Run 3 cost: 12.50 EUR",
    "Cost: 412.75",
    "24  radius error  569 non-null    float64",
    "25  Recall        569 non-null    float64",
    "accuracy             0",
    "Accuracy\t12",
    "error_rate_change = -17%",
    "CPU times: user 47.1 s, sys: 1.74 s, total: 48.9 s",
    "4.05 s ± 327 ms per loop (mean ± std. dev. of 7 runs, 1 loop each)",
    "Requirement already satisfied: pytz>=2020.1 in /usr/local/lib (from pandas) (2025.2)",
    "Fitting 5 folds for each of 10 candidates, totalling 50 fits",
    "The ``p_value_threshold`` is set at 0.05. Even under the null hypothesis",
    "AUC 95% CI: 0.80 - 0.90",
    "numpy 1.26.4",
    "shape: (100, 3)",
    "torch.Size([64, 3])",
    "/home/x/run3/data 12",
    "100%|██████████| 10/10 [00:01<00:00, 9.5it/s, loss=0.3]",
    "Date:     Mon, 01 Jan 2024   Prob (F-statistic):           4.02e-05",
    "log-likelihood ratio test = 33.27 on 7 df, -log2(p)=15.37",
    "Best trial: 3. Best value: 0.93",
    "LogisticRegression     0.93",
    "val_loss improved from 0.31 to 0.29, saving model",
    "Hours: 5, Minutes: 3",
    "Train: 0.99 Test: 0.93",
    "Best parameters: {'C': 1.0, 'gamma': 0.1}",
    ">0.912 (0.031)",
    ">rf 0.912 (0.031)",
    "Test Error: ",
    "Optimal threshold: 0.43",
    "Sample size: 120",
    "Number of features: 20",
    "Loaded 569 samples with 30 features",
    "Age: 54.2 ± 10.1",
    "Epoch time: 3.1 s",
    "Learning rate: 0.001",
    "n_estimators=100, max_depth=5",
    "Date: 2024-01-05",
    "Version 3.11.7",
    "192.168.0.1 port 8080",
    "http://localhost:8888/tree?token=12",
    "Shape of X: (569, 30)",
    "Time elapsed: 0:00:12",
    "GPU memory: 3.2 GB",
    "0    357",
    "1    212",
]


@pytest.mark.parametrize(("line", "expected"), PRINTED, ids=[line for line, _ in PRINTED])
def test_scores_of_a_line(line: str, expected: list[tuple[str, float]]) -> None:
    assert [(figure.label, figure.value) for figure in figures(line) if figure.score] == expected


@pytest.mark.parametrize("line", WITHOUT)
def test_a_line_without_a_score(line: str) -> None:
    assert [figure for figure in figures(line) if figure.score] == []


def test_digits_percent_and_spread() -> None:
    (mean, spread) = figures("Accuracy: 93.20% (+/- 1.5%)")
    assert (mean.value, mean.digits, mean.percent, mean.spread) == (93.2, 2, True, False)
    assert (spread.label, spread.value, spread.digits, spread.spread) == ("Accuracy", 1.5, 1, True)
    assert [figure.digits for figure in figures("mse 1.2e-3, mae 1.2e5, rmse 12")] == [4, -4, 0]


def test_a_list_has_places() -> None:
    found = figures("CV accuracy: [0.91 0.93 0.95]")
    assert [(figure.place, figure.value) for figure in found] == [(0, 0.91), (1, 0.93), (2, 0.95)]


def test_groups() -> None:
    found = figures("Random Forest: acc=0.93, f1=0.91\nSVM - Accuracy: 0.8\n{'rf': {'auc': 0.9}, 'svm': {'auc': 0.8}}")
    assert [(figure.group, figure.label) for figure in found] == [
        ("Random Forest", "acc"), ("Random Forest", "f1"), ("SVM", "Accuracy"), ("rf", "auc"), ("svm", "auc"),
    ]  # fmt: skip


def test_a_heading_gives_the_step_until_a_blank_line() -> None:
    text = "Epoch 2/24\n----------\ntrain Loss: 0.30 Acc: 0.9\nval Loss: 0.4 Acc: 0.8\n\nBest val Acc: 0.95"
    assert [(figure.label, figure.step) for figure in figures(text)] == [
        ("train Loss", 2), ("Acc", 2), ("val Loss", 2), ("Acc", 2), ("Best val Acc", None),
    ]  # fmt: skip


def test_what_a_terminal_overwrote_is_not_there() -> None:
    found = figures("loss: 0.9\rloss: 0.5\rloss: 0.3\n\x1b[32mAUC\x1b[0m = \x1b[1m0.91\x1b[0m")
    assert [(figure.label, figure.value, figure.line) for figure in found] == [("loss", 0.3, 0), ("AUC", 0.91, 1)]


def test_nan_and_infinite_are_no_figures() -> None:
    assert [figure.label for figure in figures("mse: nan, mae: inf, rmse: 0.3, r2: 1e999")] == ["rmse"]


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Test accuracy:", "test_accuracy"), ("ROC AUC (5-fold)", "roc_auc_5_fold"), ("R²", "r2"), ("R^2 =", "r2"),
        ("  ** Final F1-score ** :", "final_f1_score"), ("Précision", "précision"), ("The accuracy is", "the_accuracy"),
        ("{'acc'", "acc"), ("Précision moyenne : ", "précision_moyenne"), ("mAP@0.5", "map@0.5"), ("Accuracy (%)", "accuracy_percent"),
        ("", ""), ("---", ""),
    ],
)  # fmt: skip
def test_the_name_of_a_label(label: str, key: str) -> None:
    assert key_of(label) == key


@given(st.text(max_size=400))
def test_nothing_raises(text: str) -> None:
    for figure in figures(text):
        assert figure.value == figure.value and isinstance(is_score(figure.label), bool)
    assert isinstance(clean_label(text), str) and isinstance(key_of(text), str)


@given(
    st.lists(
        st.sampled_from([*"0123456789.,:;=-+%()[]{}'\"eE \n\t\r/|>", "acc", "loss", "nan", "±", "Epoch ", "CI"]),
        max_size=80,
    ).map("".join)
)
def test_no_mixture_of_signs_raises(text: str) -> None:
    assert len(figures(text)) <= MOST_FIGURES


@pytest.mark.parametrize(
    "part", ["1 ", "acc 0.1 ", "a : ", "[", "(0.1", "\x1b[1;2", "{'a': ", "acc: 0.1\n", "- " * 400 + "1\n"]
)
def test_long_output_is_bounded(part: str) -> None:
    assert len(figures(part * (200_000 // len(part)))) <= MOST_FIGURES
