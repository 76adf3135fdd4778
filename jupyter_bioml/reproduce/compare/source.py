"""What the code of a run says by itself: text and settings that a cell only repeats, and lines that tell a duration."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...notebooks.code_text import Text
from ...records.run import RunRecord
from .durations import Timed, timed_lines

_WORD = re.compile(r"[^\W\d]\w*")
#: Classes that are called by their name and hold results, not settings.
_CONTAINERS = frozenset((
    "Counter", "OrderedDict", "DataFrame", "Series", "Index", "Timestamp", "Timedelta", "Decimal", "Fraction",
    "Namespace", "Bunch", "Tensor", "Interval", "Categorical", "Variable",
))  # fmt: skip
#: Estimators that functions make, so that the code does not name their class.
_COMPOSED = frozenset(("Pipeline", "ColumnTransformer", "FeatureUnion", "TransformedTargetRegressor"))


@dataclass(frozen=True)
class Source:
    """The code that led to a run, and what the run's own numbers are."""

    texts: tuple[Text, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The run's parameters by the last part of their name, in lower case."""
    numbers: tuple[float, ...] = ()
    """Metrics and values of the run: a line that prints one of them has its digits only."""

    @classmethod
    def of(cls, record: RunRecord) -> Source:
        """The source of a run and of the cells before it."""
        cells = [*(cell.source for cell in record.before), record.code.source]
        settings = {key.rpartition(".")[2].lower(): value for key, value in record.params.items()}
        values = [metric.value for metric in record.metrics]
        values += [float(value) for value in record.values.values() if type(value) in (int, float)]
        return cls(tuple(Text(source, n) for n, source in enumerate(cells, 1)), settings, tuple(dict.fromkeys(values)))

    @cached_property
    def _nodes(self) -> tuple[ast.AST, ...]:
        return tuple(node for text in self.texts if text.tree is not None for node in ast.walk(text.tree))

    @cached_property
    def _constants(self) -> tuple[str, ...]:
        return tuple(
            node.value for node in self._nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )

    @cached_property
    def lines(self) -> frozenset[str]:
        """Lines of the texts that stand in the code as they are: printing one computes nothing."""
        return frozenset(line.strip() for text in self._constants for line in text.splitlines())

    @cached_property
    def labels(self) -> frozenset[str]:
        """Words of the texts that stand in the code."""
        return frozenset(word for text in self._constants for word in _WORD.findall(text))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the code."""
        return frozenset(word for text in self.texts for word in _WORD.findall(text.source))

    @cached_property
    def objects(self) -> frozenset[str]:
        """Classes that the code makes objects of: how such an object is shown repeats its settings."""
        defined = {node.name for node in self._nodes if isinstance(node, ast.ClassDef)}
        return frozenset(_called(self._nodes)) - defined - _CONTAINERS | _COMPOSED

    @cached_property
    def timed(self) -> tuple[Timed, ...]:
        """Lines that tell how long something took."""
        return tuple(timed_lines(self.texts))


#: For what is compared beside any run.
NO_SOURCE = Source()


def _called(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name[:1].isupper():
                yield name
