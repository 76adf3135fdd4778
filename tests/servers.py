"""Tracking servers, real ones and broken ones."""

from __future__ import annotations

import http.server
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@contextmanager
def silent(port: int) -> Iterator[None]:
    """Accepts connections and never answers."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen(50)
        yield


@contextmanager
def answering(port: int, status: int) -> Iterator[None]:
    """Answers every request with one status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = do_GET

        def log_message(self, *arguments: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def mlflow_server(port: int, folder: Path, database: Path) -> Iterator[None]:
    """A real tracking server, with artifacts of its own."""
    folder.mkdir()
    (folder / "server.db").write_bytes(database.read_bytes())
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/server.db", "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with open(folder / "server.log", "wb") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said, env=environment, cwd=folder)
        try:
            for _ in range(600):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                        break
                except OSError:
                    assert server.poll() is None, (folder / "server.log").read_text()
                    time.sleep(0.2)
            yield
        finally:
            server.terminate()
            server.wait()


@dataclass(frozen=True)
class TrackingServer:
    """A tracking server that runs."""

    uri: str
    database: Path

    def clear(self) -> None:
        """Forget every run, model and experiment but the first."""
        with closing(sqlite3.connect(self.database, timeout=30)) as connection, connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                if table not in ("alembic_version", "workspaces", "experiments"):
                    connection.execute(f'DELETE FROM "{table}"')
            connection.execute("DELETE FROM experiments WHERE experiment_id != 0")
