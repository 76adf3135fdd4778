"""Notebooks full of numbers that are no scores: nothing of them is a metric."""

from __future__ import annotations

from .case import Case
from .starts import CLASSIFY, REGRESS

COHORT = """
import numpy as np
import pandas as pd
rng = np.random.default_rng(0)
n_patients = 120
df = pd.DataFrame({
    "patient": np.arange(n_patients),
    "age": rng.normal(61, 11, n_patients).round(1),
    "sex": rng.choice(["f", "m"], n_patients),
    "crp": rng.lognormal(1.0, 0.8, n_patients),
    "visit": pd.Timestamp("2023-01-05") + pd.to_timedelta(rng.integers(0, 300, n_patients), unit="D"),
})
df.loc[::17, "crp"] = np.nan
""".strip()


def none(name: str, *cells: str, **more: object) -> Case:
    """A case of which nothing is a metric."""
    return Case(name, cells, **more)  # type: ignore[arg-type]


CASES = (
    none(
        "cohort-described",
        COHORT,
        "%%experiment eda\n"
        "print('patients:', len(df))\n"
        "mean_age = df.age.mean()\n"
        "sd_age = df['age'].std()\n"
        "print(f'Mean age: {mean_age:.1f} ({sd_age:.1f})')\n"
        "missing = df.isna().sum()\n"
        "missing_rate = df.crp.isna().mean()\n"
        "df.describe()",
        "df.sex.value_counts(normalize=True)",
        "df.groupby('sex').crp.agg(['mean', 'median', 'std'])",
    ),
    none(
        "shapes-and-memory",
        COHORT,
        "%%experiment load\n"
        "n_rows, n_columns = df.shape\n"
        "megabytes = df.memory_usage(deep=True).sum() / 1e6\n"
        "print('Shape:', df.shape, 'memory', megabytes)\n"
        "unique = df.nunique()\n"
        "unique",
        "df.info()",
    ),
    none(
        "split-and-scaled",
        REGRESS + "\nfrom sklearn.preprocessing import StandardScaler, MinMaxScaler",
        "%%experiment prepare\n"
        "test_size = 0.25\n"
        "scaler = StandardScaler().fit(X_train)\n"
        "scale = scaler.scale_[0]\n"
        "mean = scaler.mean_\n"
        "num_features = X_train.shape[1]\n"
        "ratio = len(X_test) / len(X)\n"
        "print('features', num_features, 'scale', scale)\n"
        "X_scaled = scaler.transform(X_train)\n"
        "X_scaled.mean(), X_scaled.std()",
    ),
    none(
        "hyper-parameters",
        "import numpy as np",
        "%%experiment settings\n"
        "learning_rate = 1e-3\n"
        "batch_size, epochs = 32, 20\n"
        "config = {'lr': learning_rate, 'dropout': 0.3, 'weight_decay': 1e-4, 'hidden': [64, 32]}\n"
        "steps_per_epoch = int(np.ceil(1000 / batch_size))\n"
        "warmup = 0.1 * steps_per_epoch * epochs\n"
        "lrs = [learning_rate * 0.95 ** epoch for epoch in range(epochs)]\n"
        "print('lr:', learning_rate, 'total steps:', steps_per_epoch * epochs)\n"
        "config",
    ),
    none(
        "arguments",
        "import argparse\nimport numpy as np",
        "%%experiment args\n"
        "parser = argparse.ArgumentParser()\n"
        "parser.add_argument('--lr', type=float, default=0.01)\n"
        "parser.add_argument('--folds', type=int, default=5)\n"
        "parser.add_argument('--threshold', type=float, default=0.5)\n"
        "args = parser.parse_args([])\n"
        "threshold = args.threshold\n"
        "alpha = args.lr * args.folds\n"
        "print(args)\n"
        "print('threshold', threshold, 'alpha', alpha)",
    ),
    none(
        "sizes-of-a-sample",
        "import numpy as np\nfrom scipy.special import ndtri",
        "%%experiment power_calculation\n"
        "alpha, power = 0.05, 0.8\n"
        "effect = 0.4\n"
        "z = ndtri(1 - alpha / 2) + ndtri(power)\n"
        "n_per_arm = int(np.ceil(2 * (z / effect) ** 2))\n"
        "dropout = 0.15\n"
        "n_total = int(np.ceil(2 * n_per_arm / (1 - dropout)))\n"
        "print(f'Patients per arm: {n_per_arm}, recruited: {n_total}')",
    ),
    none(
        "gene-counts",
        "import numpy as np\nimport pandas as pd\nrng = np.random.default_rng(1)\n"
        "counts = pd.DataFrame(rng.negative_binomial(2, 0.05, size=(200, 12)), index=[f'gene{i}' for i in range(200)])",
        "%%experiment normalise\n"
        "library_sizes = counts.sum()\n"
        "size_factor = library_sizes / library_sizes.median()\n"
        "cpm = counts / library_sizes * 1e6\n"
        "log_cpm = np.log2(cpm + 1)\n"
        "n_expressed = int((cpm.mean(axis=1) > 10).sum())\n"
        "dispersion = float(log_cpm.var(axis=1).median())\n"
        "print('genes kept:', n_expressed, 'of', len(counts))\n"
        "print('Median log CPM:', log_cpm.median().median())",
        "top = log_cpm.var(axis=1).nlargest(5)\ntop",
    ),
    none(
        "coefficients-and-importances",
        CLASSIFY,
        "%%experiment forest\n"
        "rf = RandomForestClassifier(n_estimators=5, random_state=0).fit(X_train, y_train)\n"
        "importances = pd.Series(rf.feature_importances_)\n"
        "top_importance = importances.max()\n"
        "print('Most important feature:', importances.idxmax(), top_importance)\n"
        "importances.sort_values(ascending=False).head(3)",
        "%%experiment linear\n"
        "lr = LogisticRegression(max_iter=100).fit(X_train / 100, y_train)\n"
        "print('Intercept:', lr.intercept_[0], 'iterations:', lr.n_iter_[0])\n"
        "odds = np.exp(lr.coef_[0])\n"
        "lr.coef_",
    ),
    none(
        "predicted-but-never-scored",
        CLASSIFY,
        "%%experiment nb\n"
        "nb = GaussianNB().fit(X_train, y_train)\n"
        "y_pred = nb.predict(X_test)\n"
        "print('predicted', len(y_pred), 'rows')\n"
        "y_pred[:5]",
        "probabilities = nb.predict_proba(X_test)\nprobabilities.shape",
        "nb.class_prior_, nb.classes_",
    ),
    none(
        "timings",
        "import time\nimport numpy as np",
        "%%experiment timing\n"
        "start = time.time()\n"
        "a = np.linalg.inv(np.random.default_rng(0).normal(size=(60, 60)))\n"
        "elapsed = time.time() - start\n"
        "per_row = elapsed / len(a)\n"
        "rows_per_second = len(a) / max(elapsed, 1e-9)\n"
        "slow = elapsed > 100\n"
        "slow",
    ),
    none(
        "dates",
        COHORT,
        "%%experiment follow_up\n"
        "days = (df.visit - df.visit.min()).dt.days\n"
        "median_days = float(days.median())\n"
        "months = days.max() / 30.44\n"
        "weekend = (df.visit.dt.dayofweek >= 5).mean()\n"
        "print('Follow-up: %d days' % days.max())\n"
        "df.visit.dt.month.value_counts().head()",
    ),
    none(
        "signal",
        "import numpy as np\nfrom scipy.signal import find_peaks\nfrom scipy.fft import rfft, rfftfreq",
        "%%experiment ecg\n"
        "fs = 250\n"
        "t = np.arange(0, 4, 1 / fs)\n"
        "signal = np.sin(2 * np.pi * 1.2 * t) + 0.1 * np.cos(2 * np.pi * 50 * t)\n"
        "peaks, _ = find_peaks(signal, height=0.8, distance=fs // 2)\n"
        "heart_rate = 60 * len(peaks) / t[-1]\n"
        "dominant = rfftfreq(len(t), 1 / fs)[np.argmax(abs(rfft(signal)))]\n"
        "print(f'Heart rate: {heart_rate:.1f} bpm, dominant frequency {dominant} Hz')",
    ),
    none(
        "images",
        "import numpy as np",
        "%%experiment images\n"
        "rng = np.random.default_rng(0)\n"
        "images = rng.integers(0, 255, size=(10, 32, 32, 3), dtype=np.uint8)\n"
        "height, width = images.shape[1:3]\n"
        "image_size = (224, 224)\n"
        "channel_mean = images.mean(axis=(0, 1, 2)) / 255\n"
        "channel_std = images.std(axis=(0, 1, 2)) / 255\n"
        "mask = images[..., 0] > 128\n"
        "area = mask.mean()\n"
        "flip_probability, rotation, zoom = 0.5, 15, 0.1\n"
        "print('image size', image_size, 'pixels', height * width, 'mean', channel_mean)",
    ),
    none(
        "principal-components",
        CLASSIFY + "\nfrom sklearn.decomposition import PCA",
        "%%experiment pca\n"
        "pca = PCA(3).fit(StandardScaler().fit_transform(X))\n"
        "components = pca.transform(StandardScaler().fit_transform(X))\n"
        "explained = pca.explained_variance_ratio_.sum()\n"
        "n_components = pca.n_components_\n"
        "print('components', n_components)\n"
        "components[:2]",
        right={"pca": {"explained?": "explained"}},
    ),
    none(
        "thresholds-and-weights",
        CLASSIFY,
        "%%experiment weights\n"
        "prevalence = y_train.mean()\n"
        "class_weight = {0: len(y_train) / (2 * (y_train == 0).sum()), 1: len(y_train) / (2 * (y_train == 1).sum())}\n"
        "imbalance = class_weight[0] / class_weight[1]\n"
        "threshold = 0.35\n"
        "tree = DecisionTreeClassifier(max_depth=2, class_weight=class_weight).fit(X_train, y_train)\n"
        "depth, leaves = tree.get_depth(), tree.get_n_leaves()\n"
        "print('depth', depth, 'leaves', leaves, 'prevalence', prevalence)",
    ),
    none(
        "unit-conversions",
        "import numpy as np\nimport pandas as pd",
        "%%experiment dosing\n"
        "weight_kg, height_cm = 71.5, 178\n"
        "bmi = weight_kg / (height_cm / 100) ** 2\n"
        "bsa = np.sqrt(weight_kg * height_cm / 3600)\n"
        "dose_mg = 1.4 * bsa\n"
        "clearance = 0.693 / 4.2 * 35\n"
        "for unit, factor in {'mmol': 0.0555, 'mg': 1.0}.items():\n"
        "    value = 95 * factor\n"
        "    print(f'Glucose: {value:.2f} {unit}')\n"
        "pd.Series({'BMI': bmi, 'BSA': bsa, 'dose': dose_mg})",
    ),
    none(
        "text-and-words",
        "from collections import Counter\nimport re",
        "%%experiment words\n"
        "notes = ['score of pain 7/10', 'loss of weight 4 kg', 'accuracy of recall: good', 'no loss']\n"
        "words = Counter(word for note in notes for word in re.findall('[a-z]+', note))\n"
        "vocabulary = len(words)\n"
        "mean_length = sum(len(note) for note in notes) / len(notes)\n"
        "print('vocabulary size:', vocabulary, 'mean length:', mean_length)\n"
        "words.most_common(3)",
    ),
    none(
        "scores-as-data",
        "import numpy as np\nimport pandas as pd\n"
        "exam = pd.DataFrame({'pain': [3, 7, 5, 2], 'apgar': [9, 8, 10, 7], 'mmse': [27.0, 22.5, 30.0, 25.0]})",
        "%%experiment questionnaire\n"
        "low = exam[exam.mmse < 26]\n"
        "share_low = len(low) / len(exam)\n"
        "mmse_max = exam.mmse.max()\n"
        "z = (exam.mmse - exam.mmse.mean()) / exam.mmse.std()\n"
        "print('patients below 26:', len(low))\n"
        "exam.corr()",
    ),
    none(
        "simulated-growth",
        "import numpy as np",
        "%%experiment growth\n"
        "rate, capacity = 0.4, 1000.0\n"
        "population = [10.0]\n"
        "for day in range(30):\n"
        "    population.append(population[-1] + rate * population[-1] * (1 - population[-1] / capacity))\n"
        "    if day % 10 == 0:\n"
        "        print(f'day {day}: {population[-1]:.1f} cells')\n"
        "doubling = np.log(2) / rate\n"
        "final = population[-1]",
    ),
    none(
        "scored-inside-libraries",
        CLASSIFY + "\nfrom sklearn.ensemble import HistGradientBoostingClassifier\n"
        "from sklearn.feature_selection import SequentialFeatureSelector\nfrom sklearn.inspection import permutation_importance",
        "%%experiment importance\n"
        "hist = HistGradientBoostingClassifier(max_iter=5, early_stopping=True, random_state=0).fit(X_train, y_train)\n"
        "importance = permutation_importance(hist, X_test, y_test, n_repeats=2, random_state=0)\n"
        "selected = SequentialFeatureSelector(GaussianNB(), n_features_to_select=2, cv=2).fit(X_train, y_train)\n"
        "print('iterations:', hist.n_iter_)\n"
        "importance.importances_mean",
    ),
    none(
        "distances-and-curves",
        CLASSIFY + "\nfrom sklearn.metrics import pairwise_distances, precision_recall_curve",
        "%%experiment curves\n"
        "nb = GaussianNB().fit(X_train, y_train)\n"
        "fpr, tpr, cuts = roc_curve(y_test, nb.predict_proba(X_test)[:, 1])\n"
        "cm = confusion_matrix(y_test, nb.predict(X_test))\n"
        "print(cm)\n"
        "points = len(cuts)\n"
        "distances = pairwise_distances(X_test[:20])\n"
        "mean_distance = distances.mean()\n"
        "print('mean distance', mean_distance)",
    ),
    none(
        "descriptions-of-scipy",
        "import numpy as np\nfrom scipy import stats\nx = np.random.default_rng(2).gamma(2.0, 3.0, 80)",
        "%%experiment describe\n"
        "described = stats.describe(x)\n"
        "skewness = stats.skew(x)\n"
        "standard_error = stats.sem(x)\n"
        "quantile = stats.norm.ppf(0.975)\n"
        "z = stats.zscore(x)\n"
        "low, high = x.mean() - quantile * standard_error, x.mean() + quantile * standard_error\n"
        "print('skewness', skewness, 'interquartile range', stats.iqr(x))\n"
        "described",
    ),
    none(
        "a-fitted-curve",
        "import numpy as np\nfrom scipy.optimize import curve_fit",
        "%%experiment dose_response\n"
        "dose = np.linspace(0.1, 10, 25)\n"
        "response = 90 * dose / (1.7 + dose)\n"
        "def emax(d, top, ec50):\n"
        "    return top * d / (ec50 + d)\n"
        "fitted, covariance = curve_fit(emax, dose, response, p0=[50, 1])\n"
        "top, ec50 = fitted\n"
        "print(f'Emax: {top:.1f}, EC50: {ec50:.2f}')",
    ),
    none(
        "published-p-values-among-measurements",
        COHORT,
        "%%experiment table\n"
        "df['p_value'] = rng.uniform(size=n_patients)\n"
        "df['n'] = rng.integers(1, 9, n_patients)\n"
        "small = df[['age', 'crp', 'n', 'p_value']].head(6)\n"
        "small",
    ),
)
