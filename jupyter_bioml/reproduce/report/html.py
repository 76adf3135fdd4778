"""The verdict report: ``verdict.json`` as one HTML file that a scientist can read, keep and print."""

from __future__ import annotations

from ...html.page import render
from .fields import Document
from .view import verdict_view


def verdict_html(document: Document) -> str:
    """The report of a document of :func:`.document.verdict_document`, as a whole HTML file.

    No script, nothing fetched; a sign and a word stand beside every colour. Its first line is the verdict as a
    sentence.
    """
    return render("reproduce/report/verdict.html.j2", verdict_view(document))
