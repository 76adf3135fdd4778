"""``python -m docs.generate``: write ``docs/reference/`` from the code.

Commands come from click, magics from their argument parser, settings from :class:`jupyter_bioml.config.Settings`,
errors from :mod:`jupyter_bioml.errors`, the Python functions from their signatures, the record from its classes.
A test compares the committed pages with what this makes, so they cannot fall behind.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import jupyter_bioml
from jupyter_bioml import config, errors
from jupyter_bioml.capture import options
from jupyter_bioml.cli.main import commands
from jupyter_bioml.cli.verbs import VERBS
from jupyter_bioml.magics import magics
from jupyter_bioml.records import run as records
from jupyter_bioml.records.schema import json_schema
from jupyter_bioml.scores.vocabulary import WORDS, ScoreWord

from . import score_rules

FOLDER = Path(__file__).parent / "reference"
#: Read elsewhere than in ``Settings``; a test compares the list with the names the code reads.
OTHER_VARIABLES = {
    "BIOML_PROJECT": "the project's root, instead of the nearest folder with `.bioml`, `.git` or `.dvc`",
    "MLFLOW_TRACKING_URI": "the MLflow server or database to publish to, instead of the project's `.bioml/mlflow.db`",
    "MLFLOW_EXPERIMENT_NAME": "the MLflow experiment, instead of the notebook's path",
    "JPY_SESSION_NAME": "set by Jupyter: the notebook's path when the kernel started",
    "BIOML_REPRODUCES": "set by `reproduce` for the kernel it starts: the record being reproduced",
    "BIOML_WORK": "set by `reproduce` for the kernel it starts: the folder it works in",
    "BIOML_PROOF": "set by `reproduce` for the kernel of a proof: the factor held fixed",
    "BIOML_PROBES": "set by `run --only-changed` for the kernel it starts: note everything the notebook depends on",
    "BIOML_AUDIT_KEY": "the private key (PEM) used to sign events of the audit log",
    "BIOML_ENGINE": "set by the papermill engine for the kernel it starts",
    "BIOML_HOME": "the folder that holds the journal, instead of `.bioml` in the root; set on workers of a cluster",
    "BIOML_TASK": "set by `run` for the kernel it starts: the task of the batch",
    "BIOML_ATTEMPT": "set by `run` for the kernel it starts: which attempt at the task, from 1",
    "BIOML_SWEEP": "set by `run` for the kernel it starts: session and record of the sweep's run",
    "BIOML_SECRETS": "set by `run` for the kernel it starts: the variables whose values are masked, comma-separated",
}
NOTICE = "<!-- Written by `make docs` from the code; edit the code's own texts instead. -->\n"


def pages() -> dict[str, str]:
    """File name in ``docs/reference`` → content."""
    return {
        "commands.md": commands_page(),
        "magics.md": magics_page(),
        "python.md": python_page(),
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "record.md": record_page(),
        "scores.md": scores_page(),
        "record.schema.json": json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n",
    }


def page(title: str, *parts: str) -> str:
    return "\n\n".join([NOTICE + f"# {title}", *(part.strip("\n") for part in parts if part)]) + "\n"


def table(heads: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in lines
    )


def clean(text: str | None) -> str:
    """A docstring as Markdown: dedented, double backticks and roles made plain, fields as a list."""
    text = inspect.cleandoc(text or "")
    text = re.sub(r":\w+:`[~.]*([^`]*)`", r"`\1`", text).replace("``", "`")
    text = re.sub(r"\n[ ]+(?=\S)", " ", text) if ":param" in text else text
    text = re.sub(r"^:param (\w+): ", r"- `\1`: ", text, flags=re.MULTILINE)
    return re.sub(r"^:raises (\w+): ", r"- raises `\1`: ", text, flags=re.MULTILINE)


# -- commands --------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every verb with its arguments and options."""
    intro = clean(commands.help)
    codes = (
        "Each is spelled `jupyter bioml VERB`, `jupyter-bioml VERB` or, shorter, `bioml VERB`. With `--json`, stdout\n"
        "is exactly one JSON document (an error too: `code`, `message`, `next`) and progress goes to stderr.\n\n"
        "Exit codes: 0 success; 1 failure (also of a notebook, check or run); 2 usage error."
    )
    parts = []
    for name in VERBS:
        verb = commands.get_command(click.Context(commands), name)
        assert verb is not None, name
        parts.append(f"## {name}\n\n{command_part(name, verb)}")
        actions = verb.commands if isinstance(verb, click.Group) else {}
        parts += [
            f"### {name} {action}\n\n{command_part(f'{name} {action}', item)}" for action, item in actions.items()
        ]
    return page("Commands", intro, codes, *parts)


def command_part(name: str, verb: click.Command) -> str:
    """Usage, help and options of one command."""
    arguments = [shown_argument(item) for item in verb.params if isinstance(item, click.Argument)]
    rows = [
        [f"`{', '.join(item.opts)}{metavar(item)}`", item.help or ""]
        for item in verb.params
        if isinstance(item, click.Option)
    ]
    ends = ["ACTION …"] if isinstance(verb, click.Group) else [*arguments, "[OPTIONS]"]
    usage = " ".join([f"bioml {name}", *ends])
    return f"```\n{usage}\n```\n\n{clean(verb.help)}\n\n{table(['option', 'meaning'], rows)}"


def shown_argument(item: click.Argument) -> str:
    name = item.metavar or (item.name or "").upper()
    name += "…" if item.nargs == -1 and not name.endswith("…") else ""
    return name if item.required else f"[{name}]"


def metavar(item: click.Option) -> str:
    if item.is_flag or item.count:
        return ""
    return " " + (item.metavar or ("VALUE " * item.nargs).strip())


# -- magics ----------------------------------------------------------------------------------------


def magics_page() -> str:
    """``%%experiment``, the cell tag, and ``%bioml``."""
    rows = []
    for action in options.parser()._actions:
        flag = ", ".join(action.option_strings)
        shown = (
            (action.metavar if isinstance(action.metavar, str) else action.dest.upper()) if action.nargs != 0 else ""
        )
        name = " ".join(filter(None, [flag, f"[{shown}]" if flag and action.nargs == "?" else shown])) or action.dest
        rows.append([f"`{name}`", action.help or ""])
    line_magics = [
        [f"`%bioml {' '.join(text.split('  ')[0].split())}`", text.split("  ", 1)[1].strip()]
        for text in magics.COMMANDS.values()
    ]
    return page(
        "Magics",
        "`%load_ext jupyter_bioml` loads both; `bioml enable` loads them in every kernel.",
        "## %%experiment\n\nThe first line of a cell; it makes the cell a run. Without it the cell tag `experiment`\n"
        "does the same, and `%bioml auto on` does it for every cell.\n\n" + table(["flag", "meaning"], rows),
        OTHER_MAGICS,
        "## %bioml\n\n" + table(["line", "meaning"], line_magics),
    )


OTHER_MAGICS = """\
## Beside other magics

What `%%time`, `%%capture`, `%%prun`, `%time`, `%prun` and the profilers `%lprun`, `%mprun` and `%memit` run
is the cell's code: its parameters, metrics and model are kept as if it stood alone. `%%experiment` may stand
above or below `%%time`, `%%capture`, `%%prun`, `%%timeit` and `%%memit`. A gap of the run names the magic
where its code was not analysed: `%timeit` (its code runs in a function of its own), `%%bash` and other
programs, `%run`, and a magic of your own unless it calls `get_ipython().run_cell`. An error that `%%capture`
keeps to itself is a gap too. Below a magic of your own `%%experiment` makes no run, and says so."""


# -- Python ----------------------------------------------------------------------------------------


def python_page() -> str:
    """The public names of ``import jupyter_bioml as bioml``."""
    parts = []
    for name in jupyter_bioml.__all__:
        if name.startswith("__"):
            continue
        value = getattr(jupyter_bioml, name)
        parts.append(f"## bioml.{name}\n\n```python\n{signature(name, value)}\n```\n\n{clean(value.__doc__)}")
    return page(
        "Python",
        "`import jupyter_bioml as bioml` is the spelling. The import costs nothing, nothing is ever put into your\n"
        "namespace, and no function here fails or waits: outside a run they attach to the session, without the\n"
        "extension they do nothing.",
        *parts,
    )


def signature(name: str, value: Any) -> str:
    shown = f"bioml.{name}{inspect.signature(value)}"
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", shown)


# -- settings --------------------------------------------------------------------------------------


def settings_page() -> str:
    """``bioml.toml`` and the environment variables."""
    texts = attribute_texts(config.Settings)
    rows = []
    for item in dataclasses.fields(config.Settings):
        meaning, _, variable = texts[item.name].rpartition(" [")
        rows.append([f"`{item.name}`", f"`{toml(item.default)}`", f"`{variable.rstrip('].')}`", meaning])
    return page(
        "Settings",
        "`bioml.toml` in the project's root, each overridden by its environment variable:",
        table(["setting", "default", "variable", "meaning"], rows),
        "## Variables without a setting",
        table(["variable", "meaning"], [[f"`{name}`", meaning] for name, meaning in OTHER_VARIABLES.items()]),
    )


def toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "[]" if value == () else str(value)


def attribute_texts(kind: type) -> dict[str, str]:
    """Field → the string that stands below it in the class."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)
    found = {}
    for field, text in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            found[field.target.id] = " ".join(clean(ast.literal_eval(text.value)).split())
    return found


# -- errors ----------------------------------------------------------------------------------------


def errors_page() -> str:
    """The tree of errors with their codes."""
    meanings = dict(re.findall(r"^[\s│├└─]*(\w+) {2,}(.+)$", errors.__doc__ or "", flags=re.MULTILINE))
    rows = [
        [f"`{kind.code}`", f"`{kind.__name__}`", str(kind.exit_code), meanings.get(kind.__name__, "")]
        for kind in error_tree(errors.BiomlError)
    ]
    return page(
        "Errors",
        "Every error says what happened, what was kept, and what to do next. `code` is stable; `--json` prints\n"
        '`{"code": …, "message": …, "next": …}`. In a cell the magics show the same text as a\n'
        "`UsageError`, without a traceback.",
        table(["code", "class (`jupyter_bioml.errors`)", "exit code", "meaning"], rows),
    )


def error_tree(kind: type[errors.BiomlError]) -> Iterator[type[errors.BiomlError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from error_tree(child)


# -- the record ------------------------------------------------------------------------------------


def record_page() -> str:
    """The fields of ``record.json``, class by class."""
    parts = []
    for name, described in json_schema()["$defs"].items():
        if "properties" not in described:
            continue  # the number, which is not a class
        kind = getattr(records, name)
        texts = attribute_texts(kind)
        rows = [[f"`{item.name}`", f"`{item.type}`", texts.get(item.name, "")] for item in dataclasses.fields(kind)]
        parts.append(f"## {name}\n\n{clean(kind.__doc__)}\n\n{table(['field', 'type', 'meaning'], rows)}")
    return page(
        "The record",
        "`bioml/record.json` of every run; its JSON Schema is [record.schema.json](record.schema.json). A field at\n"
        "its default is left out. " + " ".join(clean(records.__doc__).split("\n\n", 1)[1].split()),
        *sorted(parts, key=lambda part: not part.startswith("## RunRecord\n")),
    )


# -- scores ----------------------------------------------------------------------------------------


def scores_page() -> str:
    """What a score is, how it is named, and the vocabulary, a table for each family."""
    parts = []
    for family in dict.fromkeys(word.family for word in WORDS):
        rows = [score_row(word) for word in WORDS if word.family == family]
        parts.append(f"### {family}\n\n" + table(["word", "forms", "better", "meaning", "defined by"], rows))
    return page(
        "Scores",
        "## What a score is\n\n" + score_rules.WHAT,
        "## How a score is named\n\n" + score_rules.NAMES,
        "## The vocabulary\n\n" + score_rules.WORDS,
        *parts,
    )


def score_row(word: ScoreWord) -> list[str]:
    better = {"more": "more", "less": "less", "neither": "–"}[word.better]
    return [word.name + (" *" if word.narrow else ""), ", ".join(word.forms), better, word.meaning, word.source]


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for name, content in pages().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
    sys.stdout.write(f"{len(pages())} pages written to {FOLDER}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
