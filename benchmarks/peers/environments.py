"""The environments of the peers: made once, from the package index, and kept in the cache folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = ("engine", "rules", "schemas", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")
PEERS = {
    "pandas": ("pandas", "pyarrow", "simpleeval"),
    # Soda Core 3 asks for an old DuckDB, and for a module that Python had up to 3.11 and setuptools has
    "soda": ("soda-core-duckdb==3.*", "setuptools<81", "--only-binary=duckdb"),
}
SHOWN = ("goalkeeper", "duckdb", "pandas", "simpleeval", "soda-core")


class NotInstalledError(Exception):
    """What a package index or its client said instead of giving a package."""


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def goalkeeper(cache: Path) -> Path:
    """Goalkeeper of this checkout, installed as its users install it: an editable one would start more slowly."""
    parts = [ROOT / part for part in SHIPPED]
    files = [file for part in parts for file in ([part] if part.is_file() else sorted(part.rglob("*")))]
    files = [file for file in files if file.is_file() and file.suffix != ".pyc" and ".egg-info" not in str(file)]
    content = b"".join(str(file.relative_to(ROOT)).encode() + file.read_bytes() for file in files)
    with tempfile.TemporaryDirectory() as copied:
        for file in files:
            target = Path(copied) / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
        return _made(_folder(cache, "goalkeeper"), (copied,), hashlib.sha256(content).hexdigest())


def duckdb(cache: Path, version: str) -> Path:
    """DuckDB alone, in the version that Goalkeeper has."""
    return _made(_folder(cache, "duckdb"), (f"duckdb=={version}",), version)


def peer(cache: Path, name: str) -> Path:
    return _made(_folder(cache, name), PEERS[name], " ".join(PEERS[name]))


def _folder(cache: Path, name: str) -> Path:
    return cache / "environments" / name


def _made(folder: Path, wanted: tuple[str, ...], mark: str) -> Path:
    """The interpreter of an environment that has what is *wanted*; *mark* tells whether it has it already.

    Raises:
        NotInstalledError: when it cannot be had.
    """
    stamp, python = folder / "made-of", python_of(folder)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == mark:
        return python
    sys.stderr.write(f"installing {folder.name}\n")
    shutil.rmtree(folder, ignore_errors=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    for step in ([sys.executable, "-m", "venv", str(folder)], install):
        done = subprocess.run(step, capture_output=True, text=True, check=False)  # noqa: S603  commands made here
        if done.returncode:
            said = [line for line in (done.stderr or done.stdout).splitlines() if line.startswith(("ERROR", "error"))]
            raise NotInstalledError(said[-1] if said else f"{step[1:3]} ended with {done.returncode}")
    stamp.write_text(mark, encoding="utf-8")
    return python


def versions(python: Path) -> dict[str, str]:
    """The versions of what is compared, as far as an environment has them."""
    code = (  # in one line, for an interpreter that need not be this one
        "import json, sys; from importlib.metadata import distributions; "
        "known = {one.metadata['Name'].lower(): one.version for one in distributions()}; "
        "print(json.dumps({name: known[name] for name in sys.argv[1:] if name in known}))"
    )
    done = subprocess.run(  # noqa: S603  a command made here
        [str(python), "-c", code, *SHOWN], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found
