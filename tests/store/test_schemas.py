"""MLflow's schemas that are read without MLflow are those of its own migrations; every other one is left to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_bioml.store.base import LeftToMlflow
from jupyter_bioml.store.database_reader import SCHEMAS, DatabaseReader
from jupyter_bioml.store.opening import reader_of


def test_every_known_schema_can_be_read(tmp_path: Path) -> None:
    """With MLflow's migrations step by step; a version of MLflow that brings more has to be looked at here."""
    import sqlalchemy
    from alembic import command
    from alembic.script import ScriptDirectory
    from mlflow.store.db.utils import _get_alembic_config
    from mlflow.store.tracking.dbmodels.initial_models import Base

    file = tmp_path / "mlflow.db"
    engine = sqlalchemy.create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    config = _get_alembic_config(f"sqlite:///{file}")
    steps = [step.revision for step in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]
    assert steps[-1] in SCHEMAS, "MLflow has a new schema: check what its migrations do to the tables that are read"
    assert steps[steps.index("1b5f0d9ad7c1") :] == [step for step in steps if step in SCHEMAS]
    reader = DatabaseReader(file, "sqlite")
    command.upgrade(config, steps[steps.index("1b5f0d9ad7c1") - 1])
    with pytest.raises(LeftToMlflow, match="schema"):
        reader.search()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage) "
            "VALUES (0, 'Default', 'file:///none', 'active')"
        )
        connection.execute(
            "INSERT INTO runs (run_uuid, name, source_type, status, start_time, lifecycle_stage, artifact_uri, "
            "experiment_id) VALUES ('ab', 'run', 'LOCAL', 'FINISHED', 1000, 'active', 'file:///none', 0)"
        )
    for step in steps[steps.index("1b5f0d9ad7c1") :]:
        command.upgrade(config, step)
        assert [run.name for run in reader.search(ours=False)] == ["run"]
        assert (reader.history("ab", "m"), reader.inputs("ab"), reader.run_models("ab")) == ((), (), ())
        assert (reader.artifacts("ab"), reader.models(), reader.model_descriptions()) == ((), [], {})
    engine.dispose()


@pytest.mark.parametrize("change", ["UPDATE alembic_version SET version_num = 'ffffffffffff'", "DROP TABLE tags"])
def test_what_is_not_known_is_left_to_mlflow(tmp_path: Path, empty_database: Path, change: str) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(empty_database.read_bytes())
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(change)
    with pytest.raises(LeftToMlflow):
        reader_of(f"sqlite:///{file}").search()


def test_workspaces_are_left_to_mlflow(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(empty_database.read_bytes())
    monkeypatch.setenv("MLFLOW_WORKSPACE", "team")
    with pytest.raises(LeftToMlflow):
        reader_of(f"sqlite:///{file}")
    monkeypatch.delenv("MLFLOW_WORKSPACE")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO experiments VALUES (7, 'theirs', 'file:///none', 'active', 0, 0, 'team')")
    with pytest.raises(LeftToMlflow):
        reader_of(f"sqlite:///{file}")
