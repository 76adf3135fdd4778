"""The process that has MLflow loaded: there is one, its forks are as started ones, and it is never needed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_kernel import wait_until
from resident_case import COUNTS, PROBE, gone, kill, probe, residents, told, with_modules

import jupyter_bioml
from jupyter_bioml.processes import asking, programs
from jupyter_bioml.processes.identity import clean_environment, computed
from jupyter_bioml.processes.request import Inherited, same_user

SECRET = "correct-horse-battery-9"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the probe, which also counts the imports of MLflow in ``imports``."""
    folder = tmp_path_factory.mktemp("modules")
    with_modules(folder, probe=PROBE, sitecustomize=COUNTS.format(file=str(folder / "imports")))
    return folder


@pytest.fixture
def ours(modules: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The probe can be run; the tests of this module share a resident process."""
    monkeypatch.setenv("PYTHONPATH", with_modules(modules))
    return modules


@pytest.fixture
def alone(tmp_path: Path, ours: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which only this test's resident processes are met."""
    folder = tmp_path / "runtime"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def imports(modules: Path) -> list[str]:
    try:
        return (modules / "imports").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def test_a_fork_is_as_a_process_that_was_started(ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {**os.environ, "TZ": "Asia/Kolkata", "MINE": "ä\udce4"}
    command = [sys.executable, "-P", "-m", "probe", "started"]
    none = subprocess.DEVNULL
    subprocess.run(command, env=environment, stdin=none, stdout=none, stderr=none, start_new_session=True, check=False)
    started, forked = told(tmp_path / "started"), probe(tmp_path / "forked", environment)
    assert "resident" in Path(f"/proc/{forked['parent']}/cmdline").read_text()
    assert started.pop("argv") == ["started"] and forked.pop("argv") == [str(tmp_path / "forked")]
    set_by_imports = forked["environment"].keys() - started["environment"].keys()
    assert set_by_imports <= {"KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"}, "as after an import of MLflow"
    for name in set_by_imports:
        del forked["environment"][name]
    for of_its_own in ("pid", "parent", "initial", "threads"):
        started.pop(of_its_own), forked.pop(of_its_own)
    assert forked == started


def test_what_a_fork_cannot_be_given_it_is_started_with(ours: Path, tmp_path: Path) -> None:
    first = probe(tmp_path / "first")
    inherited = Inherited.here()
    assert Inherited(**vars(inherited)) == inherited
    code = (
        "import os, sys; os.nice(5); from jupyter_bioml.processes import programs;"
        " sys.exit(programs.run('probe', [sys.argv[1]], dict(os.environ)))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "nice")], check=False, timeout=120)
    nice = told(tmp_path / "nice")
    assert nice["parent"] == first["parent"] and nice["niceness"] == first["niceness"] + 5


def test_two_that_start_it_at_once_start_one(alone: Path, ours: Path, tmp_path: Path) -> None:
    before = len(imports(ours))
    code = (
        "import os, sys; from jupyter_bioml.processes import programs;"
        " sys.exit(programs.run('probe', [sys.argv[1]], dict(os.environ)))"
    )
    files = [tmp_path / f"of {number}" for number in range(6)]
    asking_it = [subprocess.Popen([sys.executable, "-c", code, str(file)]) for file in files]
    assert [process.wait(timeout=180) for process in asking_it] == [7] * 6
    assert len({told(file)["parent"] for file in files}) == 1, "all are forks of one process"
    assert len(imports(ours)) == before + 1, "MLflow was imported once"
    assert sorted(path.suffix for path in (alone / "bioml").iterdir()) == [".lock", ".sock"]


def test_one_that_is_expected_is_started_once_and_is_the_one_that_is_asked(
    alone: Path, ours: Path, tmp_path: Path
) -> None:
    before = len(imports(ours))
    for _ in range(3):
        asking.expect(os.environ)
    (pid,) = residents(alone)
    assert probe(tmp_path / "a")["parent"] == pid
    asking.expect(os.environ)
    assert residents(alone) == [pid] and len(imports(ours)) == before + 1
    kill(pid)
    asking.expect(os.environ)
    assert probe(tmp_path / "b")["parent"] in residents(alone), "of one that was killed the mark says nothing"


def test_none_is_expected_where_it_would_not_be_sound_to_fork_it(alone: Path, ours: Path, tmp_path: Path) -> None:
    name = computed(clean_environment(os.environ))
    (alone / "bioml").mkdir(mode=0o700)
    (alone / "bioml" / f"{name}.lock").write_text(f"{asking.REFUSED}\n")
    asking.expect(os.environ)
    assert residents(alone) == []


def test_no_credentials_reach_it_or_another_fork(ours: Path, tmp_path: Path) -> None:
    mine = probe(tmp_path / "a", {**os.environ, "MLFLOW_TRACKING_PASSWORD": SECRET, "PYTHON_API_TOKEN": SECRET})
    assert mine["environment"]["MLFLOW_TRACKING_PASSWORD"] == SECRET
    other = probe(tmp_path / "b")
    assert other["parent"] == mine["parent"] and SECRET not in str(other)
    assert SECRET not in mine["initial"], "what other processes may read of it"
    environ = Path(f"/proc/{mine['parent']}/environ").read_text()
    assert SECRET not in environ and "MLFLOW_TRACKING" not in environ
    assert "LANGCHAIN_API_KEY" not in clean_environment({"LANGCHAIN_API_KEY": SECRET, "LD_SDK_KEY": SECRET})


def test_another_users_request_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with one, other:
        assert same_user(one)
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert not same_user(one)


def test_a_folder_that_others_can_enter_is_not_used(alone: Path, ours: Path, tmp_path: Path) -> None:
    alone.chmod(0o755)
    probe(tmp_path / "a")
    assert not (alone / "bioml").exists()
    state = Path(os.environ["XDG_STATE_HOME"]) / "bioml" / "processes"
    assert state.stat().st_mode & 0o777 == 0o700 and list(state.glob("*.sock"))
    shutil.rmtree(state)


def test_killed_at_work_its_fork_goes_on_and_the_next_one_gets_another(alone: Path, ours: Path, tmp_path: Path) -> None:
    codes: list[int | None] = []
    arguments = [str(tmp_path / "a"), str(tmp_path / "go")]
    waits = threading.Thread(target=lambda: codes.append(programs.run("probe", arguments, dict(os.environ))))
    waits.start()
    first = told(tmp_path / "a")
    kill(first["parent"])
    assert not gone(first["pid"])
    second = probe(tmp_path / "b")
    assert second["parent"] not in (first["parent"], os.getpid())
    (tmp_path / "go").touch()
    waits.join(60)
    assert codes == [7], "whoever waits for it is told how it ended"


def test_a_fork_that_crashes_is_told_of_and_buried(alone: Path, ours: Path, tmp_path: Path) -> None:
    codes: list[int | None] = []
    arguments = [str(tmp_path / "a"), str(tmp_path / "never")]
    waits = threading.Thread(target=lambda: codes.append(programs.run("probe", arguments, dict(os.environ))))
    waits.start()
    first = told(tmp_path / "a")
    os.kill(first["pid"], signal.SIGSEGV)
    waits.join(60)
    assert codes == [-signal.SIGSEGV]
    wait_until(lambda: not Path(f"/proc/{first['pid']}").exists())
    assert probe(tmp_path / "b")["parent"] == first["parent"], "it lives on"


@pytest.fixture
def copy(tmp_path: Path, ours: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package that comes before the installed one."""
    folder = tmp_path / "site" / "jupyter_bioml"
    source = Path(jupyter_bioml.__file__).parent
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("labextension", "__pycache__"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder.parent), os.environ["PYTHONPATH"]]))
    return folder


#: Runs the probe by the package that ``PYTHONPATH`` leads to.
BY_COPY = "import os, sys; from jupyter_bioml.processes import programs; programs.run('probe', sys.argv[1:], dict(os.environ))"


def by_copy(file: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-P", "-c", BY_COPY, str(file), *more])


def test_an_upgrade_gets_a_new_one_and_the_old_one_ends_with_its_last_fork(
    alone: Path, copy: Path, tmp_path: Path
) -> None:
    works = by_copy(tmp_path / "a", str(tmp_path / "go"))
    first = told(tmp_path / "a")
    with (copy / "errors.py").open("a") as file:
        file.write("# another version\n")
    assert by_copy(tmp_path / "b").wait(timeout=120) == 0
    second = told(tmp_path / "b")
    assert second["parent"] != first["parent"] and "resident" in Path(f"/proc/{second['parent']}/cmdline").read_text()
    assert not gone(first["parent"]), "one of its forks is at work"
    (tmp_path / "go").touch()
    assert works.wait(timeout=60) == 0
    wait_until(lambda: gone(first["parent"]))
    assert by_copy(tmp_path / "c").wait(timeout=120) == 0 and told(tmp_path / "c")["parent"] == second["parent"]


def test_an_uninstall_leaves_nothing(alone: Path, copy: Path, tmp_path: Path) -> None:
    assert by_copy(tmp_path / "a").wait(timeout=120) == 0
    first = told(tmp_path / "a")
    assert not gone(first["parent"])
    copy.rename(tmp_path / "elsewhere")
    wait_until(lambda: gone(first["parent"]))
    assert list((alone / "bioml").iterdir()) == []


def test_it_ends_when_nobody_needs_it(alone: Path, ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import sys\nfrom jupyter_bioml.processes import resident\nresident.IDLE = 0.1\nsys.exit(resident.main(sys.argv[1:]))\n"
    with_modules(ours, resident_that_soon_rests=text)
    monkeypatch.setattr(asking, "RESIDENT", "resident_that_soon_rests")
    first = probe(tmp_path / "a")
    wait_until(lambda: gone(first["parent"]))
    assert list((alone / "bioml").iterdir()) == []


def test_where_it_would_not_be_sound_to_fork_it_programs_are_started(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not tried again for each of them."""
    thread = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    counts = COUNTS.format(file=str(tmp_path / "imports"))
    with_modules(tmp_path / "modules", probe=PROBE, sitecustomize=counts + thread)
    monkeypatch.setenv("PYTHONPATH", with_modules(tmp_path / "modules"))
    for name in ("a", "b"):
        assert probe(tmp_path / name)["parent"] == os.getpid()
    assert len(imports(tmp_path)) == 1
    programs.start("probe", [str(tmp_path / "c")])
    assert told(tmp_path / "c")["parent"] != os.getpid()


def test_without_a_folder_or_for_another_interpreter_programs_are_started(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(file / "none"))
    monkeypatch.setenv("XDG_STATE_HOME", str(file / "none"))
    assert probe(tmp_path / "a")["parent"] == os.getpid()


def test_its_name_depends_on_what_a_start_would_depend_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {computed(clean_environment(os.environ))}
    for variable in ("PYTHONPATH", "LD_LIBRARY_PATH", "LC_ALL", "HOME", "PANDAS_COPY_ON_WRITE", "MLFLOW_LOGGING_LEVEL"):
        names.add(computed(clean_environment({**os.environ, variable: "another"})))
    monkeypatch.setattr(sys, "prefix", "/another")
    names.add(computed(clean_environment(os.environ)))
    assert None not in names and len(names) == 8
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    assert computed(clean_environment({**os.environ, "SOMETHING": "else"})) == computed(clean_environment(os.environ))
