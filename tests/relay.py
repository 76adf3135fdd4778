"""A relay in front of a tracking server, with TLS or without, which is also a proxy: it notes what is asked, and may
answer something else."""

from __future__ import annotations

import datetime
import http.client
import http.server
import ipaddress
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Headers that concern one connection only, and those that are made again.
_OF_ONE_HOP = {"connection", "proxy-connection", "content-length", "transfer-encoding", "host", "date", "server"}


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    target: str
    """As it came: a path, of a proxy's a whole address, of a tunnel's a host and port."""
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """Without the server and without the question's fields."""
        return urllib.parse.urlsplit(self.target).path


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Relay:
    """Passes requests on to the server at ``target``.

    :param target: an address with ``http``.
    :param certificate: a file with key and certificate: then it is asked with TLS.
    """

    def __init__(self, target: str, certificate: Path | None = None) -> None:
        self.target = urllib.parse.urlsplit(target)
        self.asked: list[Asked] = []
        self.instead: Callable[[Asked], Answer | None] = lambda asked: None
        """Answers in the server's place; None: the server does."""
        self.changed: Callable[[Answer], Answer] = lambda answer: answer
        self.ended = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._secure = certificate is not None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def uri(self) -> str:
        """Its address."""
        return f"http{'s' if self._secure else ''}://127.0.0.1:{self._server.server_port}"

    def hang(self, asked: Asked) -> Answer:
        """Answer nothing until the test is over."""
        self.ended.wait()
        return Answer(503)

    def ask_server(self, asked: Asked) -> Answer:
        """What the server says."""
        there = http.client.HTTPConnection(self.target.hostname or "", self.target.port, timeout=60)
        with suppress(OSError), _closing(there):
            url = urllib.parse.urlsplit(asked.target)
            path = f"{url.path}?{url.query}" if url.query else url.path
            headers = {name: value for name, value in asked.headers.items() if name.lower() not in _OF_ONE_HOP}
            there.request(asked.method, path, asked.body or None, headers)
            said = there.getresponse()
            kept = {name: value for name, value in said.getheaders() if name.lower() not in _OF_ONE_HOP}
            return self.changed(Answer(said.status, said.read(), kept))
        return Answer(502)

    def serve(self) -> None:
        """Until :meth:`close`."""
        self._server.serve_forever(0.05)

    def close(self) -> None:
        """End it, and whoever waits for it."""
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def relay(target: str, certificate: Path | None = None) -> Iterator[Relay]:
    """A relay that runs."""
    made = Relay(target, certificate)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.close()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that refuse our certificate, or have gone."""


@contextmanager
def _closing(connection: http.client.HTTPConnection) -> Iterator[None]:
    try:
        yield
    finally:
        connection.close()


def _handler(relay: Relay) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, dict(self.headers), body)
            relay.asked.append(asked)
            answer = relay.instead(asked) or relay.ask_server(asked)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

        def do_CONNECT(self) -> None:
            relay.asked.append(Asked("CONNECT", self.path, dict(self.headers)))
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port)), timeout=60) as there:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_copy, args=(there, self.connection), daemon=True)
                back.start()
                _copy(self.connection, there)
                back.join()
            self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def self_signed(folder: Path) -> Path:
    """A file with a key and its certificate for 127.0.0.1, which nobody else has signed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a tracking server")])
    now = datetime.datetime.now(datetime.UTC)
    public = key.public_key()
    usage = {"digital_signature": True, "key_cert_sign": True, "crl_sign": True}
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
    certificate = (
        x509.CertificateBuilder(name, name, public, x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False)
        .add_extension(x509.KeyUsage(**usage, **dict.fromkeys((*others, "decipher_only"), False)), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return file
