"""The fixed texts of ``docs/reference/scores.md``; the tables below them come from the vocabulary."""

WHAT = """A notebook computes many numbers. A number is a **score** of a run, kept as an MLflow metric and charted, if
one of these holds:

| origin | meaning |
| --- | --- |
| `logged` | you logged it: `bioml.log(auc=0.93)` |
| `named` | you named it: `%%experiment fit --metrics auc` |
| `returned` | a scoring call returned it: `sklearn.metrics`, `scipy.stats`, `estimator.score`, cross-validation … |
| `stated` | a fitted model states it of itself: `best_score_` of a search, AIC and R² of statsmodels |
| `loss` | a training step made it: the loss on which `.backward()` was called |
| `computed` | it was computed from the predictions of a fitted model |
| `word` | its name is in the vocabulary below |
| `printed` | it was read from the printed text, with as many digits as are printed |

Every other computed number is a **value**: it is kept with the run in `bioml/values.json`, shown apart from the
scores, and never charted.
`--metrics` and `bioml.log` come before any rule."""

NAMES = """The same notebook gives the same names every time, and one thing shown is one metric.

- **N1: your variable.** `acc = accuracy_score(y, p)` is `acc`. Unpacking gives each its own name. A score inside an
  expression is that
  expression: `rmse = np.sqrt(mean_squared_error(y, p))` is `rmse` only. `res["rf"] = f(…)` is `res.rf`;
  `accs.append(f(…))` is the series
  `accs`; `rows.append({"model": name, "acc": f(…)})` is `acc.<name>`.
- **N2: else the printed label.** `print("Test accuracy:", f(…))` is `test_accuracy`; the same with f-strings, `%` and
  `.format`.
- **N3: else the function and its argument.** `roc_auc_score(y_test, p)` is `roc_auc.y_test`; `clf.score(X_test,
  y_test)` is `score.y_test`. An expression that is shown without a name is called as the score that it computes:
  `np.mean((y_test - p) ** 2)` is `mean_squared_error.y_test`, `(y_test == p).mean()` is `accuracy.y_test`; any other by
  its functions, `np.corrcoef(y_test, p)[0, 1]` is `corrcoef.y_test`. A statistic of a series is `<name>.<function>`:
  `np.mean(accs)` is `accs.mean`. Printed without a label, it counts where the order of the prints says which number
  it is.
- **N4: results with parts** are `<name>.<part>`: `<name>.<class>`, `<name>.statistic` and `<name>.pvalue` of a test,
  `<name>.mean` and
  `<name>.std` of a cross-validation with its folds as a series, `<name>.<row>.<column>` of a classification report.
  Supports, confusion
  matrices, curves and distances are not metrics. A table of tests (`anova_lm`, pingouin) gives its statistics and p
  values as
  `<name>.<column>.<row>`, `pairwise_tukeyhsd` a `pvalue` for each pair. A mean of folds that has a name of yours,
  a score's, is called so: `cv_auc = np.mean(folds["test_score"])`.
- **N5: one place, several values.** A loop over texts or models gives `<name>.<text or model>`; beside a text
  (`for clf, label in …`) a model's class does not count. A loop over numbers
  gives one series, also where it fills an array (`mse[i] = f(…)`), whose
  step is the number where it is whole and not negative. A statistical test that one place makes more than
  200 times is a
  simulation or a screening: its numbers are data.
- **N6: what a model states** is `<variable>.<statistic>`: `search.best_score_`, `ols.rsquared`, and `km.inertia_` or
  `rf.oob_score_` where a cell
  shows it; bound to a name it is that name, `ssd.append(km.inertia_)` is the series `ssd`. Evaluation histories
  are series,
  `<data set>.<metric>`.
- **N7: training steps.** The loss on which `.backward()` is called is a series with the name of its variable.

Where two places of a run give one name and different values, the later one gets `.<argument>`, else `.2`, `.3`."""

WORDS = """A name or a label is cut into words (`testRMSE` is *test*, *rmse*; `R²` is *r2*). It speaks of a score if
it holds a form of this
table and nothing that makes it something else: `auc_threshold` is a threshold, `n_errors` a count, `loss_fn` a
function. Words such as
*train*, *test*, *mean*, *fold*, *macro*, names of models, and what follows *on*, *at*, *of* or a bracket do not
matter. A word marked * has
other meanings too and counts only beside such words: `val_loss` is a score, `blood_loss` is not. Upper case and
accents do not matter. A printed *cost* is a score where its line names the iteration or the epoch. A running sum
(`running_loss += loss.item()`) is one only where it is shown itself; thresholds and weights that were chosen by scores
are values."""
