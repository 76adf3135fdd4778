"""What of a project may be told where only a folder of it is open: the runs of the notebooks at or below the folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ..config import Project
from ..journal.renames import Renames
from .row import RunRow


class Boundary:
    """A folder of a project, and what belongs to it.

    :param root: the folder, absolute and with links followed.
    """

    def __init__(self, project: Project, root: Path) -> None:
        self.root = root
        self._project = project.root
        self._renames = Renames(project.home)

    @classmethod
    def of(cls, project: Project, root: Path) -> Boundary | None:
        """The boundary that a folder draws in a project; None: the whole project lies in the folder."""
        root = root.resolve()
        return None if project.root.resolve().is_relative_to(root) else cls(project, root)

    def refresh(self) -> int:
        """Hear of the latest renames; another number when a notebook may have come in or gone out since."""
        self._renames.refresh()
        return self._renames.count

    def shows(self, row: RunRow) -> bool:
        """Whether a run belongs to a notebook inside, by the name that the notebook has now."""
        return row.notebook is not None and self.holds(self._renames.now(row.notebook, row.started or 0.0))

    def holds(self, name: str) -> bool:
        """Whether a notebook of this name, relative to the project or absolute, lies at or below the folder."""
        place = PurePosixPath(self._project.as_posix(), name)
        return ".." not in place.parts and place.is_relative_to(self.root.as_posix())
