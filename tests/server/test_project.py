"""What the server says and changes of a project as a whole: its setting, and links whose notebook has moved."""

from __future__ import annotations

from collections.abc import Callable

from front_case import SyntheticJournal
from server_case import Server, address

from jupyter_bioml.config import Project

Make = Callable[..., SyntheticJournal]


def rename(server: Server, before: str, after: str) -> int:
    """As the file browser renames."""
    return server.send("PATCH", f"/some/base/api/contents/{before}", {"path": after}).status


def test_every_notebook_is_tracked_by_one_setting_of_the_project(server: Server, project: Project) -> None:
    name = project.root.name
    (project.root / "bioml.toml").write_text("# ours\nauto = false\n")
    assert server.json("/status", path=name)["track"] is None, "nobody has decided"
    for wanted in (True, False):
        reply = server.send("PUT", address("/track", path=f"{name}/any.ipynb"), {"track": wanted})
        assert (reply.status, reply.json) == (200, {"track": wanted})
        assert server.json("/status", path=name)["track"] is wanted
    assert (project.root / "bioml.toml").read_text() == "track = false\n# ours\nauto = false\n"


def test_the_setting_is_only_written_by_those_who_may_and_where_it_can_be_read(
    server: Server, project: Project
) -> None:
    target = address("/track", path=project.root.name)
    assert server.send("PUT", target, {"track": True}, token=False).status == 403
    assert server.send("PUT", target, {"track": True}, server.log_in(), token=False).status == 403, "without XSRF token"
    for body in ({}, {"track": 1}, {"track": None}, {"track": True, "auto": True}):
        assert server.send("PUT", target, body).status == 400, body
    assert server.send("PUT", address("/track", path="../outside"), {"track": True}).status == 400
    (project.root / "bioml.toml").write_text("track = \n")
    refused = server.send("PUT", target, {"track": True})
    assert refused.status == 400 and "cannot be read" in refused.json["message"]
    assert server.json("/status", path=project.root.name)["track"] is None
    assert (project.root / "bioml.toml").read_text() == "track = \n"


def test_links_of_old_runs_follow_a_notebook_and_its_folders(server: Server, project: Project, journal: Make) -> None:
    old = f"{project.root.name}/sub"
    (project.root / "sub").mkdir()
    (project.root / "sub" / "fit.ipynb").write_text("{}")
    made = journal()
    run = made.run("gbm", {"auc": 0.9}, notebook="sub/fit.ipynb")
    assert server.json(f"/runs/{run}", path=f"{old}/fit.ipynb")["row"]["notebook"] == "sub/fit.ipynb"
    assert rename(server, f"{old}/fit.ipynb", f"{old}/late.ipynb") == 200
    assert rename(server, old, f"{project.root.name}/archive") == 200
    after = server.json(f"/runs/{run}", path=f"{old}/fit.ipynb")
    assert after["row"]["notebook"] == "archive/late.ipynb", "where its cell is opened now"
    assert rename(server, project.root.name, f"{project.root.name}-moved") == 200
    moved = server.json(f"/runs/{run}", path=f"{old}/fit.ipynb")
    assert moved["row"]["notebook"] == "archive/late.ipynb"


def test_a_cell_that_joined_a_run_names_it(server: Server, project: Project, journal: Make) -> None:
    made = journal()
    run = made.run("gbm", {"auc": 0.9})
    part = made.run(None, {"brier": 0.1}, part_of=run)
    found = server.json(f"/runs/{part}", path=project.root.name)
    assert found["joined"] == {"record_id": run, "name": "gbm"}
    assert server.json(f"/runs/{run}", path=project.root.name)["joined"] is None
