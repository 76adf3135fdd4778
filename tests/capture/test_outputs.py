"""The bounded copy of outputs: folded, masked, cut visibly, in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_bioml.capture.outputs import CHUNK, OutputBuffer, fold
from jupyter_bioml.journal.blobs import Blobs


@pytest.fixture
def sent() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def buffer(tmp_path: Path, sent: list[dict[str, Any]]) -> OutputBuffer:
    return OutputBuffer(sent.extend, Blobs(tmp_path), limit=1 << 20, display=1 << 20)


def test_streams_and_displays_keep_their_order(buffer: OutputBuffer, sent: list[dict[str, Any]]) -> None:
    buffer.write("stdout", "a\n")
    buffer.write("stderr", "b\n")
    buffer.show({"text/plain": "c"}, "result", None, False)
    buffer.write("stdout", "d\n")
    buffer.close()
    assert [(item["kind"], item["text"]) for item in sent] == [
        ("stdout", "a\n"),
        ("stderr", "b\n"),
        ("result", "c"),
        ("stdout", "d\n"),
    ]


def test_progress_bars_are_folded_to_what_a_terminal_shows() -> None:
    assert fold("start\n 1%\r 50%\r100%\ndone\r\n") == "start\n100%\ndone\n"


def test_a_secret_over_two_writes_is_masked(buffer: OutputBuffer, sent: list[dict[str, Any]]) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    buffer.write("stdout", "x" * CHUNK + "\ntoken: " + token[:12])
    buffer.write("stdout", token[12:] + "\n")
    buffer.close()
    text = "".join(item["text"] for item in sent)
    assert token not in text
    assert token[12:] not in text


def test_a_private_key_over_two_hand_overs_is_masked(buffer: OutputBuffer, sent: list[dict[str, Any]]) -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nq7R8s9T0u1V2\n-----END RSA PRIVATE KEY-----\n"
    buffer.write("stdout", "y" * CHUNK + "\n" + key[:50])
    buffer.write("stdout", key[50:])
    buffer.close()
    assert "q7R8s9T0u1V2" not in "".join(item["text"] for item in sent)


def test_text_over_the_limit_is_cut_visibly(tmp_path: Path, sent: list[dict[str, Any]]) -> None:
    buffer = OutputBuffer(sent.extend, Blobs(tmp_path), limit=1024, display=1024)
    for _ in range(100):
        buffer.write("stdout", "0123456789" * 100 + "\n")
    buffer.close()
    text = "".join(item["text"] for item in sent)
    assert "cut at 1 KiB" in text
    assert len(text) < 1100
    assert buffer.full


def test_a_figure_is_kept_as_a_file(buffer: OutputBuffer, sent: list[dict[str, Any]], tmp_path: Path) -> None:
    buffer.show({"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}, "display", None, False)
    assert sent[0]["mime"] == "image/png"
    assert Blobs(tmp_path).get(sent[0]["blob"]).startswith(b"\x89PNG")


def test_updates_of_one_display_count_once(buffer: OutputBuffer, sent: list[dict[str, Any]]) -> None:
    for percent in range(100):
        buffer.show({"text/plain": f"{percent} %"}, "display", "bar", True)
    buffer.close()
    assert [item["text"] for item in sent] == ["99 %"]


def test_our_own_card_is_no_output(buffer: OutputBuffer, sent: list[dict[str, Any]]) -> None:
    buffer.show({"application/vnd.bioml.run+json": {}, "text/plain": "card"}, "display", None, False)
    buffer.close()
    assert sent == []
