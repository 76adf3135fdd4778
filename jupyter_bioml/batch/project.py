"""Batches of one project: run and resumed."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError
from ..runs.project import Find
from ..text.present import short_id
from .batch import BatchReport, Running, resume, run_notebooks
from .request import BatchRequest


class ProjectBatches:
    """Runs notebooks.

    :param find: looks up a run.
    """

    def __init__(self, find: Find) -> None:
        self._find = find

    def run(self, asked: BatchRequest, running: Running | None = None) -> BatchReport:
        """Run notebooks, tracked (see :mod:`.batch`)."""
        return run_notebooks(asked, running)

    def resume(self, place: str, running: Running | None = None) -> BatchReport:
        """Continue a batch with the notebooks that did not pass.

        :param place: the folder of its output notebooks, or a sweep's run.
        :raises UsageError: there is no batch.
        """
        folder = Path(place)
        if not folder.is_dir():
            record = self._find(place).record
            if record.mark != "sweep" or "output_dir" not in record.params:
                raise UsageError(
                    f"The run {short_id(record.record_id)} is not a sweep: give the batch's output folder."
                )
            folder = Path(str(record.params["output_dir"]))
        return resume(folder, running)
