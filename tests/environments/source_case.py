"""A small project that builds without an index: its build backend lies in it."""

from __future__ import annotations

from pathlib import Path

_BACKEND = """
import base64, hashlib, os, zipfile

def _wheel(folder, files):
    info = "lab_tools-1.0.dist-info"
    files = {**files, f"{info}/METADATA": "Metadata-Version: 2.1\\nName: lab-tools\\nVersion: 1.0\\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    record = ""
    with zipfile.ZipFile(os.path.join(folder, "lab_tools-1.0-py3-none-any.whl"), "w") as archive:
        for name, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text.encode())}\\n"
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\\n")
    open("left-by-the-build", "w").close()
    return "lab_tools-1.0-py3-none-any.whl"

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return _wheel(wheel_directory, {"lab_tools.py": open("lab_tools.py").read()})

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return _wheel(wheel_directory, {"lab_tools.pth": os.getcwd() + "\\n"})
"""
_PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def lab_tools(folder: Path) -> Path:
    """A project folder of the distribution ``lab-tools`` 1.0, one module."""
    folder.mkdir()
    (folder / "backend.py").write_text(_BACKEND)
    (folder / "pyproject.toml").write_text(_PROJECT)
    (folder / "lab_tools.py").write_text("def half(x):\n    return x / 2\n")
    return folder
