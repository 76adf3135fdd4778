"""The words around a score's word: those that qualify it, and those that make it something else."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _sequences(text: str) -> tuple[str, ...]:
    return tuple(" ".join(item.split()) for item in text.replace("\n", "").split("|"))


#: Words that say which rows, which part or which statistic of a score it is; they never make it something else.
QUALIFIERS = _words(
    """train training trn tr test testing tst te val valid validation dev eval evaluation holdout hold out oof oob
    heldout cv crossval cross validated kfold fold folds split inner outer loo repeat bootstrap boot bootstrapped
    mean avg average averaged median std stdev sd sem var min max minimum maximum total sum overall global local
    best final last first current curr cur new old previous prev initial init highest lowest top worst running run
    epoch epochs step batch iter iteration round ema smoothed moving macro micro weighted samples binary multiclass
    ovr ovo per class classwise top top1 top3 top5 k pos neg positive negative
    model baseline base tuned default optimized optimised raw norm normalized scaled percent pct estimate estimated
    set data dataset internal external independent unseen cohort group subset set1 set2 full
    my our its this value values val result results res score scores obtained achieved observed actual real computed
    calculated in sample insample
    genauigkeit mittlere mittlerer mittleres mittelwert durchschnittliche durchschnittlicher durchschnitt beste bester
    bestes gesamt trainings validierung validierungs testdaten trainingsdaten testdatensatz testmenge
    moyenne moyen ensemble entrainement apprentissage meilleur meilleure finale global globale
    media medio promedio prueba entrenamiento validacion mejor conjunto modelo modele modell
    y x true pred predicted probability probabilities proba"""
)

#: Names of models and methods: they say whose score it is.
MODELS = _words(
    """rf svm svc svr lr logreg logistic regression linear ridge lasso elastic elasticnet enet knn kn neighbors nb
    bayes naive gnb gaussian dt tree trees cart random forest et extra gb gbm gbc gbr gbt gboost boosting boosted hgb
    histgb xgb xgboost lgb lgbm lightgbm cat catboost ada adaboost bagging stack stacking stacked voting vote blend
    mlp nn net network neural cnn rnn lstm gru ann dnn resnet vgg unet densenet efficientnet vit transformer bert
    gpt vae gan ae autoencoder encoder decoder clf cls classifier reg regressor est estimator pipe pipeline grid gs
    search randomized bayesian optuna dummy perceptron sgd qda lda gp gpr cox coxph cph rsf aft weibull km ols glm
    sm poly polynomial kernel rbf kmeans dbscan gmm agglomerative hierarchical leiden louvain pca umap tsne arima
    sarima sarimax prophet deepsurv deephit mtlr fusion teacher student finetuned pretrained frozen sklearn scratch
    numpy torch pytorch keras mini minibatch stochastic"""
)

#: Words that qualify a loss, an error or a score only: what of a network or a task is meant.
PARTS = _words(
    """gen generator disc discriminator g d adv adversarial cycle identity content style tv perceptual triplet
    contrastive box obj dfl seg segmentation mask aux auxiliary policy actor critic value entropy kl recon
    reconstruction latent regularization reg l1 l2 mse mae bce ce nll smooth huber hinge focal cox rank ranking nt
    xent mlm nsp lm ctc data main class classification regression pixel feature distill distillation consistency
    supervised unsupervised pretrain pretraining finetune squared absolute abs relative rel rate mean root forecast
    generalization approximation quantization imputation cumulative physics pde bc ic point ranknet commitment vq
    wasserstein dice iou output outputs dense layer head task branch"""
)

#: Names of statistical tests: they say which test a statistic or a p value is of.
TESTS = _words(
    """test tests levene bartlett shapiro wilk kruskal wallis mann whitney mannwhitney mannwhitneyu wilcoxon friedman
    anova ancova adf augmented dickey fuller kpss ttest welch fisher kolmogorov smirnov anderson
    darling jarque bera breusch pagan godfrey ljung box tukey dunnett mcnemar cochran brown forsythe fligner killeen
    agostino schoenfeld hosmer lemeshow paired unpaired oneway"""
)

#: What makes a name or a label something else than a score, wherever it stands.
VETOES = _words(
    """threshold thresholds thresh thr cutoff cut n num number nb count counts weight weights limit target targets
    path paths file files filename dir folder url fn func function functions metric metrics criterion criteria
    objective scheduler scale scaler features feature column columns col cols key keys name names title
    label labels text msg message string str fmt plot fig figure ax axes axis curve curves color colour matrix report
    table bar bars ci lower upper lo hi low high bound bounds interval idx index id ids rank patience delta tol
    tolerance eps alpha beta gamma lambda margin bins bin size shape dim dims len length seed time times seconds sec
    date start end logger tracker meter callback monitor mode type kind level levels option options param params
    parameter parameters config importance importances medicine improved improvement required desired goal scorer
    scorers scoring fun obj order sorted sort range ratio inf dose concentration pk rows anzahl
    schwelle schwellenwert nombre numero seuil umbral did increased decreased exceeds above below not no available
    undefined change changes reduction errors statistics pixels patients subjects correct incorrect rolls roll
    hospital"""
)

#: What says how much a column or a model counts.
WEIGHTS = _words("weight weights importance importances")
#: What is chosen by scores: computed from predictions, but none itself.
CHOSEN = WEIGHTS | _words("threshold thresholds thresh thr cut cutoff cutoffs schwelle schwellenwert seuil umbral")
#: They hold a score's word, nothing in them is a veto, and they are not scores.
FALSE_FRIENDS = _sequences(
    """standard error|standard errors|standard err|std error|std err|std errors|f1 generation|f1 hybrid|
    accuracy paradox|recall bias|mmse"""
)

#: The rest of a phrase says where or for what: it never changes the head word.
PREPOSITIONS = _words(
    """( [ { at for in on of over across by per with using from under vs versus after before between within during
    to w de del der des von fur mit auf im bei sur pour dans du avec en para con sobre por per di su"""
)
#: Verbs and links between whose score it is and which: "our model reached an accuracy of".
NEW_PHRASE = _words(
    """is was are were has have had with achieved achieves reached reaches got gets gives gave yields yielded obtained
    obtain obtains obtiene ist sind hat est sont es a reports scored scores: and und et y"""
)
#: Left out of every name and label.
ARTICLES = _words("""the a an its der die das dem den la le les el los las il lo un une una ein eine einer der""")
#: ``score`` alone is anything; beside one of these it is a model's.
EVALUATION = _words(
    """train training trn tr test testing tst te val valid validation dev eval evaluation holdout oof oob cv crossval
    cross validated kfold fold bag model best clf estimator entrainement prueba trainings"""
)
#: Statistics that say of which score they are after a preposition: "mean of the accuracies".
AGGREGATES = _words(
    """mean avg average averaged median std stdev sd standard deviation deviations variance min max minimum maximum
    best highest lowest worst final last overall value total sum mittelwert standardabweichung moyenne media promedio
    ecart type desviacion estandar"""
)
#: Costs: no scores, but of them less is better too.
COSTS = _words("""timing elapsed runtime latency errors loss losses error err""")
#: After a word of several meanings: it speaks of a program or a body, not of a model.
NO_EVALUATION = _words("""function follow followup line file cell row blood weight patients bone hair""")
