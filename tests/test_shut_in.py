"""A goal file reads the files of its project and what its operator allows, and nothing else: `cases/hostile/leaving.yaml`.

Each entry is a way out that somebody may try. It is tried against the real thing, and what lies outside must be neither
said nor counted.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner, Result

import goalkeeper
from goalkeeper import Allowed, ProblemsFound, api
from goalkeeper.cli.commands import goalkeeper as command
from goalkeeper.engines.duckdb import DuckDB
from goalkeeper.sources.files import DataFile

WAYS = yaml.safe_load((Path(__file__).parent / "cases" / "hostile" / "leaving.yaml").read_text(encoding="utf-8"))
MARK = "SECRET-4711"
ROWS = "date,clicks\n" + "".join(f"2026-04-{day:02},1\n" for day in range(1, 31))
SECRET = f"date,clicks,{MARK}\n" + "".join(f"2026-04-{day:02},4711,{MARK}\n" for day in range(1, 31))
AS_OF = "2026-05-01"


class Ground:
    """A project, and what lies outside of it."""

    def __init__(self, folder: Path) -> None:
        self.project, self.outside = folder / "project", folder / "outside"
        self.write("project/.git/HEAD", "ref: refs/heads/main\n", folder)
        self.write("project/data/ads.csv", ROWS, folder)
        (self.project / "goals").mkdir()
        for name in ("outside/secret.csv", "outside/none/secret.csv", "project2/secret.csv"):
            self.write(name, SECRET, folder)
        self.write("outside/secret.txt", f"{MARK}\n", folder)
        self.write("outside/secret.yaml", f"version: 1\n{MARK}: x\npack: y\n", folder)
        self.seen = sorted(folder.rglob("*"))

    def write(self, name: str, text: str, folder: Path | None = None) -> Path:
        place = (folder or self.project) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def filled(self, value: Any) -> Any:
        match value:
            case str():
                return value.format(outside=self.outside, project=self.project, long="n" * 300)
            case list():
                return [self.filled(one) for one in value]
            case dict():
                return {self.filled(key): self.filled(one) for key, one in value.items()}
            case _:
                return value

    def prepare(self, way: dict[str, Any]) -> None:
        for name, target in self.filled(way.get("links", {})).items():
            place = self.project / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(target)
        if "pipe" in way:
            os.mkfifo(self.project / way["pipe"])
        if "file" in way:
            self.write(self.filled(way["file"]).lstrip("/"), ROWS)
        if "decoy" in way:
            self.write(way["decoy"], SECRET)

    def goals(self, source: dict[str, Any], *, as_json: bool = False, **more: Any) -> Path:
        file: dict[str, Any] = {"version": 1, "sources": {"ads": {"time": "date", **source}}}
        file["goals"] = [{"rule": "reach 60 clicks", "period": "2026-04-01 to 2026-04-30"}]
        file |= more
        if as_json:
            return self.write("goals/goals.json", json.dumps(file, indent=1))
        return self.write("goals/goals.yaml", yaml.safe_dump(file, allow_unicode=True, width=10_000))


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    made = Ground(tmp_path)
    monkeypatch.setenv("HOME", str(made.outside))
    monkeypatch.chdir(made.project)
    return made


def run(*arguments: str | Path, **env: str) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments], env=env)


def here(*arguments: str | Path) -> tuple[int, str, str]:
    found = run(*arguments)
    return found.exit_code, found.stdout, found.stderr


def apart(*arguments: str | Path) -> tuple[int, str, str]:
    """As a process of its own: what must not be waited for would keep all other tests waiting."""
    done = subprocess.run(
        [sys.executable, "-m", "goalkeeper", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def waits(way: dict[str, Any]) -> bool:
    """Whether a way leads to what may never end, or never begin."""
    return any(sign in repr(way) for sign in ("/dev/", "/proc/", "pipe", "socket", "://"))


def ways(section: str) -> list[Any]:
    names = [entry["way"] if isinstance(entry, dict) else entry[:60] for entry in WAYS[section]]
    return [pytest.param(entry, id=name) for entry, name in zip(WAYS[section], names, strict=True)]


@pytest.mark.parametrize("way", ways("paths"))
def test_no_path_leads_out(way: dict[str, Any], ground: Ground) -> None:
    ground.prepare(way)
    held = socket.socket(socket.AF_UNIX)
    if "socket" in way:
        os.chdir(ground.project / "goals")  # the name of a socket must be short
        held.bind("socket.csv")
        os.chdir(ground.project)
    with held:
        goals = ground.goals(
            {"path": ground.filled(way["path"]), **way.get("source", {})}, as_json=way.get("json", False)
        )
        code, out, err = (apart if waits(way) else here)("score", goals, "--as-of", AS_OF)
    assert out == ""
    assert f"error[{way['code']}]" in err, err
    assert code == (3 if way["code"].startswith("GK3") else 2)
    assert f"--> {goals}:" in err
    assert MARK not in err
    assert "4711" not in err
    if way["code"] == "GK121":
        assert "--allow-read" in err


@pytest.mark.parametrize("way", ways("inside"))
def test_what_lies_inside_is_read_and_not_what_its_name_reads_like(
    way: dict[str, Any], ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.prepare(way)
    goals = ground.goals({"path": ground.filled(way["path"])})
    monkeypatch.chdir(ground.project / way.get("here", "."))
    shown = os.path.relpath(goals)
    for source in ({}, {"metrics": {"clicks": {"kind": "flow"}}}):
        ground.goals({"path": ground.filled(way["path"])}, **source)
        card = api.score(shown, as_of=AS_OF)
        (verdict,) = card.goals[0].rules[0].verdicts
        assert verdict.value == 30
        assert [one.rows for one in card.inputs] == [30]


@pytest.mark.parametrize("name", ways("names"))
def test_no_name_is_a_query(name: str, ground: Ground) -> None:
    name = ground.filled(name)
    quoted = name.replace('"', '""')
    rows = f'date,"{quoted}",place\n' + "".join(
        f'2026-04-{day:02},1,"{quoted}"\n2026-04-{day:02},7,elsewhere\n' for day in range(1, 31)
    )
    ground.write("data/odd.csv", rows)
    goals = ground.goals(
        {"path": "../data/odd.csv", "columns": {"clicks": name}, "dimensions": ["place"]},
        metrics={"wanted": {"source": "ads", "column": "clicks", "where": {"place": {"not": "elsewhere"}}}},
        goals=[
            {
                "rule": "reach 60 clicks",
                "period": "2026-04-01 to 2026-04-30",
                "where": {"place": [name.replace("*", "?")]},
            },
            {"rule": "reach 60 wanted", "period": "2026-04-01 to 2026-04-30"},
        ],
    )
    card = api.score(goals, as_of=AS_OF)
    assert [goal.rules[0].verdicts[0].value for goal in card.goals] == [30, 30]
    told = api.explain(goals, card.goals[1].id, as_of=AS_OF)
    assert MARK not in repr(told)
    assert not (ground.outside / "made.csv").exists()


@pytest.mark.parametrize("name", [".read", ".Read clicks", ".bare clicks", ".time date", ".file"])
def test_no_column_takes_the_place_of_what_is_worked_out(name: str, ground: Ground) -> None:
    """The database takes the first of two columns of one name, whatever the case of its letters."""
    ground.write("data/odd.csv", f"date,clicks,{name}\n" + "".join(f"2026-04-{d:02},1,9\n" for d in range(1, 31)))
    with pytest.raises(ProblemsFound) as stop:
        api.score(ground.goals({"path": "../data/odd.csv"}), as_of=AS_OF)
    (problem,) = stop.value.problems
    assert problem.code == "GK302"
    assert f"has a column '{name}'" in problem.message


smuggled = "not a table"  # the database must not take it for one


@pytest.mark.parametrize("query", ways("queries"))
def test_the_connection_is_shut_in(query: str, ground: Ground) -> None:
    file = ground.project / "data" / "ads.csv"
    engine = DuckDB([DataFile(file, "ads.csv", "csv", ("date", "clicks"))], Allowed(memory="200MB", threads=1))
    before = file.read_bytes()
    ((rows,),) = engine._connection.execute(f"SELECT count(*) FROM read_csv('{file}')").fetchall()
    assert rows == 30
    with pytest.raises(duckdb.Error):
        engine._connection.execute(ground.filled(query)).fetchall()
    assert file.read_bytes() == before
    assert sorted(ground.outside.parent.rglob("*")) == ground.seen


def test_memory_and_threads_are_those_that_are_allowed() -> None:
    def told(allowed: Allowed) -> tuple[str, int]:
        query = "SELECT current_setting('memory_limit'), current_setting('threads')"
        (found,) = DuckDB([], allowed)._connection.execute(query).fetchall()
        return found

    assert told(Allowed(memory="64MiB", threads=3)) == ("64.0 MiB", 3)
    assert told(Allowed())[1] == len(os.sched_getaffinity(0))


def test_too_little_memory_is_said(ground: Ground) -> None:
    goals = ground.goals({"path": "../data/ads.csv"})
    found = run("score", goals, "--as-of", AS_OF, "--memory", "1MB")
    assert (found.exit_code, found.stdout) == (3, "")
    assert "takes more memory than it is given" in found.stderr
    assert "--memory" in found.stderr
    assert run("score", goals, "--as-of", AS_OF, GOALKEEPER_MEMORY="1MB").exit_code == 3
    assert run("score", goals, "--as-of", AS_OF, "--memory", "500MB", "--threads", "1").exit_code == 1
    for wrong in ("much", "-1", "0GB", "80%", "1GB; SET threads=9"):
        assert run("score", goals, "--memory", wrong).exit_code == 2


@pytest.mark.parametrize("how", ["option", "variable", "library", "folder"])
def test_what_is_allowed_is_read(how: str, ground: Ground) -> None:
    goals = ground.goals({"path": "../../outside/secret.csv"})
    secret = ground.outside / "secret.csv"
    if how == "library":
        with pytest.raises(ProblemsFound):
            goalkeeper.score(goals, as_of=AS_OF)
        card = goalkeeper.score(goals, as_of=AS_OF, allowed=Allowed(read=["../outside"]))
        assert card.goals[0].rules[0].verdicts[0].value == 30 * 4711
        return
    given = {"option": ["--allow-read", secret], "folder": ["--allow-read", ground.outside], "variable": []}[how]
    env = {"GOALKEEPER_ALLOW_READ": f"data{os.pathsep}{secret}"} if how == "variable" else {}
    assert run("score", goals, "--as-of", AS_OF, *given, **env).exit_code == 0
    other = ground.goals({"path": "../../project2/secret.csv"})
    assert run("score", other, "--as-of", AS_OF, *given, **env).exit_code == 2


def test_the_project_is_the_repository_else_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with what a goal file in `goals/` may read of `data/` beside it."""
    ground = Ground(tmp_path)
    goals = ground.goals({"path": "../data/ads.csv"})
    monkeypatch.chdir("/")
    assert run("score", goals, "--as-of", AS_OF).exit_code == 1
    (ground.project / ".git" / "HEAD").unlink()
    (ground.project / ".git").rmdir()
    refused = run("score", goals, "--as-of", AS_OF)
    assert refused.exit_code == 2
    assert "lies outside of the folder of its goal file" in refused.stderr
    assert run("score", ground.project, "--as-of", AS_OF).exit_code == 1  # the folder that was named
    monkeypatch.chdir(ground.project)
    assert run("score", "goals/goals.yaml", "--as-of", AS_OF).exit_code == 1
    assert run("score", "--as-of", AS_OF).exit_code == 1
    monkeypatch.chdir("goals")
    assert run("score", "--as-of", AS_OF).exit_code == 2
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")  # of a worktree
    assert run("score", "--as-of", AS_OF).exit_code == 1


def test_no_pack_no_test_and_no_folder_leads_out(ground: Ground) -> None:
    pack = "version: 1\npack: own\nuse: [{}]\nkpis: {{twice: {{formula: clicks * 2}}}}\n"
    ground.write("goals/pack.yaml", pack.format("../../outside/secret.yaml"))
    (ground.project / "goals" / "link.yaml").symlink_to("../../outside/secret.yaml")
    for used, place in (
        ("../../outside/secret.yaml", "goals.yaml"),
        ("./link.yaml", "goals.yaml"),
        ("./pack.yaml", "pack.yaml"),
    ):
        goals = ground.goals({"path": "../data/ads.csv"}, use=[used])
        for name in ("score", "check"):
            found = run(name, goals)
            assert found.exit_code == 2
            assert "error[GK121]" in found.output
            assert f"goals/{place}:" in found.output
            assert MARK not in found.output
    ground.goals({"path": "../data/ads.csv"})
    ground.write("goals/pack.yaml", "version: 1\npack: own\n")
    linked = run("check", ground.project / "goals")
    assert linked.exit_code == 2
    assert "link.yaml' is a link that leads out of the repository of its goal file" in linked.output
    assert MARK not in linked.output
    ground.write(
        "goals/away.test.yaml",
        "version: 1\ngoals: ../../outside/secret.yaml\ntests: [{name: a, as_of: 2026-05-01, expect: {outcome: pass}}]\n",
    )
    tested = run("test", ground.project / "goals" / "away.test.yaml")
    assert tested.exit_code == 2
    assert "error[GK121]" in tested.stderr
    assert MARK not in tested.stderr


def test_plain_values_read_from_here(ground: Ground) -> None:
    rule = [{"rule": "reach 60 clicks", "period": "2026-04-01 to 2026-04-30"}]
    inside = {"version": 1, "sources": {"ads": {"path": "data/ads.csv", "time": "date"}}, "goals": rule}
    assert goalkeeper.score(inside, as_of=AS_OF).exit_code == 1
    away = {**inside, "sources": {"ads": {"path": str(ground.outside / "secret.csv"), "time": "date"}}}
    with pytest.raises(ProblemsFound) as stop:
        goalkeeper.score(away, as_of=AS_OF)
    assert [problem.code for problem in stop.value.problems] == ["GK121"]


def test_enough_ways_were_tried() -> None:
    assert len(WAYS["paths"]) + len(WAYS["inside"]) + len(WAYS["names"]) >= 40
    assert len(WAYS["queries"]) >= 40
