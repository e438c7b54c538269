"""What readers say where a file, or the machine that it is on, is not as it should be; and their small parts."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest

import goalkeeper
from goalkeeper import ProblemsFound
from goalkeeper.calendar import Unit
from goalkeeper.engines.duckdb import DuckDB
from goalkeeper.jalali import fields
from goalkeeper.problems import Problem, Span
from goalkeeper.sources import files, packed, sheet_cells, workbook
from goalkeeper.sources.cell_numbers import row_formula
from goalkeeper.sources.days import ISO, LATIN, DayFormat, System
from goalkeeper.sources.files import DataFile
from goalkeeper.sources.objects import fault_of, objects_of
from goalkeeper.sources.repeats import adds_up, is_total
from goalkeeper.sources.table import Column, ColumnKind, Table
from goalkeeper.sources.texts import unlike

FORMATS = Path(__file__).parent / "cases" / "formats"
GOALS = {"period": "2026-04", "rules": ["keep n at least 1"]}


def refused(folder: Path, path: str = "d.csv") -> str:
    """What is said of a source that cannot be had."""
    (folder / "d.csv").write_text("date,n\n2026-04-01,1\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as stopped:
        goalkeeper.score(
            {"version": 1, "sources": {"d": {"path": path, "time": "date"}}, "goals": [GOALS]}, as_of="2026-05-01"
        )
    return str(stopped.value)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (PermissionError(13, "Permission denied"), "'*.csv' cannot be read: Permission denied"),
        (RecursionError(), "'*.csv' is no pattern"),
        (ValueError("Invalid pattern"), "'*.csv' is no pattern"),
    ],
)
def test_a_pattern_that_the_system_does_not_follow(
    fault: Exception, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def entered(folder: Path, pattern: str) -> None:
        raise fault

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "entered", entered)
    assert said in refused(tmp_path, "*.csv")


def test_a_file_that_is_gone_once_it_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stamp_of(path: Path) -> files.Stamp:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "stamp_of", stamp_of)
    assert "'d.csv' cannot be read: No such file or directory" in refused(tmp_path)


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Path.open

    def opened(path: Path, mode: str = "r", **more: object) -> object:
        if path.name == "d.csv" and mode != "w":
            raise PermissionError(13, "Permission denied")
        return usual(path, mode, **more)  # type: ignore[call-overload]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "open", opened)
    assert "'d.csv' cannot be read: Permission denied" in refused(tmp_path)


def test_a_file_that_nobody_looked_at_was_not_changed(tmp_path: Path) -> None:
    assert DataFile(tmp_path / "gone.csv", "gone.csv", "csv").changed() is None


def sheets_of(name: str) -> list[object] | str:
    path = next(FORMATS.glob(f"*/{name}"))
    found = workbook.sheets(DataFile(path, name, "workbook"))
    return found if isinstance(found, list) else found.message


def test_a_workbook_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(sheets_of("calls.xlsx"), list)
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    assert sheets_of("calls.xlsx") == "'calls.xlsx' is a workbook, and the library that reads those is not installed"


@pytest.mark.parametrize(
    ("bound", "said"), [("MOST_BYTES", "bytes: more than are read"), ("MOST_CELLS", "cells: more")]
)
def test_a_workbook_that_unfolds_to_more_than_is_read(bound: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, bound, 10)
    monkeypatch.setattr(packed, bound, 10)
    found = sheets_of("calls.xlsx")
    assert isinstance(found, str)
    assert said in found


class Panic(BaseException):
    """As libraries in Rust raise it: nothing that catches errors catches it."""


def ends_a_reader(with_: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library that reads workbooks end in a way that is no error."""

    class Workbook:
        @staticmethod
        def from_path(_: str) -> None:
            raise with_

    monkeypatch.setattr("python_calamine.CalamineWorkbook", Workbook)


def test_a_reader_that_panics_is_a_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    ends_a_reader(Panic("index out of bounds"), monkeypatch)
    assert sheet_cells.sheets("d.xlsx") == "index out of bounds"


def test_who_stops_a_reader_has_stopped_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ends_a_reader(KeyboardInterrupt(), monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        sheet_cells.sheets("d.xlsx")


NO_MEMORY = "what reads it gave up: it is damaged, or asks for more memory than a workbook may"


def counted_shared_strings(folder: Path) -> Path:
    """A workbook that says how many shared strings it has: room is made for them before they are read."""
    path = folder / "many.xlsx"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="many" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    with zipfile.ZipFile(FORMATS / "call-centre-workbook" / "calls.xlsx") as sound, zipfile.ZipFile(path, "w") as made:
        for name in sound.namelist():
            made.writestr(name, sound.read(name).replace(b"</Relationships>", link.encode()))
        made.writestr("xl/sharedStrings.xml", '<sst uniqueCount="99999999999"><si><t>a</t></si></sst>')
    return path


def cells_far_away(folder: Path) -> Path:
    """An old workbook whose cells lie 65,536 rows and columns apart: room is made for all that lie between."""
    content = bytearray((FORMATS / "linkedin-updates" / "harbour.xls").read_bytes())
    texts = [found.start() for found in re.finditer(rb"\xfd\x00\x0a\x00", content)]  # records of cells with texts
    content[texts[-1] + 4 : texts[-1] + 8] = b"\xff" * 4
    path = folder / "far.xls"
    path.write_bytes(content)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process is not held to so much memory")
@pytest.mark.parametrize("made", [counted_shared_strings, cells_far_away])
def test_a_workbook_that_takes_its_reader_down(made: Callable[[Path], Path], tmp_path: Path) -> None:
    path = made(tmp_path)
    found = workbook.sheets(DataFile(path, path.name, "workbook"))
    assert isinstance(found, Problem)
    assert found.message == f"'{path.name}' cannot be read as a workbook: {NO_MEMORY}"


def test_a_workbook_whose_packed_bytes_are_damaged(tmp_path: Path) -> None:
    content = bytearray((FORMATS / "call-centre-workbook" / "calls.xlsx").read_bytes())
    with zipfile.ZipFile(FORMATS / "call-centre-workbook" / "calls.xlsx") as sound:
        begin = sound.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    content[begin : begin + 40] = b"\xff" * 40
    path = tmp_path / "d.xlsx"
    path.write_bytes(content)
    found = workbook.sheets(DataFile(path, path.name, "workbook"))
    assert isinstance(found, Problem)
    assert found.code == "GK302"


def test_a_reader_that_does_not_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_SECONDS", 0)
    assert sheets_of("calls.xlsx") == "'calls.xlsx' cannot be read as a workbook: reading it takes too long"


@pytest.mark.parametrize(
    ("of", "name", "given"),
    [(sys, "executable", ""), (sys, "executable", "no-such-python"), (sheet_cells, "__name__", "goalkeeper.none")],
)
def test_where_no_reader_can_be_started_workbooks_are_read_here(
    of: object, name: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = sheets_of("calls.xlsx")
    monkeypatch.setattr(of, name, given)
    assert isinstance(apart, list)
    assert sheets_of("calls.xlsx") == apart


def test_a_reader_finds_its_modules_where_this_process_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "python_calamine.py").write_text("SheetVisibleEnum = None\nclass CalamineWorkbook: from_path = 'ours'")
    monkeypatch.syspath_prepend(tmp_path)
    assert sheets_of("calls.xlsx") == "'calls.xlsx' cannot be read as a workbook: 'str' object is not callable"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no alarms")
def test_a_reader_that_nobody_waits_for_ends(tmp_path: Path) -> None:
    (tmp_path / "python_calamine.py").write_text(
        "import signal\nSheetVisibleEnum = None\n"
        "class CalamineWorkbook:\n def from_path(path): raise KeyError(signal.alarm(0))"
    )
    command = [sys.executable, "-m", sheet_cells.__name__, "d.xlsx"]
    told = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path).stdout
    left = msgspec.msgpack.decode(told.removeprefix(sheet_cells.BEGUN))
    assert left == str(sheet_cells.MOST_SECONDS)


def test_modules_of_the_working_directory_are_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("msgspec", "resource", "python_calamine", "goalkeeper"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('it was run')")
    monkeypatch.chdir(tmp_path)
    assert isinstance(sheets_of("calls.xlsx"), list)


def old_workbook(more: int, sectors: list[tuple[int, ...]]) -> bytes:
    """An xls file of sectors of 512 bytes, the first of which is its table of sectors; *more* tables follow the header."""
    free = 0xFFFFFFFF
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = (9).to_bytes(2, "little")
    header[68:72] = more.to_bytes(4, "little")
    header[76:512] = struct.pack("<109I", 0, *[free] * 108)
    return bytes(header) + b"".join(struct.pack("<128I", *one, *[free] * (128 - len(one))) for one in sectors)


END = 0xFFFFFFFE


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        (old_workbook(END, [(END, 2, END)]), True),
        (old_workbook(END, [(END, 2, 1)]), False),  # the second sector follows the third, which follows the second
        (old_workbook(1, [(END, END), (*[0xFFFFFFFF] * 127, END)]), True),
        (old_workbook(1, [(END, END), (*[0xFFFFFFFF] * 127, 1)]), False),  # a list of tables goes on with itself
    ],
)
def test_chains_of_sectors(data: bytes, ends: bool, tmp_path: Path) -> None:  # noqa: FBT001
    path = tmp_path / "old.xls"
    path.write_bytes(data)
    found = workbook.sheets(DataFile(path, "old.xls", "workbook"))
    assert not isinstance(found, list), "there is no sheet in it"
    assert ("its parts go round in circles" in found.message) is not ends


def test_objects_are_read_up_to_the_first_fault(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text('{"n": 1}\n{"n": 2.50}\n{"n"\n{"n": 4}\n', encoding="utf-8")
    assert list(objects_of(DataFile(path, "d.jsonl", "json"))) == [(1, {"n": "1"}), (2, {"n": "2.50"})]


def test_brackets_beyond_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text("[" * 100_000 + "]" * 100_000, encoding="utf-8")
    fault = fault_of(DataFile(path, "d.json", "json"))
    assert fault is not None
    assert "nested too deep" in fault.message


def test_a_day_that_its_month_does_not_have_is_the_first_of_it() -> None:
    form = DayFormat(ISO, "", System.JALALI, LATIN)
    assert fields(form.day_of("1405-11-30")) == (1405, 11, 30)
    assert fields(form.day_of("1405-12-30")) == (1405, 12, 1)  # 1405 is no leap year
    assert form.day_of("1405-01-01") == date(2026, 3, 21)


def test_looks_at_rows_that_do_not_read(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("date,team,n\n2026-04-01,a,1\n2026-04-01,a,1,9\n", encoding="utf-8")
    header = ("date", "team", "n")
    file = DataFile(path, "d.csv", "csv", header)
    number, team = Column("n", "n", ColumnKind.NUMBER), Column("team", "team", ColumnKind.TEXT)
    table = Table(
        "d",
        (file,),
        dict.fromkeys(header, "text"),
        {"team": team, "n": number},
        ("team",),
        "date",
        DayFormat(ISO),
        Unit.DAY,
        0,
        None,
        Span("goals.yaml", 1, 1),
    )
    engine = DuckDB([file])
    # What is wrong is said once: when the rows are added up.
    assert engine.daily(table, [number]) == {}
    assert engine.against_others(table, "team", "a", ["Total"]) == []
    with pytest.raises(ProblemsFound, match=r"line 3 of 'd\.csv' does not have the columns"):
        engine.repeated(table)


def test_names_that_are_taken() -> None:
    assert unlike("ads", {"shop"}) == "ads"
    taken = {"ads", "ads_2"}
    name = unlike("ads", taken)
    assert name.startswith("ads")
    assert name not in taken


@pytest.mark.parametrize(
    ("total", "parts", "adds"),
    [("6", ["1", "2", "3"], True), ("7", ["1", "2", "3"], False), (None, ["1"], None), ("6", [None], None)],
)
def test_sums_of_rows(total: str | None, parts: list[str | None], adds: bool | None) -> None:  # noqa: FBT001
    assert adds_up(total, parts) is adds


def test_labels_of_totals() -> None:
    assert is_total(" Grand Total: ")
    assert not is_total("Totally")


@pytest.mark.parametrize("text", ["(" * 10_000 + "1" + ")" * 10_000, "1+" * 100_000 + "1", "a\0b", "a\nb", "a := 1"])
def test_no_formula_over_a_row(text: str) -> None:
    assert row_formula(text) is None
