"""Histories as Keras gives them, from a stand-in of the notebook's own."""

from __future__ import annotations

from .case import Case

START = """
import numpy as np
import pandas as pd

class History:
    def __init__(self):
        self.epoch, self.history = [], {}

class Sequential:
    def __init__(self, seed=0):
        self.w = np.random.default_rng(seed).normal(size=4)

    def _scores(self, X, y):
        p = 1 / (1 + np.exp(-X @ self.w))
        return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))), float(np.mean((p > 0.5) == y))

    def fit(self, X, y, epochs=1, validation_data=None, verbose=0):
        history = History()
        for epoch in range(epochs):
            self.w -= 0.3 * X.T @ (1 / (1 + np.exp(-X @ self.w)) - y) / len(y)
            history.epoch.append(epoch)
            for prefix, data in (("", (X, y)), ("val_", validation_data)):
                if data is not None:
                    for key, value in zip(("loss", "accuracy"), self._scores(*data)):
                        history.history.setdefault(prefix + key, []).append(value)
        return history

    def evaluate(self, X, y, verbose=0):
        return list(self._scores(X, y))

    def predict(self, X):
        return 1 / (1 + np.exp(-X @ self.w))

rng = np.random.default_rng(2)
X = rng.normal(size=(120, 4))
y = (X[:, 0] - X[:, 1] + 0.5 * rng.normal(size=120) > 0).astype(float)
X_train, X_test, y_train, y_test = X[:80], X[80:], y[:80], y[80:]
""".strip()

CASES = (
    Case(
        "history-of-a-fit",
        (
            START,
            "%%experiment net\n"
            "model = Sequential()\n"
            "history = model.fit(X_train, y_train, epochs=6, validation_data=(X_test, y_test), verbose=0)",
            "pd.DataFrame(history.history).tail(2)",
        ),
        {
            "net": {
                "loss": "@dict(enumerate(history.history['loss']))",
                "accuracy": "@dict(enumerate(history.history['accuracy']))",
                "val_loss": "@dict(enumerate(history.history['val_loss']))",
                "val_accuracy": "@dict(enumerate(history.history['val_accuracy']))",
            }
        },
    ),
    Case(
        "history-and-evaluation",
        (
            START,
            "%%experiment net\nmodel = Sequential(seed=3)\nhist = model.fit(X_train, y_train, epochs=4)",
            "test_loss, test_acc = model.evaluate(X_test, y_test)\n"
            'print("Test accuracy:", test_acc)\nprint("Test loss:", test_loss)',
        ),
        {
            "net": {
                "loss": "@dict(enumerate(hist.history['loss']))",
                "accuracy": "@dict(enumerate(hist.history['accuracy']))",
                "test_loss": "test_loss",
                "test_acc": "test_acc",
            }
        },
    ),
    Case(
        "last-values-of-a-history",
        (
            START,
            "%%experiment net\n"
            "net = Sequential(seed=5)\n"
            "h = net.fit(X_train, y_train, epochs=3, validation_data=(X_test, y_test))\n"
            "final_val_accuracy = h.history['val_accuracy'][-1]\n"
            'print(f"Validation accuracy after training: {final_val_accuracy:.3f}")',
        ),
        {
            "net": {
                "loss": "@dict(enumerate(h.history['loss']))",
                "accuracy": "@dict(enumerate(h.history['accuracy']))",
                "val_loss": "@dict(enumerate(h.history['val_loss']))",
                "val_accuracy": "@dict(enumerate(h.history['val_accuracy']))",
                "final_val_accuracy": "final_val_accuracy",
            }
        },
    ),
)
