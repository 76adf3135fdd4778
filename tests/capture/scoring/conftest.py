from __future__ import annotations

from collections.abc import Iterator

import pytest

from .cells import Cells

DATA = """
import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
X, y = make_classification(120, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
model = LogisticRegression().fit(X_train, y_train)
"""


@pytest.fixture
def cells() -> Iterator[Cells]:
    """Cells whose namespace has a fitted ``model`` and its data."""
    made = Cells()
    made.prepare(DATA)
    assert made.observer.gaps() == []
    yield made
    made.observer.uninstall()
