"""Build the sdist and the wheel: the same bytes for the same commit, wherever, whenever and by whomever it is built.

    python .ci/build.py OUT           build into OUT
    python .ci/build.py OUT --twice   build a second time under other circumstances, too, and compare

What is built is what git keeps of the checkout, so that nothing that lies about gets in, and it is dated by the commit
(or by SOURCE_DATE_EPOCH). Of a folder that git does not know, everything is built, and it is dated 1980. The tools that build are those of this environment: they and its Python have to be the same.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST_DATE_OF_ZIP = 315532800
LEFT = (".git", "__pycache__", "*.egg-info", ".venv", "venv", "build", "dist", ".*_cache")
"""What lies in a checkout and is no part of it."""


def git(*words: str) -> str | None:
    """What git says about the checkout, None where it knows none."""
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *words]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def commit_time() -> int:
    """Seconds since 1970, of the commit or as the environment says."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or FIRST_DATE_OF_ZIP)


def export(folder: Path) -> None:
    """Copies the files that git keeps, as they are in the checkout."""
    kept = git("ls-files", "-z")
    if kept is None:
        print("git knows nothing of this folder: everything in it is built", file=sys.stderr)
        shutil.copytree(ROOT, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT))
        return
    for name in kept.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def steady(sdist: Path, when: int) -> None:
    """Packs an sdist again without what setuptools takes from the machine: times, owners, modes and the order."""
    packed = io.BytesIO()
    with tarfile.open(sdist) as old, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new:
        for member in sorted(old.getmembers(), key=lambda one: one.name):
            plain = tarfile.TarInfo(member.name)
            plain.type, plain.size, plain.mtime = member.type, member.size, when
            plain.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            new.addfile(plain, old.extractfile(member) if member.isfile() else None)
    with sdist.open("wb") as file, gzip.GzipFile("", "wb", mtime=when, fileobj=file) as zipped:
        zipped.write(packed.getvalue())


def run_build(kind: str, source: Path, out: Path, when: int) -> Path:
    """Builds one file and returns it; the tools have to be in this environment, nothing is fetched."""
    command = [sys.executable, "-m", "build", "--no-isolation", kind, "--outdir", str(out), str(source)]
    told = subprocess.run(
        command,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(when)},
        umask=0o022,  # the modes of files in the wheel are those that they get while it is built
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if told.returncode:
        sys.exit(told.stdout)
    (made,) = out.glob("*.tar.gz" if kind == "--sdist" else "*.whl")
    return made


def build(out: Path, work: Path, *, touched: int | None = None) -> list[Path]:
    """The sdist, and the wheel made of it, as those who install from the sdist make it."""
    when = commit_time()
    source, unpacked = work / "source", work / "unpacked"
    export(source)
    if touched is not None:
        for path in source.rglob("*"):
            os.utime(path, (touched, touched))
    out.mkdir(parents=True, exist_ok=True)
    sdist = run_build("--sdist", source, out, when)
    steady(sdist, when)
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    return [sdist, run_build("--wheel", next(unpacked.iterdir()), out, when)]


def elsewhere(work: Path) -> list[Path]:
    """Builds in another folder, with other rights, times, zone, language and order of hashes."""
    os.umask(0o077)
    os.environ.update(TZ="Asia/Tokyo", LC_ALL="C", PYTHONHASHSEED="7")
    return build(work / "out of the way", work / "a folder with blanks", touched=1_000_000_000)


def digest(path: Path) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    """Builds, says what came of it, and refuses what does not come out the same twice."""
    parser = argparse.ArgumentParser(description="Build the sdist and the wheel.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--twice", action="store_true", help="build again under other circumstances and compare")
    asked = parser.parse_args()
    if asked.out.exists() and any(asked.out.iterdir()):
        sys.exit(f"{asked.out} is not empty: what lies there could be taken for what is built now")
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        made = build(asked.out.resolve(), Path(first))
        for path in made:
            print(digest(path), path.name)
        if asked.twice:
            again = elsewhere(Path(second))
            other = [path.name for path, twin in zip(made, again, strict=True) if digest(path) != digest(twin)]
            if other:
                kept = Path(tempfile.mkdtemp(prefix="second-build-"))
                for twin in again:
                    shutil.copy(twin, kept)
                sys.exit(f"built again, {' and '.join(other)} came out different: compare {asked.out} with {kept}")
            print("built again in another folder, with other times, rights and zone: the same bytes")


main()
