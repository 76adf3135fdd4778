"""A package index made here: wheels written by hand, and wheels packed again from what is installed."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from jupyter_bioml.host.distributions import canonical_name

#: Scripts lie outside; of seven thousand files five thousand are stubs that only completion reads.
_NOT_PACKED = {"..", "third_party", "tests"}


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    files: dict[str, bytes | str],
    *,
    requires: str = "",
    tags: str = "py3-none-any",
) -> Path:
    """A wheel of pure Python, as build tools make it; ``tags`` says which Pythons take it."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    header = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    header += f"Requires-Dist: {requires}\n" if requires else ""
    tag = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tags}\n"
    return _pack(folder, f"{info[:-10]}-{tags}.whl", info, {**files, f"{info}/METADATA": header, f"{info}/WHEEL": tag})


def _pack(folder: Path, file: str, info: str, files: dict[str, bytes | str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    record = io.StringIO()
    target = folder / file
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in files.items():
            content = text.encode() if isinstance(text, str) else text
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.write(f"{path},sha256={digest},{len(content)}\n")
            archive.writestr(path, content)
        archive.writestr(f"{info}/RECORD", record.getvalue() + f"{info}/RECORD,,\n")
    return target


class Index:
    """A simple index (PEP 503) in a folder; ``url`` goes into PIP_INDEX_URL."""

    def __init__(self, root: Path) -> None:
        self.root = root / "simple"
        self.url = self.root.as_uri()

    def folder(self, name: str) -> Path:
        return self.root / canonical_name(name)

    def add(
        self,
        name: str,
        version: str,
        source: str,
        *,
        requires: str = "",
        module: str | None = None,
        tags: str = "py3-none-any",
    ) -> Path:
        """A distribution of one module."""
        file = f"{module or name.replace('-', '_')}.py"
        wheel = write_wheel(self.folder(name), name, version, {file: source}, requires=requires, tags=tags)
        self._list(name)
        return wheel

    def add_installed(self, name: str) -> list[str]:
        """A distribution that is installed here, and all that it needs; returns their canonical names."""
        done: list[str] = []
        left = [name]
        while left:
            one = canonical_name(left.pop())
            if one in done:
                continue
            done.append(one)
            left += self._repack(metadata.distribution(one))
        return done

    def _repack(self, distribution: metadata.Distribution) -> list[str]:
        info = Path(str(distribution._path)).name  # type: ignore[attr-defined]
        files: dict[str, bytes | str] = {}
        for path in distribution.files or ():
            kept = path.name not in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json") and path.suffix != ".pyc"
            if kept and _NOT_PACKED.isdisjoint(path.parts):
                files[path.as_posix()] = Path(str(path.locate())).read_bytes()
        name = distribution.metadata["Name"]
        tags = [line[5:] for line in str(distribution.read_text("WHEEL")).splitlines() if line.startswith("Tag: ")]
        tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*(one.split("-") for one in tags), strict=True))
        self.folder(name).mkdir(parents=True, exist_ok=True)
        _pack(self.folder(name), f"{info[:-10]}-{tag}.whl", info, files)
        self._list(name)
        wanted = [Requirement(text) for text in distribution.requires or ()]
        return [one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]

    def _list(self, name: str) -> None:
        folder = self.folder(name)
        links = "".join(f'<a href="{wheel.name}">{wheel.name}</a>\n' for wheel in sorted(folder.glob("*.whl")))
        (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
