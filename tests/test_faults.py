"""What goes wrong around a run: files that change, disks that are full, signals, closed pipes, folders that are shut.

Whatever it is, the exit code is that of no verdict, and under its final name a report is whole or what it was before.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from goalkeeper import ProblemsFound, api, backtesting, tables
from goalkeeper.engines.duckdb import DuckDB
from goalkeeper.history import store
from goalkeeper.reporters.outputs import MODULES
from goalkeeper.sources.files import DataFile

ROOT = Path(__file__).parent.parent
DAYS = [f"2026-04-{day:02}" for day in range(1, 31)]
AS_OF = "2026-05-01"
GOALS = "version: 1\nsources: {{ads: {{path: {path}, time: date}}}}\ngoals:\n  - id: clicks\n    rule: reach 60 clicks\n    period: 2026-04-01 to 2026-04-30\n"
FORMATS = sorted(set(MODULES) - {"terminal"})
# On a disk that is full to them, Python itself would leave halves of compiled modules behind, and coverage of its data.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"},
    "PYTHONPATH": str(ROOT / "engine"),
    "PYTHONDONTWRITEBYTECODE": "1",
}


def csv(clicks: int) -> str:
    return "date,clicks\n" + "".join(f"{day},{clicks}\n" for day in DAYS)


def lines(clicks: int) -> str:
    return "".join(json.dumps({"date": day, "clicks": clicks}) + "\n" for day in DAYS)


TEXTS = {"ads.csv": csv, "ads.jsonl": lines, "laid.csv": lambda clicks: "a report\n\n" + csv(clicks)}
"""Read by the database as it is, as objects, and laid out before: other lines stand above the header."""


def project(folder: Path, name: str = "ads.csv", clicks: int = 1) -> Path:
    """A folder with goals and data: 30 clicks where 60 are asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(TEXTS[name](clicks))
    goals = folder / "goals.yaml"
    goals.write_text(GOALS.format(path=name))
    return goals


def goalkeeper(*arguments: str | Path, cwd: Path, code: str = "", **more: Any) -> subprocess.Popen[str]:
    """The command as a process of its own, after some *code*."""
    program = f"import sys\n{code}\nfrom goalkeeper.cli import main\nmain(sys.argv[1:])\n"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(command, cwd=cwd, text=True, encoding="utf-8", env=ENVIRONMENT, **streams)


def ran(*arguments: str | Path, cwd: Path, **more: Any) -> tuple[int, str, str]:
    process = goalkeeper(*arguments, cwd=cwd, **more)
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in (err or "")
    return process.returncode, out, err


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# a source that vanishes, shrinks or changes


def rename_over(path: Path) -> None:
    beside = path.with_name("new")
    beside.write_text(path.read_text().replace(",1\n", ",2\n"))
    beside.replace(path)


FAULTS: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "cut short": lambda path: os.truncate(path, 100),
    "emptied": lambda path: os.truncate(path, 0),
    "written anew, in the same length": lambda path: path.write_text(path.read_text().replace("1\n", "2\n")),
    "longer": lambda path: path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n"),
    "renamed over": rename_over,
    "made a folder": lambda path: (path.unlink(), path.mkdir()),
}
MOMENTS = {
    "before its first rows are looked at": (tables._Opening, "opened"),
    "before its rows are added up": (DuckDB, "reduce"),
    "before it is hashed": (DataFile, "sha256"),
    "after it was hashed": (api, "roll_up_goals"),
}


def at(moment: str, happens: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lets something happen once, when a stage begins; what is given says whether it did."""
    owner, name = MOMENTS[moment]
    real, happened = getattr(owner, name), list[str]()

    def stage(*arguments: Any, **more: Any) -> Any:
        if not happened:
            happened.append(moment)
            happens()
        return real(*arguments, **more)

    monkeypatch.setattr(owner, name, stage)
    return happened


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_verdict_rests_on_a_file_that_changed(
    fault: str, moment: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goals = project(tmp_path, name)
    happened = at(moment, lambda: FAULTS[fault](tmp_path / name), monkeypatch)
    try:
        card = api.score(goals, as_of=AS_OF)
    except ProblemsFound as stop:
        codes = {problem.code for problem in stop.problems}
    else:  # found once more, and read from its beginning
        text = (tmp_path / name).read_text()
        assert (name, moment) == ("laid.csv", next(iter(MOMENTS)))
        assert card.inputs[0].sha256 == hashlib.sha256(text.encode()).hexdigest()
        counted = sum(int(line.split(",")[1]) for line in text.splitlines() if line.startswith("2026"))
        assert fault == "cut short" or card.goals[0].rules[0].verdicts[0].value == counted
        assert fault != "cut short" or card.exit_code == 4
        codes = set()
    assert happened
    assert all(code.startswith("GK3") for code in codes), codes
    if moment.startswith("after"):
        assert codes == {"GK341"}


@pytest.mark.parametrize(
    "judges",
    [
        lambda goals: api.explain(goals, "clicks", as_of=AS_OF),
        lambda goals: backtesting.backtest(goals, start="2026-04-20", end=AS_OF),
        lambda goals: api.stop_at(api.check(goals, data=True, as_of=AS_OF)),
    ],
    ids=["explain", "backtest", "check"],
)
def test_what_else_reads_rows_says_it_too(
    judges: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goals = project(tmp_path)
    assert at("before its rows are added up", lambda: rename_over(tmp_path / "ads.csv"), monkeypatch) == []
    with pytest.raises(ProblemsFound) as stop:
        judges(goals)
    assert {problem.code for problem in stop.value.problems if problem.severity == "error"} == {"GK341"}


def test_a_file_that_nobody_touches_is_judged(tmp_path: Path) -> None:
    for name in TEXTS:
        card = api.score(project(tmp_path, name), as_of=AS_OF)
        (one,) = card.inputs
        assert one.sha256 == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("way", ["rename", "in place"])
def test_the_hash_is_that_of_the_rows_that_were_judged(way: str, tmp_path: Path) -> None:
    """While another thread writes: each verdict there is goes with its hash."""
    goals, file = project(tmp_path), tmp_path / "ads.csv"
    contents = [csv(clicks).encode() for clicks in (1, 2, 3)]
    expected = {hashlib.sha256(content).hexdigest(): 30 * n for n, content in enumerate(contents, 1)}
    over, chance = threading.Event(), random.Random(1)

    def write() -> None:
        while not over.wait(chance.random() / 10):
            content = chance.choice(contents)
            if way == "in place":
                file.write_bytes(content)
            else:
                beside = file.with_name("beside")
                beside.write_bytes(content)
                beside.replace(file)

    writer = threading.Thread(target=write)
    writer.start()
    outcomes: list[set[str]] = []
    try:
        for _ in range(25):
            try:
                card = api.score(goals, as_of=AS_OF)
            except ProblemsFound as stop:
                outcomes.append({problem.code[:3] for problem in stop.problems})
            else:
                outcomes.append({"GK3"})
                assert card.goals[0].rules[0].verdicts[0].value == expected[card.inputs[0].sha256]
    finally:
        over.set()
        writer.join()
    assert outcomes == [{"GK3"}] * 25


# disks that are full


def full() -> None:
    """No file can grow beyond a few bytes, as on a disk that is full."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_the_report_that_was_there(form: str, tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "report").write_text("as it was")
    before = names(tmp_path)
    code, out, err = ran("score", "--as-of", AS_OF, "--output", f"{form}=report", cwd=tmp_path, preexec_fn=full)
    if "wrote report" in err:  # one that is short enough
        assert (code, len((tmp_path / "report").read_bytes()) <= 50) == (1, True)
    else:
        assert (code, (tmp_path / "report").read_text()) == (3, "as it was")
        assert "error[GK641]" in err
    assert "FAIL" in out
    assert names(tmp_path) == before
    code, _, err = ran("score", "--as-of", AS_OF, "--output", f"{form}=/dev/full", cwd=tmp_path)
    assert code == 3
    assert "make room" in err


@pytest.mark.parametrize("form", ["terminal", *FORMATS])
def test_a_full_disk_behind_standard_output_is_no_verdict(form: str, tmp_path: Path) -> None:
    project(tmp_path)
    with Path("/dev/full").open("w") as out:
        code, _, err = ran("score", "--as-of", AS_OF, "--format", form, cwd=tmp_path, stdout=out)
    assert code == 3
    assert "The output could not be written: no space left on device." in err


def test_what_cannot_be_said_changes_no_exit_code(tmp_path: Path) -> None:
    project(tmp_path)
    with Path("/dev/full").open("w") as err:
        for arguments, wanted in ((("score", "nope.yaml"), {2, 3}), (("score", "--as-of", AS_OF), {1})):
            assert ran(*arguments, cwd=tmp_path, stderr=err)[0] in wanted


def test_a_full_disk_keeps_no_half_of_anything_else(tmp_path: Path) -> None:
    goals = project(tmp_path / "a", "laid.csv")
    kept = names(tmp_path / "a")
    code, _, err = ran("score", "--as-of", AS_OF, "--history", "h.sqlite", cwd=goals.parent, preexec_fn=full)
    assert code == 3
    assert "error[GK624]" in err
    assert ran("score", "--as-of", AS_OF, "--history", "h.sqlite", cwd=goals.parent)[0] == 1
    assert len(store.read(goals.parent / "h.sqlite")) == 1
    (goals.parent / "h.sqlite").unlink()
    code, out, err = ran("explain", "clicks", "--as-of", AS_OF, "--rows", ".", cwd=goals.parent, preexec_fn=full)
    assert (code, out) == (3, "")
    assert "error[GK641]" in err
    assert [name for name in names(goals.parent) if not name.startswith("h.sqlite")] == kept
    code, _, err = ran("init", "new", cwd=tmp_path, preexec_fn=full)
    assert code == 3
    assert names(tmp_path) == ["a"]


# pipes that nobody reads


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "--as-of", AS_OF],
        ["score", "--as-of", AS_OF, "--format", "json"],
        ["check"],
        ["explain", "clicks", "--as-of", AS_OF],
        ["--help"],
        ["score", "--help"],
        ["schema"],
    ],
    ids=" ".join,
)
def test_a_closed_pipe_is_no_verdict(arguments: list[str], tmp_path: Path) -> None:
    project(tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        code, _, err = ran(*arguments, cwd=tmp_path, stdout=out)
    assert (code, err) == (141, "")


# signals

QUERY = "SELECT count(*) FROM range(10000000) AS a, range(10000000) AS b WHERE (a.range * b.range) % 7 = 3"
READING = f"""
from goalkeeper.engines.duckdb import DuckDB
def add_up(self, query, values):
    print("now", file=sys.stderr, flush=True)
    return self._connection.execute({QUERY!r}).fetchall()
DuckDB._columns = add_up
"""
WRITING = """
import os, time
def sync(number):
    print("now", file=sys.stderr, flush=True)
    time.sleep(600)
os.fsync = sync
"""
LOADING = """
import builtins, time
load = builtins.__import__
def slowly(name, *more):
    if name == "goalkeeper.cli.commands":
        print("now", file=sys.stderr, flush=True)
        time.sleep(600)
    return load(name, *more)
builtins.__import__ = slowly
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminate"])
@pytest.mark.parametrize("code", [READING, WRITING, LOADING], ids=["reading", "writing", "loading"])
def test_a_signal_ends_it_in_good_order(code: str, sent: signal.Signals, tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "report.json").write_text("as it was")
    before = names(tmp_path)
    process = goalkeeper("score", "--as-of", AS_OF, "--output", "json=report.json", cwd=tmp_path, code=code)
    assert process.stderr is not None
    assert process.stderr.readline() == "now\n"
    process.send_signal(sent)
    try:
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 128 + sent
    assert (out, err.strip()) == ("", "Stopped.")
    assert names(tmp_path) == before
    assert (tmp_path / "report.json").read_text() == "as it was"


def test_what_is_killed_leaves_the_report_that_was_there_and_the_next_run_writes_it(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "report.json").write_text("as it was")
    asked = ("score", "--as-of", AS_OF, "--output", "json=report.json")
    process = goalkeeper(*asked, cwd=tmp_path, code=WRITING)
    assert process.stderr is not None
    assert process.stderr.readline() == "now\n"
    process.kill()
    process.communicate()
    assert (tmp_path / "report.json").read_text() == "as it was"
    # In a container the next run has the number of the one that was killed.
    left = [path for path in tmp_path.iterdir() if path.suffix == ".part"]
    assert len(left) == 1
    assert ran(*asked, cwd=tmp_path)[0] == 1
    assert json.loads((tmp_path / "report.json").read_text())["outcome"] == "fail"


# folders that are shut


def by_its_modes() -> None:
    """Let the modes of files hold for root, too: the rights to go by none are given up for good."""
    import ctypes

    if os.geteuid() == 0:
        for right in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            ctypes.CDLL(None).prctl(24, right, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.fixture
def shut(tmp_path: Path) -> Iterator[Path]:
    """A folder in which modes hold."""
    probe = tmp_path / "probe"
    probe.touch(0)
    reading = [sys.executable, "-c", "open('probe')"]
    done = subprocess.run(reading, cwd=tmp_path, check=False, capture_output=True, preexec_fn=by_its_modes)
    probe.unlink()
    if b"PermissionError" not in done.stderr:
        pytest.skip("nothing here keeps this user from reading a file that nobody may read")
    yield tmp_path
    for path in [tmp_path, *tmp_path.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)


def test_a_shut_folder_or_file_is_said(shut: Path) -> None:
    folder = shut
    goals = project(folder / "a")
    (folder / "a").chmod(0o555)
    asked = ("score", "--as-of", AS_OF)

    def said(*arguments: str, wanted: int, text: str) -> None:
        code, out, err = ran(*arguments, cwd=folder / "a", preexec_fn=by_its_modes)
        assert code == wanted, (code, err)
        assert text in err + out

    said(*asked, wanted=1, text="FAIL")
    said(*asked, "--output", "json=report.json", wanted=3, text="choose a folder that you may write to")
    said(*asked, "--history", "h.sqlite", wanted=3, text="error[GK624]")
    said("init", "new", wanted=3, text="ermission denied")
    said("explain", "clicks", "--as-of", AS_OF, "--rows", "rows", wanted=3, text="error[GK641]")
    (folder / "a" / "ads.csv").chmod(0)
    said(*asked, wanted=3, text="error[GK302]")
    (folder / "a" / "ads.csv").chmod(0o644)
    goals.chmod(0)
    said(*asked, wanted=2, text="error[GK114]")
    goals.chmod(0o644)
    assert names(folder / "a") == ["ads.csv", "goals.yaml"]


def test_what_a_shut_folder_holds_is_not_left_out_unsaid(shut: Path) -> None:
    folder = shut
    project(folder / "goals" / "open")
    project(folder / "goals" / "more")
    (folder / "goals" / "open" / "goals.yaml").write_text(GOALS.format(path="../*/ads.csv"))
    (folder / "goals" / "more" / "goals.yaml").unlink()
    (folder / "goals" / "more").chmod(0)
    for path in ("goals", "goals/open", "goals/open/goals.yaml"):
        code, out, err = ran("score", path, "--as-of", AS_OF, cwd=folder, preexec_fn=by_its_modes)
        assert (code, out) == (2 if path == "goals" else 3, ""), err
        assert "ermission denied" in err


# two at once, and places that are taken


def test_runs_at_once_write_whole_reports_and_one_history(tmp_path: Path) -> None:
    project(tmp_path)
    days = ["2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04"]
    asked = [("score", "--as-of", day, "--output", "json=report.json", "--history", "h.sqlite") for day in days * 2]
    processes = [goalkeeper(*one, cwd=tmp_path) for one in asked]
    said = [process.communicate(timeout=240)[1] for process in processes]
    for process, err in zip(processes, said, strict=True):
        assert process.returncode == 1, err
    assert json.loads((tmp_path / "report.json").read_text())["as_of"] in days
    assert sorted(str(entry.card.as_of) for entry in store.read(tmp_path / "h.sqlite")) == days
    assert [name for name in names(tmp_path) if name.endswith(".part")] == []


def test_a_report_takes_no_place_that_is_not_its_own(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "pack.yaml").write_text("version: 1\npack: own\n")
    (tmp_path / "old.json").write_text("old")
    for link, target in (("link.json", "old.json"), ("data.json", "ads.csv"), ("new.json", "none/new.json")):
        (tmp_path / link).symlink_to(target)
    kept = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file() and path.name != "old.json"}

    def code(path: str, *more: str) -> tuple[int, str]:
        found, _, err = ran("score", "--as-of", AS_OF, "--output", f"json={path}", *more, cwd=tmp_path)
        return found, err

    assert code("folder")[0] == 3
    assert code("ads.csv/report.json")[0] == 3
    for taken in ("ads.csv", "data.json", "goals.yaml", "pack.yaml", "./folder/../ads.csv"):
        found, err = code(taken)
        assert found == 2
        assert "error[GK642]" in err
    found, err = code("h.sqlite", "--history", "h.sqlite")
    assert found == 2
    assert "error[GK642]" in err
    assert len(store.read(tmp_path / "h.sqlite")) == 1
    assert code("link.json")[0] == 1
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "old.json").read_text())["version"] == 1
    assert code("new.json")[0] == 3
    assert {path: path.read_bytes() for path in kept if path.name != "link.json"} == {
        path: content for path, content in kept.items() if path.name != "link.json"
    }


def test_a_report_goes_down_a_pipe_as_it_is(tmp_path: Path) -> None:
    project(tmp_path)
    code, out, _ = ran("score", "--as-of", AS_OF, "--output", "json=/dev/stdout", cwd=tmp_path)
    assert code == 1
    assert out.startswith("{")
    os.mkfifo(tmp_path / "pipe")
    for arguments in (("--history", "pipe"), ("--output", "csv=pipe", "--history", "h.sqlite")):
        reader = None
        if "csv=pipe" in arguments:
            reader = subprocess.Popen(["cat", "pipe"], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        found = ran("score", "--as-of", AS_OF, *arguments, cwd=tmp_path)[0]
        if reader is not None:
            assert reader.communicate(timeout=60)[0].startswith("\ufeffas_of,")
        assert found == (1 if reader else 3)


def test_rows_are_written_over_no_file_that_was_read(tmp_path: Path) -> None:
    goals = project(tmp_path, "laid.csv")
    goals.write_text(goals.read_text().replace("{ads:", "{laid:"))
    before = (tmp_path / "laid.csv").read_bytes()
    code, out, err = ran("explain", "clicks", "--as-of", AS_OF, "--rows", ".", cwd=tmp_path)
    assert (code, out) == (2, "")
    assert "error[GK642]" in err
    assert (tmp_path / "laid.csv").read_bytes() == before
