"""What of a printed text is of substance, how texts are apart, and which printed numbers are durations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_bioml.records.compare import TOLERANCE
from jupyter_bioml.records.run import FINISHED, Code, Metric, PriorCell, RunRecord
from jupyter_bioml.reproduce.compare.agreement import BIT_EQUAL, DIFFERENT, NUMERICALLY_EQUAL, ORDER, WORDS
from jupyter_bioml.reproduce.compare.source import Source
from jupyter_bioml.reproduce.compare.texts import PlainText

RECORD = RunRecord("a" * 32, "s", 1, "magic", FINISHED, 1.0, Code(""))


def text(shown: str, code: str = "", **fields: object) -> PlainText:
    record = replace(RECORD, code=Code(code), **fields)  # type: ignore[arg-type]
    return PlainText("stdout", shown, source=Source.of(record))


MODULE = "Net(\n  (fc): Linear(in_features=4, out_features=2, bias=True)\n  (drop): Dropout(p=0.5, inplace=False)\n)"


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ("(150, 4)", "X.shape"),
        ("torch.Size([64, 3, 28, 28])", "X.shape"),
        ("n_columns = 3\nClass: 2", "print('n_columns =', n)"),
        ("[50 50 50]", "np.bincount(y)"),
        ("setosa    50\nversicolor    50\nName: species, dtype: int64", "y.value_counts()"),
        ("LinearRegression()", "LinearRegression().fit(X, y)"),
        ("SVC(C=0.1,\n    gamma=0.01)", "clf = SVC(C=0.1, gamma=0.01)\nclf.fit(X, y)"),
        ("Pipeline(steps=[('scale', StandardScaler()), ('svc', SVC(C=0.5))])", "make_pipeline(a, b).fit(X, y)"),
        (MODULE, "class Net(nn.Module): ...\nNet()"),
        ("<lifelines.CoxPHFitter: fitted with 432 total observations, 318.5 censored>", "CoxPHFitter().fit(df)"),
        ("[<matplotlib.lines.Line2D at 0x7f3a2b>]", "plt.plot(x)"),
        ("Text(0.5, 1.0, 'ROC (AUC 0.93)')", "plt.title('x')"),
        ("{'whiskers': [<matplotlib.lines.Line2D at 0x7f>], 'means': []}", "plt.boxplot(x)"),
        ("True", "x is None"),
        ("None", "print(None)"),
        ("done, alpha 0.05", "print('done, alpha 0.05')"),
        ("lr: 0.001", "print('lr:', lr)"),
        ("took 3.25 s, at 2026-01-02 10:00:00, numpy 1.26.4, memory usage: 4.8+ KB", "f()"),
        ("saved to /tmp/tmpabcd1234/", "f()"),
        ("Fitting 5 folds for each of 6 candidates, totalling 30 fits", "for x in y: search.fit(X)"),
        ("Requirement already satisfied: numpy==1.26 in /usr/lib (2.0)", "!pip install numpy"),
        ("<class 'pandas.core.frame.DataFrame'>\nRangeIndex: 3 entries, 0 to 2\ndtypes: float64(2)", "df.info()"),
        ("", ""),
    ],
)
def test_it_proves_nothing(shown: str, code: str) -> None:
    params = {"model.lr": 0.001}
    assert text(shown, code, params=params).weight == 0


@pytest.mark.parametrize(
    ("shown", "code", "weight"),
    [
        ("accuracy 0.93", "print('accuracy', acc)", 1),
        ("0.9333333333333333", "acc", 1),
        ("AUC: 93 %\n1e-05", "f()", 2),
        ("[[50  0]\n [ 2 48]]", "confusion_matrix(y, p)", 4),
        ("[0 1 1 0 2 2]", "clf.predict(X)", 6),
        ("array([0, 1, 1, 0, 2, 2, 1])", "clf.predict(X)", 7),
        ("[1. 0. 1.]", "p", 3),
        ("TtestResult(statistic=2.5, pvalue=0.013, df=28.0)", "stats.ttest_ind(a, b)", 3),
        ("Score(acc=0.91)", "class Score(NamedTuple): ...\nScore(acc=f())", 1),
        ("Epoch 1/5 loss 0.25", "train()", 1),
        ("['BRCA1', 'TP53']", "top_genes(df)", 1),
        ("predicted: benign", "print('predicted:', names[clf.predict(x)[0]])", 1),
        ("SVC(C=0.1)\naccuracy 0.91", "SVC(C=0.1)", 1),
    ],
)
def test_it_is_a_result(shown: str, code: str, weight: int) -> None:
    assert text(shown, code).weight == weight


# -- how two texts are apart --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "level", "apart"),
    [
        ("auc 0.91 of the model", "auc 0.91 for this model", DIFFERENT, WORDS),
        ("{'a', 'b', 'c'}", "{'c', 'a', 'b'}", DIFFERENT, ORDER),
        ("{'b': 0.3, 'a': 0.5}", "{'a': 0.5, 'b': 0.3}", DIFFERENT, ORDER),
        ("{'b': 0.3, 'a': 0.5}", "{'a': 0.3, 'b': 0.5}", DIFFERENT, ""),
        ("a 0.1\nb 0.2", "b 0.2\na 0.1", DIFFERENT, ORDER),
        ("auc 0.91 good", "auc 0.90 bad", DIFFERENT, ""),
        ("accuracy 0.9 recall 0.8", "accuracy 0.8 recall 0.9", DIFFERENT, ""),
        ("Downloading data from x\nauc 0.91", "auc 0.91", NUMERICALLY_EQUAL, ""),
        ("Collecting numpy 1.5\nauc 0.91", "Requirement already satisfied: numpy\nauc 0.91", NUMERICALLY_EQUAL, ""),
    ],
)
def test_words_order_and_numbers(left: str, right: str, level: str, apart: str) -> None:
    match = text(left).compare(text(right), TOLERANCE)
    assert (match.level, match.apart) == (level, apart)


def test_a_printed_metric_agrees_within_one_unit_of_its_last_digit() -> None:
    left = text("AUC: 0.93 (93.50 %)", metrics=(Metric("auc", 0.93499999999),))
    right = text("AUC: 0.94 (93.50 %)", metrics=(Metric("auc", 0.93500000001),))
    assert left.compare(right, TOLERANCE).level == NUMERICALLY_EQUAL
    assert replace(left, source=Source()).compare(right, TOLERANCE).level == DIFFERENT, "it prints no metric"
    further = text("AUC: 0.95 (93.50 %)", metrics=(Metric("auc", 0.95),))
    assert left.compare(further, TOLERANCE).level == DIFFERENT, "more than a unit"


# -- durations ----------------------------------------------------------------------------------------

START = "t0 = time.time()"


@pytest.mark.parametrize(
    ("code", "left", "right"),
    [
        ("print(f'Time: {time.time() - t0:.2f}')", "Time: 3.21", "Time: 4.50"),
        ("dt = time.time() - t0\nprint('KNN', acc, 'needed', dt)", "KNN 0.9 needed 3.2", "KNN 0.9 needed 1.25e-05"),
        ("dt = round(time.time() - t0, 3)\nprint('secs:', dt / 60)", "secs: 0.1", "secs: 0.2"),
        ("print('fold %d: %.3f, %.1f used' % (n, acc, time.time() - t0))", "fold 1: 0.911, 2.5 used",
         "fold 1: 0.911, 3.0 used"),
        ("print('acc {} after {:.1f}'.format(acc, time.time() - t0))", "acc 0.9 after 2.5", "acc 0.9 after 3.5"),
        ("all = []\nall.append(time.time() - t0)\nprint('mean of all', np.mean(all))", "mean of all 0.5",
         "mean of all 0.75"),
        ("print('a:\\n  spent', time.time() - t0)", "a:\n  spent 0.5", "a:\n  spent 0.75"),
    ],
)  # fmt: skip
def test_printed_durations_do_not_count(code: str, left: str, right: str) -> None:
    before = (PriorCell("b" * 32, 1, f"import time\nimport numpy as np\n{START}"),)
    one, other = (text(shown, code, before=before) for shown in (left, right))
    assert one.compare(other, TOLERANCE).level == NUMERICALLY_EQUAL
    assert "duration" in one.masked.found
    plain = text(left).compare(text(right), TOLERANCE)
    assert plain.level == DIFFERENT, "nothing but the code says so"


def test_the_result_beside_a_duration_counts() -> None:
    code = f"import time\n{START}\nprint(f'auc {{auc:.3f}} after {{time.time() - t0:.2f}}')\nprint('now', time.time())"
    one, other = text("auc 0.911 after 2.50", code), text("auc 0.912 after 2.50", code)
    assert one.compare(other, TOLERANCE).level == DIFFERENT and one.weight == 1
    now, then = text("now 0.5", code), text("now 0.6", code)
    assert now.compare(then, TOLERANCE).level == DIFFERENT, "a moment is no duration"


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        ("numpy: 1.26.4, version 2.1", "numpy: ⟨version⟩, version ⟨version⟩"),
        ("memory usage: 4.8+ KB", "memory usage: ⟨memory⟩"),
        ("ETA: 0:12 loss 0.5", "⟨duration⟩ loss 0.5"),
        ("{'fit_time': array([0.1, 0.2]), 'test_score': array([0.9])}",
         "{'fit_time': ⟨duration⟩, 'test_score': array([0.9])}"),
        ("std_score_time   0.01   0.02\nauc 0.9", "std_score_time   ⟨duration⟩\nauc 0.9"),
        ("mean_fit_time      0.0123\nauc 0.9", "mean_fit_time      ⟨duration⟩\nauc 0.9"),
        ("Date: Mon, 01 Dec 2025", "Date: ⟨date⟩"),
        ("3.2 seconds elapsed", "⟨duration⟩ elapsed"),
        ("Downloading https://x/y.csv (3.2 MB)\nauc", "auc"),
        ("0:\tlearn: 0.6\ttotal: 47.1ms\tremaining: 1m 2s",
         "0:\tlearn: 0.6\ttotal: ⟨duration⟩\tremaining: ⟨duration⟩"),
        ("32/32 - 1s - loss: 0.6 - 31ms/step", "32/32 - ⟨duration⟩ - loss: 0.6 - ⟨rate⟩"),
        ("      Iter       Train Loss   Remaining Time\n         1           1.2613            0.05s",
         "      Iter       Train Loss   Remaining Time\n         1           1.2613            ⟨duration⟩"),
        ("Time spent computing histograms: 0.010s\nFit 3 trees in 0.1 s",
         "Time spent computing histograms: ⟨duration⟩\nFit 3 trees in ⟨duration⟩"),
        ("Iteration 2: norm = 0.5, seconds_since_start = 0.1", "Iteration 2: norm = 0.5, seconds_since_start = ⟨duration⟩"),
        ("[LightGBM] [Info] Auto-choosing row-wise multi-threading, the overhead of testing was 0.00012 seconds.\n"
         "You can set `force_row_wise=true` to remove the overhead.\nauc", "auc"),
        ("Epoch 0: loss=0.5, v_num=3", "Epoch 0: loss=0.5, v_num=⟨id⟩"),
        ("survival time: 12.5, reaction time 3.2", "survival time: 12.5, reaction time 3.2"),
        ("x 0.5 verified", "x 0.5 verified"),
    ],
)  # fmt: skip
def test_more_that_is_masked(shown: str, masked: str) -> None:
    assert text(shown).masked.text == masked


def test_the_same_text_is_the_same() -> None:
    assert text("auc 0.5").compare(text("auc 0.5"), TOLERANCE).level == BIT_EQUAL
