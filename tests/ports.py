"""A port of this machine where nobody listens."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def closed_address() -> str:
    """The address of a server that does not run."""
    return f"http://127.0.0.1:{free_port()}"
