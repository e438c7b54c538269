"""Files that nobody would make on purpose, and some that somebody would: each ends with what is said of it, in bounds.

Each case of `cases/hostile/tables.yaml` is one file and how `score` ends on it:

    file      its name
    text      what it holds; a list of parts is joined, and `{repeat: TEXT, times: N}` is a part that comes N times
    hex       instead: its bytes
    encoding  of the text, where that is not UTF-8
    zip       instead: the parts of an archive by their names; `{sheet: ROWS}` is a workbook with such rows in XML, beside
              `strings` (its shared strings, with what stands before them) and `parts`
    gzip      instead: a text, packed
    select    instead: a query whose rows are written as Parquet; `keep` says how many of its bytes are left
    folder    true: a folder of that name
    rule      where it is another than `keep n at most 1000`
    exit      the exit code
    problem   texts of what is said
    verdict   instead: parts of the verdict, as in `test_runs`; a list where there are several
    apart     true, where a reader could go on for ever or take the program down: the command runs in a process of its
              own, with a bound of memory and of time, both far beyond what it takes
"""

from __future__ import annotations

import gzip
import io
import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from goalkeeper.cli.commands import goalkeeper as command
from read_files import TextLoader
from test_runs import assert_says

CASES = Path(__file__).parent / "cases" / "hostile" / "tables.yaml"
MEMORY, SECONDS = 6 << 30, 240
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WORKBOOK = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPES}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    f'Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def cases() -> Iterator[Any]:
    for name, case in yaml.load(CASES.read_text(encoding="utf-8"), TextLoader).items():
        yield pytest.param(case, id=name)


@pytest.mark.parametrize("case", list(cases()))
def test_table(case: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(case, tmp_path / case["file"])
    goals = {
        "version": 1,
        "sources": {"d": {"path": case["file"], "time": "date"}},
        "goals": [{"rule": case.get("rule", "keep n at most 1000"), "period": "2026-04-01 to 2026-04-02"}],
    }
    (tmp_path / "goals.yaml").write_text(yaml.safe_dump(goals, width=10_000), encoding="utf-8")
    code, output, said = (apart if case.get("apart") else here)(tmp_path, monkeypatch)
    assert code == case["exit"], said + output
    for text in case.get("problem", []):
        assert text in said, said
    assert ("problem" in case) != ("verdict" in case), "a case says how it ends"
    if "verdict" in case:
        (goal,) = json.loads(output)["goals"]
        wanted = case["verdict"]
        wanted = wanted if isinstance(wanted, list) else [wanted]
        assert_says(goal["verdicts"], wanted, f"{goal['verdicts']}: ")


SCORE = ["score", "goals.yaml", "--as-of", "2026-06-01", "--format", "json"]


def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """The exit code of a score in a folder, its output, and what is said of problems."""
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(command, SCORE)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, " ".join(result.stderr.split())


def apart(folder: Path, _: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """The same, of a process in bounds."""
    result = subprocess.run(
        [sys.executable, "-m", "goalkeeper", *SCORE],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    return result.returncode, result.stdout, " ".join(result.stderr.split())


def write(case: Mapping[str, Any], path: Path) -> None:
    if case.get("folder"):
        path.mkdir()
    elif "select" in case:
        duckdb.connect().execute(f"COPY ({case['select']}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
        path.write_bytes(path.read_bytes()[: case.get("keep")])
    elif "hex" in case:
        path.write_bytes(bytes.fromhex(case["hex"]))
    elif "gzip" in case:
        path.write_bytes(gzip.compress(joined(case["gzip"]).encode(), mtime=0))
    elif "zip" in case:
        path.write_bytes(archive(case["zip"])[: case.get("keep")])
    else:
        path.write_bytes(joined(case["text"]).encode(case.get("encoding", "utf-8")))


def archive(said: Mapping[str, Any]) -> bytes:
    parts = dict(said)
    if "sheet" in said:
        strings = said.get("strings", f'<sst xmlns="{MAIN}"/>')
        rows = [f'<worksheet xmlns="{MAIN}"><sheetData>', said["sheet"], "</sheetData></worksheet>"]
        parts = {**WORKBOOK, "xl/worksheets/sheet1.xml": rows, "xl/sharedStrings.xml": strings, **said.get("parts", {})}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            with file.open(name, "w") as part:
                part.writelines(piece.encode() for piece in pieces(text))
    return packed.getvalue()


def joined(parts: Any) -> str:
    """A text from its parts."""
    return "".join(pieces(parts))


def pieces(parts: Any) -> Iterator[str]:
    """The parts of a text, one after the other: all of it may be more than is good for the memory."""
    if isinstance(parts, Mapping):
        part = joined(parts["repeat"])
        yield from (part.replace("#", str(n)) if "#" in part else part for n in range(parts["times"]))
    elif isinstance(parts, list):
        for part in parts:
            yield from pieces(part)
    else:
        yield str(parts)
