"""The steps from a call upwards in its syntax tree, each noting what becomes of the value."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .arithmetic import OF_A_NUMBER, OF_SEVERAL, UNKNOWN, Applied, applied, binary, constant
from .sites import NAME, NUMBER, TEXT, NamePart
from .syntax import COMPREHENSIONS, CONTAINERS, PRINTERS, called, loop_targets, part_of, target_of
from .templates import is_text, of_format, of_percent, parts_of
from .words import is_score

_APPENDERS = frozenset(("append", "add", "extend", "appendleft", "insert"))
#: Keyword arguments of containers that name no value.
_NO_KEYS = frozenset(("data", "index", "columns", "dtype", "name", "iterable", "key"))
_RESULT_PARTS = frozenset(("statistic", "pvalue", "correlation"))


@dataclass
class Climb:
    """What is known of a value on the way up from its call; the fields are those of ``Site``."""

    node: ast.AST
    inside: ast.AST | None = None
    """The node below, where the last step came from"""
    expression: list[Applied] = field(default_factory=list)
    key: list[NamePart] = field(default_factory=list)
    entry: list[NamePart] = field(default_factory=list)
    row: list[NamePart] = field(default_factory=list)
    label: list[NamePart] | None = None
    variable: str | None = None
    unpacked: tuple[str | None, ...] = ()
    appended: bool = False
    accumulated: bool = False
    among: bool = False
    displayed: bool = False
    printed: bool = False
    returned: bool = False
    consumed: bool = False
    loops: list[tuple[str, ...]] = field(default_factory=list)

    def apply(self, operation: Applied) -> None:
        """Note an operation on the value; what happens to a text or a container is not one."""
        if self.label is None and not self.key:
            self.expression.append(operation)

    def step(self, parent: ast.AST, above: ast.AST | None, shown: bool) -> bool:
        """Take one step up; whether there is more to learn above.

        :param above: the parent of the parent.
        :param shown: the value is the cell's last expression.
        """
        if isinstance(parent, ast.Call):
            return self._call(parent)
        if isinstance(parent, ast.Attribute):
            self._attribute(parent, above)
            return True
        if isinstance(parent, (ast.keyword, ast.FormattedValue)):
            return True
        if isinstance(parent, ast.expr):
            return self._expression(parent)
        self._statement(parent, shown)
        return False

    def _attribute(self, parent: ast.Attribute, above: ast.AST | None) -> None:
        if isinstance(above, ast.Call) and above.func is parent:
            return
        self.apply(Applied("item", parent.attr) if parent.attr in _RESULT_PARTS else UNKNOWN)

    def _call(self, parent: ast.Call) -> bool:
        name, node = called(parent), self.node
        if parent.func is node:  # a method of the value, as .mean() and .item()
            self.apply(applied(name, parent.args) if isinstance(node, ast.Attribute) else UNKNOWN)
            return True
        value = node.value if isinstance(node, ast.keyword) else node
        keyword = node.arg if isinstance(node, ast.keyword) else None
        if name == "format" and isinstance(parent.func, ast.Attribute):
            return self._format(parent, parent.func.value, value)
        if name in PRINTERS and keyword is None:
            return self._print(parent, name)
        if name in ("str", "repr", "format"):
            self.label = self.label or []
            return True
        if name in _APPENDERS and isinstance(parent.func, ast.Attribute):
            return self._append(parent.func.value)
        if name in CONTAINERS:
            self.key[:0] = [NamePart(TEXT, keyword)] if keyword and keyword not in _NO_KEYS else []
            self._label_places(parent)
            return True
        beside = [item for item in parent.args if item is not node]
        arithmetic = name in OF_A_NUMBER or (name in OF_SEVERAL and not beside)
        if arithmetic and keyword is None and self.label is None:  # bioml.log(auc=…) is not a logarithm
            self.apply(applied(name, beside))
            return True
        return self._handed_over(parent, keyword)

    def _label_places(self, parent: ast.Call) -> None:
        """``pd.Series([f(…), g(…)], index=["rf", "svm"])``: a place in the list has the name of its row or column."""
        places = [at for at, part in enumerate(self.key[:2]) if part.kind == NUMBER]
        named = {item.arg: item.value for item in parent.keywords}
        lists = [item.elts for item in map(named.get, ("index", "columns")) if isinstance(item, (ast.List, ast.Tuple))]
        if len(places) < len(lists):  # of a list with one element there is no place
            lists = [labels for labels in lists if len(labels) > 1]
        for at, labels in zip(places, lists, strict=False):
            if int(self.key[at].text) < len(labels):
                self.key[at] = part_of(labels[int(self.key[at].text)])

    def _format(self, parent: ast.Call, template: ast.AST, value: ast.AST) -> bool:
        text = template.value if isinstance(template, ast.Constant) else None
        self.label = of_format(text, parent, value) if isinstance(text, str) else []
        self._is_text()
        return True

    def _print(self, parent: ast.Call, name: str) -> bool:
        """An argument of ``print``, ``display`` or a logger: what stands before it is its label."""
        at = next((at for at, item in enumerate(parent.args) if item is self.node), 0)
        self.displayed, self.printed = name == "display", name != "display"
        if at or self.label is not None:
            self.label = [*parts_of(parent.args[:at], " "), *(self.label or [])]
        if at and isinstance(parent.args[0], ast.Constant) and "%" in str(parent.args[0].value) and name != "print":
            self.label = of_percent(str(parent.args[0].value), parent.args[1:], at - 1)
        return False

    def _append(self, holder: ast.AST) -> bool:
        if self.label is None:
            self.entry = self.key
            self.variable, self.key = target_of(holder)
            self.appended = True
        return False

    def _handed_over(self, parent: ast.Call, keyword: str | None) -> bool:
        """An argument of a function that is not known: a text before it, or its keyword, may name it."""
        texts = [item for item in parent.args if isinstance(item, ast.Constant) and is_text(item)]
        if keyword and is_score(keyword):
            self.key.insert(0, NamePart(TEXT, keyword))
            return True
        if self.label is None and not self.key and texts and any(is_score(str(item.value)) for item in texts):
            self.label = parts_of(texts[:1])
        self.consumed = True
        return False

    def _is_text(self) -> None:
        self.printed, self.among = True, False
        self.key.clear()
        self.row.clear()

    def _expression(self, parent: ast.expr) -> bool:
        node = self.node
        if isinstance(parent, ast.BinOp):
            self._binary(parent)
        elif isinstance(parent, ast.JoinedStr):
            at = next((at for at, item in enumerate(parent.values) if item is node), 0)
            self.label = [*parts_of(parent.values[:at]), *(self.label or [])]
            self._is_text()
        elif isinstance(parent, ast.Subscript):
            self._subscript(parent)
        elif isinstance(parent, ast.Dict):
            self._dict(parent)
        elif isinstance(parent, (ast.Tuple, ast.List, ast.Set)):
            self._sequence(parent.elts)
        elif isinstance(parent, COMPREHENSIONS):
            self.loops += [loop_targets([item.target]) for item in reversed(parent.generators)]
            self.key[:0] = [part_of(parent.key)] if isinstance(parent, ast.DictComp) else []
        elif isinstance(parent, (ast.NamedExpr, ast.Lambda)):
            self.variable = target_of(parent.target)[0] if isinstance(parent, ast.NamedExpr) else None
            self.returned = isinstance(parent, ast.Lambda)
            return False
        elif isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub):
            self.apply(Applied("USub"))
        else:
            passes = isinstance(parent, (ast.BoolOp, ast.Await, ast.Starred)) or (
                isinstance(parent, ast.IfExp) and parent.test is not node
            )
            self.consumed = self.consumed or not passes
        return not self.consumed

    def _binary(self, parent: ast.BinOp) -> None:
        """``"AUC: %.2f" % f(…)``, ``"AUC: " + str(f(…))``, and arithmetic."""
        left = parent.left if parent.right is self.node else None
        if isinstance(parent.op, ast.Mod) and isinstance(left, ast.Constant) and isinstance(left.value, str):
            values = self.node.elts if isinstance(self.node, ast.Tuple) else [self.node]
            place = next((at for at, item in enumerate(values) if item is self.inside), 0)
            self.label = of_percent(left.value, values, place)
            self._is_text()
        elif isinstance(parent.op, ast.Add) and (self.label is not None or (left is not None and is_text(left))):
            self.label = [*(parts_of([left]) if left is not None else []), *(self.label or [])]
            self._is_text()
        else:
            self.apply(binary(parent, self.node))

    def _subscript(self, parent: ast.Subscript) -> None:
        if parent.value is not self.node:
            self.consumed = True
            return
        index = parent.slice.value if isinstance(parent.slice, ast.Constant) else constant(parent.slice)
        self.apply(Applied("item", index) if isinstance(index, (int, float, str)) else UNKNOWN)

    def _dict(self, parent: ast.Dict) -> None:
        at = next((at for at, item in enumerate(parent.values) if item is self.node), None)
        key = parent.keys[at] if at is not None else None
        if key is None:
            self.consumed = at is None
            return
        beside = [item for item in parent.values if item is not self.node]
        self.row += [part for part in map(_label_of_row, beside) if part is not None]
        self.key.insert(0, part_of(key))

    def _sequence(self, elements: list[ast.expr]) -> None:
        """A list or tuple: texts beside the value label it, other values stand among it."""
        beside = [item for item in elements if item is not self.node]
        labels = [part for part in map(_label_of_row, beside) if part is not None]
        at = next(at for at, item in enumerate(elements) if item is self.node)
        self.row += labels
        if len(labels) < len(beside):
            self.among = self.among or bool(labels)
            self.key.insert(0, NamePart(NUMBER, str(at)))
        elif labels and any(part.kind == TEXT for part in labels) and not self.key:
            self.key.insert(0, NamePart(NUMBER, str(at)))

    def _statement(self, parent: ast.AST, shown: bool) -> None:
        """The statement in which the value ends."""
        if isinstance(parent, (ast.Assign, ast.AnnAssign)):
            if self.label is None:
                self._bind(parent.targets[0] if isinstance(parent, ast.Assign) else parent.target)
        elif isinstance(parent, ast.AugAssign):
            self.variable, keys = target_of(parent.target)
            self.key[:0] = keys
            self.appended = isinstance(self.node, (ast.List, ast.ListComp, ast.Tuple))
            self.accumulated = not self.appended
        elif isinstance(parent, ast.Return):
            self.returned = True
        elif isinstance(parent, ast.Expr):
            self.displayed = self.displayed or shown
        else:
            self.consumed = True

    def _bind(self, target: ast.AST) -> None:
        """N1: the value is bound to a target; a tuple of targets gives each part its name."""
        if not isinstance(target, (ast.Tuple, ast.List)):
            self.variable, keys = target_of(target)
            self.key[:0] = keys
            return
        place = int(self.key[0].text) if self.key and self.key[0].kind == NUMBER else None
        if place is not None and place < len(target.elts) and isinstance(self.node, (ast.Tuple, ast.List)):
            self.key.pop(0)
            self.row.clear()
            self.among = False
            self._bind(target.elts[place])
        else:
            names = [item.id if isinstance(item, ast.Name) and item.id != "_" else None for item in target.elts]
            self.unpacked = tuple(names)


def _label_of_row(node: ast.AST) -> NamePart | None:
    """A text or a plain name beside a value, which may say whose it is; None for other values."""
    if isinstance(node, ast.Constant):
        return part_of(node) if isinstance(node.value, (str, int)) else None
    return part_of(node) if isinstance(node, (ast.Name, ast.Attribute)) and part_of(node).kind == NAME else None
