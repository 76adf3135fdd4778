"""The vocabulary: what strangers write for a score, and the false friends that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_bioml.runs.best import best_of
from jupyter_bioml.scores.vocabulary import LESS, MORE, NEITHER, WORDS
from jupyter_bioml.scores.words import is_score, lower_is_better, word_of

#: Names and labels of scores, as found in tutorials and student projects.
SCORES = """
val_acc|testRMSE|r2_train|mean_cv_score|bestLoss|Test accuracy|ROC AUC (5-fold)|Mean squared error|C-index|
F1-score|R²|R^2|R² score|acc|accuracy|Accuracy on the test set|Accuracy at threshold 0.5|auc_rf|rf_auc|lr_acc|
acc_lr|train_loss|running_loss|loss|val_loss|g_loss|Mean of accuracy|Mean of the accuracies|
Standard deviation of AUC|We achieved an accuracy of|The accuracy of the model on the test set is|
Model accuracy is|Random Forest with accuracy|p-value|p_value|pval|Pearson r|Spearman correlation|
log-likelihood|AIC|BIC|Log-Likelihood:|mAP@0.5|mAP50-95|map50|MAP@10|recall@10|ndcg@5|Precision@10|
top-5 accuracy|top5_acc|Dice|dice_coef|mean_dice|IoU|mIoU|HD95|silhouette_avg|ARI|NMI|Silhouette Score|
Cohen's kappa|Harrell's C-index|PR(>F)|p-unc|ADF Test Statistic|Levene's test statistic|
Spearman's rank correlation coefficient|Shapiro-Wilk statistic|Genauigkeit|Genauigkeit auf den Testdaten|Spezifität|Sensitivität|
mittlerer quadratischer Fehler|Précision|Rappel|Exactitude|Erreur quadratique moyenne|Pérdida|Precisión|
Exactitud|Coeficiente de determinación|Fläche unter der Kurve|trainacc|valloss|AUCs|aucs|accs|losses|acc1|
auc_2|AUCtest|testAUC|LogLoss|log_loss|train-rmse|validation_0-logloss|test_f1_macro|split0_test_score|
mean_test_score|std_test_score|best_val_loss|epoch_loss|train_loss_epoch|oob_error|error_rate|
Misclassification rate|neg_mean_squared_error|test_neg_mean_absolute_error|f1_weighted|Weighted F1|
Macro-averaged F1|Brier score|Integrated Brier Score|IBS|concordance_index_|Adj. R-squared|rsquared_adj|
F-statistic|chi2_stat|t-statistic|Error|error|MAE (years)|RMSE [mmHg]|AUC ± std|Area under the ROC curve|
Area under ROC curve|Accuracy with SVM|Average precision|PR-AUC|auprc|Perplexity|BLEU-4|ROUGE-L|WER|Youden's J|
MCC|Sensitivity|Specificity|PPV|NPV|FPR|training loss|Loss after epoch 10|Validation loss|Reconstruction error|
PSNR|SSIM|FID|Training R2|R2 Score|r2score|f1score|cindex|avgloss|balanced_acc|Balanced Accuracy|accuracy_lung|
auc_tcga|RF accuracy|Logistic Regression accuracy|Decision Tree Accuracy Score|Out-of-bag score|oob_score_|
best_score_|Best CV score|Cross-validation score|Test set score|Mean accuracy over 5 folds|CV accuracy|
Accuracy of K-NN classifier on test set|Residual deviance|Null deviance|pseudo R-squared|log-rank p-value|
statistic|Gini coefficient|kappa|Test loss|loss_val|Total loss|box_loss|KL divergence|kl_loss|recon_loss|
res.rf.acc|Validation Dice|dice score (tumor)|Hausdorff distance|Training accuracy for fold|
Model 1 - Test accuracy|Test - accuracy|P-Wert|valeur p|Korrelation
"""

#: Names and labels of other numbers.
OTHERS = """
error_rate_change|radius error|texture_error|accuracy change|
scale|num_features|threshold|score_threshold|loss_fn|accuracy_metric|n_|num_acc|weight_loss|blood_loss|
hearing loss|risk_score|z_score|best_epoch|lr|learning_rate|precision_matrix|recall_date|error_message|std_err|
standard error|auc_threshold|best threshold|Best threshold for F1|Threshold with best F1|Number of errors|
n_errors|errors|score_cols|f1_threshold|score|mean_score|exam_score|apgar_score|map|heatmap|dice_roll|two_dice|
loss of function|age|mean age|mean|std|shape|n_patients|total|count|accuracy_path|auc_ci_low|auc_lower|
AUC 95% CI|hazard ratio|odds ratio|p|r|t|tau|alpha|X|df|date|AUC_inf|auc_dose|Error in line|syntax error|
max depth|k|seed|time|duration|loss_to_followup|hospital_loss|Elapsed time|rate|heart rate|mortality rate|
survival rate|dropout rate|accuracy threshold|Accuracy metric|Score threshold|class_weight|loss_weight|
target_accuracy|metric|Epoch|Step|Fold|batch_size|ccr5|mapping|f2|generation|auc_curve|roc_curve|accuracy_plot|
criterion|doublet_score|S_score|G2M_score|gini|ks|em|precision_medicine|tumor purity|Completeness|
Number of test samples|test|val|train_size|Test size|lossy|accelerometer|account|accession|recalled|aucuba|
matrix|n_genes|pct_counts_mt|total_counts|number of clusters|correlation matrix|correlation threshold|rows|
memory|p_threshold|recall_count|tp|fp|tn|fn|sens_index|ratio|explained_variance_ratio|pc1 variance|hemoglobin|
LDL|mapk|cerebellum|cer_values_count|statistics|statistical|F1 generation|error bars|AUC importance|bias|
intercept|coef|slope|C|gamma|temperature|power|effect|recall bias
"""


def listed(text: str) -> list[str]:
    return [item for item in text.replace("\n", "").split("|") if item]


@pytest.mark.parametrize("text", listed(SCORES))
def test_a_name_or_label_of_a_score(text: str) -> None:
    assert is_score(text)


@pytest.mark.parametrize("text", listed(OTHERS))
def test_a_name_or_label_of_another_number(text: str) -> None:
    assert not is_score(text)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_every_form_of_the_table_is_recognised(word: object) -> None:
    lost = [form for form in word.forms if word_of(form) is not word and form not in ("score", "scores")]  # type: ignore[attr-defined]
    assert lost == []


def test_each_form_stands_once() -> None:
    forms = [form for word in WORDS for form in word.forms]
    assert sorted({form for form in forms if forms.count(form) > 1}) == []
    assert {word.better for word in WORDS} == {MORE, LESS, NEITHER}


@pytest.mark.parametrize(
    "name",
    listed(
        "val_loss|testRMSE|aic|BIC|timing.fit|nll|error_rate|fpr|valid_error_top5|train-mlogloss|brier|ibs|davies_bouldin|hausdorff_distance|perplexity|deviance|errors|log_loss.mean|reconstruction_error|wer|res.rf.mae"
    ),
)
def test_less_is_better(name: str) -> None:
    assert lower_is_better(name)


@pytest.mark.parametrize(
    "name",
    listed(
        "acc|f1|r2|neg_mean_squared_error|test_neg_log_loss|log_likelihood|c_index|silhouette|ndcg|ssim|p_value|rate|depth|survival_time"
    ),
)
def test_less_is_not_better(name: str) -> None:
    assert not lower_is_better(name)


def test_the_best_value_follows_the_vocabulary() -> None:
    values = [("a", -3.0), ("b", -2.0)]
    assert best_of("neg_mean_squared_error", values) == ("b", -2.0)
    assert best_of("log_likelihood", values) == ("b", -2.0)
    assert best_of("val_loss", values) == ("a", -3.0)


@given(st.text(max_size=300))
def test_nothing_raises(text: str) -> None:
    assert is_score(text) in (True, False)
    assert lower_is_better(text) in (True, False)


def test_a_long_text_is_no_label() -> None:
    assert not is_score("accuracy " * 1000)
