"""The published vocabulary: the words for scores, the forms people write, and which direction is better.

``docs/reference/scores.md`` is written from this table. A form is a sequence of lower-case words, without accents
and articles; ``words`` says how a name or a label is compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass

MORE, LESS, NEITHER = "more", "less", "neither"


@dataclass(frozen=True)
class ScoreWord:
    """One word for a score."""

    name: str
    """How the reference page spells it"""
    family: str
    """What kind of task it belongs to"""
    forms: tuple[str, ...]
    """The spellings, each a sequence of words"""
    better: str
    """``more``, ``less``, or ``neither`` where no direction is better"""
    meaning: str
    """One line for users"""
    source: str
    """Where it is defined: a function of a library, or a paper"""
    narrow: bool = False
    """It has other meanings: it counts only beside words that speak of an evaluation (``blood_loss`` does not)"""


def _family(
    family: str, *rows: tuple[str, str, str, str, str] | tuple[str, str, str, str, str, bool]
) -> list[ScoreWord]:
    return [ScoreWord(row[0], family, tuple(row[1].split("|")), *row[2:]) for row in rows]


CLASSIFICATION = _family(
    "Classification",
    ("accuracy", "accuracy|acc|accuracies|accuracy score|accu|genauigkeit|korrektklassifikationsrate|exactitude|exactitud|acuracia|accuratezza|taux de reussite|taux de bonne classification|tasa de acierto",
     MORE, "share of predictions that are right", "sklearn.metrics.accuracy_score"),
    ("balanced accuracy", "balanced accuracy|balanced acc|bal acc|bacc|balanced accuracy score|balancierte genauigkeit", MORE, "mean of the recalls of all classes", "sklearn.metrics.balanced_accuracy_score"),
    ("top-k accuracy", "top k accuracy|top 1 accuracy|top 5 accuracy|top1 accuracy|top5 accuracy|top 1 acc|top 5 acc|top1 acc|top5 acc", MORE, "share of rows whose class is among the k most likely", "sklearn.metrics.top_k_accuracy_score", True),
    ("ROC AUC", "auc|roc auc|auc roc|auroc|rocauc|aucroc|roc auc score|auc score|area under curve|area under roc|area under roc curve|area under receiver operating characteristic curve|flache unter kurve|flache unter roc kurve|aire sous courbe|aire sous courbe roc|area bajo curva|roc score",
     MORE, "area under the receiver operating characteristic", "sklearn.metrics.roc_auc_score"),
    ("PR AUC", "pr auc|auc pr|auprc|aucpr|prauc|auprc score|precision recall auc|area under precision recall curve", MORE, "area under precision over recall", "sklearn.metrics.auc of precision_recall_curve"),
    ("average precision", "average precision|average precision score|avg precision|avgprec|aps|ap", MORE, "precision averaged over recall", "sklearn.metrics.average_precision_score", True),
    ("precision", "precision|prec|precision score|precisions|ppv|positive predictive value|prazision|prazision score|precisione", MORE, "share of the positive predictions that are right", "sklearn.metrics.precision_score", True),
    ("recall", "recall|rec|recall score|recalls|true positive rate|tpr|sensitivity|sensitivitat|sensibilite|sensibilidad|rappel|exhaustividad|trefferquote|sens", MORE, "share of the positives that are found", "sklearn.metrics.recall_score", True),
    ("specificity", "specificity|specificity score|true negative rate|tnr|spezifitat|specificite|especificidad", MORE, "share of the negatives that are found", "sklearn.metrics.recall_score(pos_label=0)"),
    ("negative predictive value", "npv|negative predictive value", MORE, "share of the negative predictions that are right", "Altman and Bland 1994"),
    ("false positive rate", "false positive rate|fpr|fallout", LESS, "share of the negatives that are called positive", "sklearn.metrics.roc_curve", True),
    ("false negative rate", "false negative rate|fnr|miss rate", LESS, "share of the positives that are missed", "Altman and Bland 1994", True),
    ("F1", "f1|f1 score|f score|f1 scores|f measure|f1 measure|fscore|fmeasure|f1s|mesure f1|f1 mass|f mass|puntuacion f1", MORE, "harmonic mean of precision and recall", "sklearn.metrics.f1_score"),
    ("F-beta", "fbeta|f beta|fbeta score|f beta score|f2 score|f 2 score|f05 score|f0 5 score", MORE, "weighted harmonic mean of precision and recall", "sklearn.metrics.fbeta_score"),
    ("Matthews correlation", "mcc|matthews|matthews corrcoef|matthews correlation|matthews correlation coefficient|mcc score", MORE, "correlation of classes and predictions", "sklearn.metrics.matthews_corrcoef"),
    ("Cohen's kappa", "cohen kappa|cohens kappa|cohen kappa score|kappa score|kappa|qwk|quadratic weighted kappa|quadratic kappa|weighted kappa", MORE, "agreement beyond chance", "sklearn.metrics.cohen_kappa_score", True),
    ("G-mean", "g mean|gmean|geometric mean score", MORE, "geometric mean of sensitivity and specificity", "imblearn.metrics.geometric_mean_score", True),
    ("Youden's J", "youden|youden j|youden index|youdens j|youdens index|informedness|j statistic", MORE, "sensitivity + specificity - 1", "Youden 1950", True),
    ("likelihood ratio", "positive likelihood ratio|negative likelihood ratio|lr plus|lr minus", NEITHER, "how much a test result changes the odds", "sklearn.metrics.class_likelihood_ratios"),
    ("log loss", "log loss|logloss|mlogloss|binary logloss|multi logloss|logarithmic loss|log losses", LESS, "negative mean log likelihood of the classes", "sklearn.metrics.log_loss"),
    ("Brier score", "brier|brier score|brier score loss|brier loss|brier scores", LESS, "mean squared difference of probability and outcome", "sklearn.metrics.brier_score_loss"),
    ("calibration error", "ece|expected calibration error|calibration error|mce|maximum calibration error|adaptive calibration error", LESS, "distance of probabilities from observed frequencies", "Naeini et al. 2015", True),
    ("error rate", "error rate|err rate|misclassification rate|misclassification error|classification error|merror|fehlerrate|fehlerquote|taux d erreur|taux erreur|tasa de error|equal error rate|eer", LESS, "share of predictions that are wrong", "1 - sklearn.metrics.accuracy_score"),
    ("hamming loss", "hamming loss|hamming score|zero one loss|hinge loss", LESS, "share of labels that are wrong", "sklearn.metrics.hamming_loss"),
    ("Gini", "gini score|gini coefficient|gini index score|normalized gini", MORE, "2 AUC - 1", "Hand and Till 2001"),
    ("KS statistic", "ks statistic|ks stat|ks score|kolmogorov smirnov statistic", MORE, "largest distance of two distribution functions", "scipy.stats.ks_2samp"),
)  # fmt: skip

REGRESSION = _family(
    "Regression",
    ("mean absolute error", "mae|mean absolute error|mean abs error|mean absolute errors|erreur absolue moyenne|error absoluto medio|mittlerer absoluter fehler|erro medio absoluto", LESS, "mean distance from the truth, in its unit", "sklearn.metrics.mean_absolute_error"),
    ("mean squared error", "mse|mean squared error|mean square error|mean sq error|mean squared errors|quadratic error|erreur quadratique moyenne|error cuadratico medio|mittlerer quadratischer fehler|mittlere quadratische abweichung|erro quadratico medio", LESS, "mean squared distance from the truth", "sklearn.metrics.mean_squared_error"),
    ("root mean squared error", "rmse|root mean squared error|root mean square error|root mse|rmsd|root mean square deviation|nrmse|normalized rmse|rmspe|racine erreur quadratique moyenne|raiz error cuadratico medio|raiz del error cuadratico medio|wurzel mittlerer quadratischer fehler", LESS, "square root of the mean squared error", "sklearn.metrics.root_mean_squared_error"),
    ("logarithmic error", "rmsle|msle|mean squared log error|mean squared logarithmic error|root mean squared log error|root mean squared logarithmic error", LESS, "squared error of the logarithms", "sklearn.metrics.mean_squared_log_error"),
    ("percentage error", "mape|smape|wape|mdape|mpe|mean absolute percentage error|mean abs percentage error|symmetric mean absolute percentage error|mittlerer prozentualer fehler", LESS, "mean distance in percent of the truth", "sklearn.metrics.mean_absolute_percentage_error"),
    ("median absolute error", "medae|median absolute error|median abs error|mdae", LESS, "median distance from the truth", "sklearn.metrics.median_absolute_error"),
    ("max error", "max error|maximum residual error|max residual error", LESS, "largest distance from the truth", "sklearn.metrics.max_error", True),
    ("scaled error", "mase|mean absolute scaled error|rmsse", LESS, "error against that of a naive forecast", "Hyndman and Koehler 2006"),
    ("R²", "r2|r 2|r2 score|r 2 score|r squared|rsquared|r square|rsq|r sq|r2s|r2 scores|coefficient of determination|bestimmtheitsmass|coefficient de determination|coeficiente de determinacion|q2|pseudo r2|pseudo r squared|prsquared|mcfadden r2|mcfaddens r2|nagelkerke r2|rsquare",
     MORE, "share of the variance that is explained", "sklearn.metrics.r2_score"),
    ("adjusted R²", "adj r2|adjusted r2|r2 adj|r2 adjusted|adj r squared|adjusted r squared|adj r sq|adjr2|rsquared adj|adjusted r square|r squared adj|r squared adjusted|korrigiertes bestimmtheitsmass|r2 ajuste|r2 ajustado", MORE, "R² with a charge for the number of variables", "statsmodels RegressionResults.rsquared_adj"),
    ("explained variance", "explained variance score|explained variance|explained var score|evs|d2 score|d2 absolute error score|d2 tweedie score|d2 pinball score", MORE, "share of the variance that is explained, bias left out", "sklearn.metrics.explained_variance_score", True),
    ("pinball loss", "pinball loss|mean pinball loss|quantile loss|quantile score|crps|continuous ranked probability score|winkler score", LESS, "loss of a predicted quantile", "sklearn.metrics.mean_pinball_loss"),
    ("deviance of a model", "mean poisson deviance|mean gamma deviance|mean tweedie deviance|poisson deviance|gamma deviance", LESS, "twice the distance of log likelihoods", "sklearn.metrics.mean_tweedie_deviance"),
    ("sum of squares", "sse|ssr|sum of squared errors|sum squared errors|sum of squared residuals|residual sum of squares|sum of squares error", LESS, "sum of the squared errors", "statsmodels RegressionResults.ssr", True),
)  # fmt: skip

SURVIVAL = _family(
    "Survival",
    ("concordance index", "c index|cindex|concordance|concordance index|concordance index censored|concordance index ipcw|c index score|c statistic|c stat|harrell c|harrells c|harrell c index|harrells c index|harrell concordance index|uno c|unos c|uno c index|unos c index|c td|antolini c|concordance score|concordances|konkordanzindex|konkordanz index|indice de concordance|indice c|indice de concordancia", MORE, "share of the pairs of patients in the right order", "sksurv.metrics.concordance_index_censored, lifelines.utils.concordance_index"),
    ("time-dependent AUC", "time dependent auc|dynamic auc|cumulative dynamic auc|td auc|iauc|integrated auc|auc t", MORE, "AUC at a time after the start", "sksurv.metrics.cumulative_dynamic_auc"),
    ("integrated Brier score", "ibs|integrated brier score|integrated brier|ibll|inbll", LESS, "Brier score over all times", "sksurv.metrics.integrated_brier_score"),
    ("log-rank statistic", "log rank statistic|logrank statistic|log rank test statistic|logrank test statistic|logrank p|log rank p|logrank p value|log rank p value|logrank", NEITHER, "statistic or p value that compares survival curves", "lifelines.statistics.logrank_test"),
)  # fmt: skip

CLUSTERING = _family(
    "Clustering",
    ("silhouette", "silhouette|silhouette score|silhouette coefficient|silhouette avg|silhouettes|asw|sil score|silhouettenkoeffizient|silhouette width", MORE, "how much closer rows are to their own cluster", "sklearn.metrics.silhouette_score"),
    ("Davies-Bouldin", "davies bouldin|davies bouldin score|davies bouldin index|dbi|db index", LESS, "likeness of each cluster with its next", "sklearn.metrics.davies_bouldin_score"),
    ("Calinski-Harabasz", "calinski harabasz|calinski harabasz score|calinski harabasz index|calinski|ch index|variance ratio criterion", MORE, "spread between clusters over spread within", "sklearn.metrics.calinski_harabasz_score"),
    ("Rand index", "ari|adjusted rand|adjusted rand index|adjusted rand score|rand index|rand score", MORE, "share of pairs that two groupings treat alike", "sklearn.metrics.adjusted_rand_score", True),
    ("mutual information", "nmi|ami|normalized mutual info|normalized mutual information|adjusted mutual info|adjusted mutual information|normalized mutual info score|adjusted mutual info score|mutual info score|mutual information score", MORE, "information that two groupings share", "sklearn.metrics.normalized_mutual_info_score", True),
    ("V-measure", "v measure|v measure score|vmeasure|homogeneity score|completeness score|fowlkes mallows|fowlkes mallows score|fowlkes mallows index|fmi", MORE, "agreement of clusters and classes", "sklearn.metrics.v_measure_score"),
    ("inertia", "inertia|wcss|within cluster sum of squares", LESS, "sum of squared distances from the cluster centres", "sklearn.cluster.KMeans.inertia_", True),
    ("modularity", "modularity|modularity score", MORE, "edges within communities against chance", "Newman 2006", True),
    ("cluster purity", "cluster purity|purity score|dunn index|gap statistic", MORE, "share of rows of the commonest class in each cluster", "Manning et al. 2008"),
    ("batch integration", "kbet|kbet score|ilisi|clisi|lisi|lisi score|batch asw|graph connectivity score", MORE, "how well cells of several batches mix", "Luecken et al. 2022"),
)  # fmt: skip

IMAGING = _family(
    "Segmentation and imaging",
    ("Dice", "dice|dice score|dice coefficient|dice coef|dice coeff|dice similarity coefficient|dice similarity|dice index|dsc|mean dice|dices|sorensen dice|dice koeffizient|coefficient de dice", MORE, "overlap of two areas: twice the common part over both", "Dice 1945", True),
    ("IoU", "iou|miou|mean iou|jaccard|jaccard score|jaccard index|jaccard coefficient|intersection over union|ious|mean intersection over union", MORE, "overlap of two areas: common part over union", "sklearn.metrics.jaccard_score"),
    ("surface distance", "hd95|hausdorff|hausdorff distance|hausdorff 95|hausdorff95|assd|asd score|average surface distance|average symmetric surface distance|nsd|normalized surface distance|surface dice", LESS, "distance of the borders of two areas", "Taha and Hanbury 2015"),
    ("SSIM and PSNR", "ssim|ms ssim|msssim|psnr|peak signal to noise ratio|structural similarity|structural similarity index", MORE, "likeness of two images", "skimage.metrics.structural_similarity"),
    ("FID and LPIPS", "fid|fid score|frechet inception distance|lpips|kid score", LESS, "distance of made images from real ones", "Heusel et al. 2017", True),
    ("pixel accuracy", "pixel accuracy|pixel acc|panoptic quality|pq score|inception score", MORE, "share of pixels that are right", "Long et al. 2015"),
    ("lDDT and TM-score", "lddt|plddt|tm score|tmscore|gdt ts|gdt score|dockq", MORE, "likeness of two protein structures", "Mariani et al. 2013"),
)  # fmt: skip

RANKING = _family(
    "Ranking and retrieval",
    ("mean average precision", "mean average precision|mean avg precision|map score|map 50|map50|map5095|map 50 95|ap50|ap75", MORE, "average precision over queries or classes", "Everingham et al. 2010"),
    ("NDCG", "ndcg|ndcg score|dcg score|normalized discounted cumulative gain|dcg", MORE, "gain of a ranking against the best one", "sklearn.metrics.ndcg_score"),
    ("reciprocal rank", "mrr|mean reciprocal rank|reciprocal rank", MORE, "mean of one over the first right place", "Voorhees 1999"),
    ("hit rate", "hit rate|hit ratio|hits at|hit at|hitrate", MORE, "share of queries with a right answer in the first places", "Cremonesi et al. 2010"),
    ("enrichment factor", "enrichment factor|bedroc|bedroc score|rie score", MORE, "actives found early against chance", "Truchon and Bayly 2007", True),
)  # fmt: skip

LANGUAGE = _family(
    "Language",
    ("BLEU", "bleu|bleu score|sacrebleu|bleu1|bleu2|bleu3|bleu4|chrf|meteor score|bertscore|bert score|bleurt|comet score", MORE, "likeness of a translation with references", "Papineni et al. 2002"),
    ("ROUGE", "rouge|rouge1|rouge2|rougel|rouge 1|rouge 2|rouge l|rougelsum|rouge score", MORE, "overlap of a summary with references", "Lin 2004"),
    ("perplexity", "perplexity|ppl|perplexities|perplexitat|perplexite|perplejidad|bits per byte|bits per character|bpc", LESS, "how surprised a language model is", "Jelinek et al. 1977"),
    ("word error rate", "wer|word error rate|cer|character error rate|phoneme error rate", LESS, "edits per word or character", "jiwer.wer", True),
    ("exact match", "exact match|exact match score|token accuracy", MORE, "share of answers that are equal to a reference", "Rajpurkar et al. 2016"),
)  # fmt: skip

STATISTICS = _family(
    "Statistics",
    ("p value", "p value|log rank test p value|logrank test p value|rank test p value|rank sum p value|signed rank p value|pvalue|p val|pval|p wert|valeur p|p valeur|valor p|p valor|pvalues|p values|pvals|padj|p adj|adjusted p value|adj p value|adjusted p|valore p|prob f statistic|prob chi2|llr p value|p unc|p uncorrected|p corr|p corrected|p adjust|p tukey|p bonferroni|p holm|p fdr|pr ( f", NEITHER, "chance of such data if there were no effect", "scipy.stats"),
    ("test statistic", "test statistic|test stat|t statistic|t stat|tstat|t value|tvalue|t test statistic|f statistic|f stat|fstat|f value|fvalue|z statistic|z stat|z value|u statistic|u stat|mann whitney u|w statistic|h statistic|wald statistic|wald|statistic|chi2|chi2 statistic|chi2 stat|chi 2|chi square|chi squared|chi square statistic|chi squared statistic|chisq|anderson darling statistic|adf statistic|shapiro statistic|durbin watson|pearson chi2|teststatistik|prufgrosse|t wert|f wert|statistique de test|estadistico|estadistico de prueba", NEITHER, "what a statistical test compares with its distribution", "scipy.stats", True),
    ("correlation", "pearson|pearson r|pearsonr|pearson corr|pearson correlation|pearson correlation coefficient|pearson coefficient|spearman|spearman r|spearmanr|spearman rho|spearman corr|spearman correlation|spearman correlation coefficient|spearman rank|spearman rank correlation|spearman rank correlation coefficient|spearman rank order correlation|kendall rank correlation|kendall rank correlation coefficient|rank correlation|rank correlation coefficient|kendall|kendall tau|kendalltau|correlation|correlation coefficient|corr|corr coef|corrcoef|pcc|scc|concordance correlation coefficient|ccc|lin ccc|korrelation|korrelationskoeffizient|correlacion|coefficient de correlation|coeficiente de correlacion|icc|intraclass correlation|phi coefficient|cramer v|cramers v|point biserial correlation", NEITHER, "strength of a relation, from -1 to 1", "scipy.stats.pearsonr", True),
    ("AIC", "aic|aicc|aic partial|akaike|akaike information criterion|akaike informationskriterium|waic|dic|looic", LESS, "misfit with a charge for parameters", "Akaike 1974"),
    ("BIC", "bic|bic llf|bic deviance|schwarz criterion|bayesian information criterion|hqic|bayes informationskriterium", LESS, "misfit with a higher charge for parameters", "Schwarz 1978"),
    ("log likelihood", "log likelihood|loglikelihood|loglik|log lik|llf|ll null|llnull|partial log likelihood|log vraisemblance|log verosimilitud|log partial likelihood|loglike|elpd|elpd loo|log evidence|log marginal likelihood", MORE, "log of the probability of the data under the model", "statsmodels results.llf"),
    ("deviance", "deviance|residual deviance|null deviance|devianz|scaled deviance", LESS, "twice the distance from the saturated model's log likelihood", "statsmodels GLMResults.deviance", True),
    ("residual error", "residual standard error|rse|residual std error", LESS, "spread of the residuals of a regression", "statsmodels RegressionResults.mse_resid", True),
)  # fmt: skip

LOSSES = _family(
    "Losses",
    ("loss", "loss|losses|verlust|perte|perdida|perdita|loss value|loss val|losswert", LESS, "what training makes small", "torch.nn, keras.losses", True),
    ("cross entropy", "cross entropy|crossentropy|binary crossentropy|categorical crossentropy|sparse categorical crossentropy|binary cross entropy|categorical cross entropy|cross entropy loss|bce|bce loss|bceloss|ce loss|celoss|xent|kreuzentropie|entropie croisee|entropia cruzada|focal loss|dice loss|bce dice loss", LESS, "negative log probability of the classes", "torch.nn.CrossEntropyLoss"),
    ("negative log likelihood", "nll|nll loss|nllloss|negative log likelihood|neg log likelihood|negative loglikelihood|neg loglik|neg log lik|negative partial log likelihood|neg partial log likelihood|cox loss|neg partial likelihood", LESS, "negative log probability of the data", "torch.nn.NLLLoss"),
    ("reconstruction error", "reconstruction error|recon error|reconstruction loss|recon loss|reconstruction mse|rekonstruktionsfehler|erreur de reconstruction", LESS, "distance of what a model gives back from what it was given", "sklearn.decomposition"),
    ("variational bound", "elbo|elbo train|elbo validation|elbo loss|kl divergence|kl div|kld|kl loss|kl local|kl weighted loss", NEITHER, "bound of the log likelihood, distance from the prior", "scvi-tools, Pyro", True),
    ("error", "error|err|fehler|prediction error|generalization error|erreur|oob error|out of bag error", LESS, "how far predictions are from the truth", "various", True),
)  # fmt: skip

SCORES = _family(
    "Scores in general",
    ("score of a model", "score|scores|oob score|out of bag score", MORE, "what a model's own score method gives", "sklearn estimator.score", True),
)  # fmt: skip

WORDS: tuple[ScoreWord, ...] = tuple(
    word
    for family in (
        CLASSIFICATION,
        REGRESSION,
        SURVIVAL,
        CLUSTERING,
        IMAGING,
        RANKING,
        LANGUAGE,
        STATISTICS,
        LOSSES,
        SCORES,
    )
    for word in family
)
