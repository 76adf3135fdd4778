"""Signatures of events with Ed25519 (RFC 8032): the gateway to ``cryptography``.

A private key is a PEM file (PKCS#8, without a passphrase) that only its owner may read, named by
``BIOML_AUDIT_KEY``. Public keys lie as PEM files in ``bioml-audit-keys/`` of the project, to be committed. A key's id
is the beginning of the SHA-256 of its public half; it is among the fields that an event's hash covers, and the
signature is over that hash, so that neither can be moved to another event.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Refused, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

#: The environment variable that names the private key's file, and the folder of public keys in a project.
VARIABLE, KEYS = "BIOML_AUDIT_KEY", "bioml-audit-keys"
#: Nothing else signed with the same key can be mistaken for an event.
_CONTEXT = b"jupyter-bioml audit event v1\n"


class Signer:
    """A private key.

    :param key: the key as ``cryptography`` holds it.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.key_id = key_id(key.public_key())

    def sign(self, hash: str) -> str:
        """The signature over an event's hash, base64."""
        return base64.b64encode(self._key.sign(_CONTEXT + hash.encode())).decode()


@dataclass(frozen=True)
class KeyMade:
    """A new key."""

    key_id: str
    private: Path
    public: Path

    def as_json(self) -> dict[str, str]:
        """The answer of ``bioml audit keygen --json``: paths, never the key itself."""
        return {"key_id": self.key_id, "private": str(self.private), "public": str(self.public)}


class PublicKeys:
    """The public keys by their ids."""

    def __init__(self, keys: Mapping[str, Ed25519PublicKey]) -> None:
        self._keys = dict(keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, identity: object) -> bool:
        return identity in self._keys

    def signed(self, identity: str, hash: str, signature: str) -> bool:
        """Whether ``signature`` over ``hash`` was made with the key ``identity``, which must be known."""
        from cryptography.exceptions import InvalidSignature

        try:
            self._keys[identity].verify(base64.b64decode(signature, validate=True), _CONTEXT + hash.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def configured_signer() -> Signer | None:
    """The signer of this process; None: no key is configured.

    :raises UsageError: the file cannot be used: a log that is to be signed is never continued unsigned.
    """
    name = os.environ.get(VARIABLE, "")
    return read_signer(Path(name).expanduser()) if name else None


def read_signer(path: Path) -> Signer:
    """The private key in a file.

    :raises UsageError: it cannot be read, others may read it, or it is not an Ed25519 key without a passphrase.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        with open(path, "rb") as file:
            mode, data = os.fstat(file.fileno()).st_mode, file.read(1 << 16)
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror or error})", "Name a file that can be read.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _unusable(path, "can be read by others than its owner", f"Run: chmod 600 {path}")
    try:
        key = load_pem_private_key(data, None)
    except TypeError:
        raise _unusable(
            path, "has a passphrase", "Use a key without a passphrase, in a file that only you can read."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unusable(path, "is not a private key in PEM form", "Make one with: bioml audit keygen PATH") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _unusable(path, "is not an Ed25519 key", "Make one with: bioml audit keygen PATH")
    return Signer(key)


def read_public_keys(paths: Iterable[Path]) -> PublicKeys:
    """The public keys in PEM files.

    :raises UsageError: naming the file that is not an Ed25519 public key.
    """
    paths = list(paths)
    if not paths:
        return PublicKeys({})
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    found = {}
    for path in paths:
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise UsageError(
                f"{path} is not an Ed25519 public key in PEM form.", next="Remove it, or replace it with a valid key."
            )
        found[key_id(key)] = key
    return PublicKeys(found)


def project_keys(root: Path) -> list[Path]:
    """The files of public keys in a project."""
    return sorted((root / KEYS).glob("*.pem"))


def make_key(path: Path, root: Path) -> KeyMade:
    """A new key: the private half in ``path``, the public one among the project's.

    :raises Refused: ``path`` exists, or cannot be written; nothing was made.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.generate()
    identity = key_id(key.public_key())
    public = root / KEYS / f"{identity}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        public.parent.mkdir(exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(private)
        public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except FileExistsError:
        raise Refused(f"{path} exists; no key was made.", next="Name a file that does not exist.") from None
    except OSError as error:
        raise Refused(f"{error.filename or path} cannot be written ({error.strerror}); no key is in use.") from None
    return KeyMade(identity, path, public)


def key_id(key: Ed25519PublicKey) -> str:
    """The first 16 hex characters of the SHA-256 of the public key's 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _unusable(path: Path, why: str, next: str) -> UsageError:
    return UsageError(f"The key that {VARIABLE} names, {path}, {why}; nothing was logged.", next=next)
