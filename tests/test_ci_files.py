"""What other repositories use in their CI: the action, the GitLab job, the hooks, and the example; each is run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from goalkeeper.cli.commands import goalkeeper as command
from test_docs import LINK, blocks, elided
from test_docs import run as run_block

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "ci"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / ".ci" / "goalkeeper.gitlab-ci.yml").read_text(encoding="utf-8"))["goalkeeper"]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
HOSTILE = ["\"; touch ran; '; touch ran; $(touch ran) `touch ran`", "END\ntouch ran\n$(touch ran)", "--help"]
RELEASE = "0.1.0"


def installed() -> str:
    """The folder of the installed command."""
    found = shutil.which("goalkeeper", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        pytest.skip("the command goalkeeper is not installed: pip install -e . puts it beside Python")
    return str(Path(found).parent)


def shell(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"there is no {name} here to run the scripts with")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "repository")
    return tmp_path / "repository"


def execute(script: str, folder: Path, env: dict[str, str], interpreter: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs the text of a step as the runner does: a file, in a shell, with variables."""
    file = folder.parent / "step.sh"
    file.write_text(script, encoding="utf-8")
    path = os.pathsep.join([*([env["BEFORE"]] if "BEFORE" in env else []), installed(), os.environ["PATH"]])
    whole = {**os.environ, **env, "PATH": path}
    return subprocess.run(
        [*interpreter, str(file)], cwd=folder, env=whole, capture_output=True, text=True, encoding="utf-8", check=False
    )


def step(name: str) -> dict[str, Any]:
    (found,) = [one for one in ACTION["runs"]["steps"] if one.get("name") == name]
    return dict(found)


def run_step(name: str, folder: Path, inputs: dict[str, str], **env: str) -> subprocess.CompletedProcess[str]:
    """A step of the action, with the inputs that are given and the defaults of the others."""
    values = {key: str(told["default"]) for key, told in ACTION["inputs"].items()} | inputs
    filled = {key: INPUT.sub(lambda found: values[found[1]], text) for key, text in step(name)["env"].items()}
    bash = [shell("bash"), "--noprofile", "--norc", "-eo", "pipefail"]
    return execute(step(name)["run"], folder, {**filled, **env}, bash)


def score_step(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    here = folder.parent
    env = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(folder)}
    files = {"GITHUB_STEP_SUMMARY": str(here / "summary.md"), "GITHUB_OUTPUT": str(here / "outputs.txt")}
    return run_step("Score", folder, {key.replace("_", "-"): text for key, text in inputs.items()}, **env, **files)


# the action


def test_every_input_of_the_action_is_used_described_and_kept_out_of_the_shell() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert set(INPUT.findall(text)) == set(ACTION["inputs"])
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    for name, told in ACTION["inputs"].items():
        assert told["description"]
        assert f"| `{name}` |" in page
    for one in ACTION["runs"]["steps"]:
        assert "${{" not in one.get("run", "")
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", one.get("uses", "a@" + "0" * 40))
        for name in one.get("env", {}):
            assert f"${name}" in one["run"] or name == "FORCE_COLOR"


def test_the_outputs_of_the_action_are_those_that_ci_writes(repository: Path) -> None:
    assert score_step(repository, as_of="2026-06-15").returncode == 1
    written = (repository.parent / "outputs.txt").read_text(encoding="utf-8")
    names = {line.split("=")[0] for line in written.splitlines()}
    assert {told["value"] for told in ACTION["outputs"].values()} == {
        f"${{{{ steps.score.outputs.{n} }}}}" for n in names
    }


def test_the_action_scores_annotates_and_summarises(repository: Path) -> None:
    found = score_step(repository, as_of="2026-06-15")
    assert found.returncode == 1, found.stderr
    assert "Gate closed: a key rule failed." in found.stdout
    assert "::error file=goals/paid-ads.yaml,line=17,col=9,title=FAIL%3A Paid ads pay for themselves::" in found.stderr
    assert "FAIL" in (repository.parent / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"paths": "pull-request\n"}, 0),
        ({"paths": "pull-request/paid-ads.yaml\n\n"}, 0),
        ({"select": "paid-*"}, 1),
        ({"select": "none-*"}, 5),
        ({"as_of": "2026-04-02"}, 0),
        ({"fail_on": "warn"}, 1),
        ({"fail_on": "never"}, 2),
        ({"paths": "gone.yaml"}, 2),
    ],
)
def test_inputs_do_what_they_say(inputs: dict[str, str], code: int, repository: Path) -> None:
    found = score_step(repository, **{"as_of": "2026-06-15"} | inputs)
    assert found.returncode == code, found.stdout + found.stderr


def test_what_could_not_be_judged_may_be_allowed(repository: Path) -> None:
    data = repository / "data" / "ads.csv"
    data.write_text("".join(data.read_text(encoding="utf-8").splitlines(keepends=True)[:41]), encoding="utf-8")
    assert score_step(repository, as_of="2026-06-15").returncode == 4
    assert score_step(repository, as_of="2026-06-15", allow_inconclusive="true").returncode == 0


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["paths", "as-of", "select", "fail-on", "allow-inconclusive"])
def test_no_input_of_the_action_is_run(name: str, text: str, repository: Path) -> None:
    found = score_step(repository, **{"as-of": "2026-06-15", name: text})
    assert not list(repository.parent.rglob("ran"))
    assert "Usage:" not in found.stdout, "an input became an option"
    assert found.returncode == (1 if name == "allow-inconclusive" else 5 if name == "select" else 2)


def recorder(folder: Path) -> str:
    """A folder with a stand-in for python that writes down what it is asked, a line an argument."""
    (folder / "bin").mkdir()
    (folder / "bin" / "python").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{folder}/asked.txt"\n', encoding="utf-8")
    (folder / "bin" / "python").chmod(0o755)
    return str(folder / "bin")


def test_the_action_installs_its_own_commit_or_a_release(repository: Path, tmp_path: Path) -> None:
    before = recorder(tmp_path)
    for version, package in (("", "/the/action"), (RELEASE, f"goalkeeper=={RELEASE}")):
        found = run_step("Install", repository, {"version": version}, BEFORE=before, GITHUB_ACTION_PATH="/the/action")
        assert found.returncode == 0, found.stderr
        asked = (tmp_path / "asked.txt").read_text(encoding="utf-8").splitlines()
        assert asked == ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]


@pytest.mark.parametrize("text", [*HOSTILE, "1 --index-url http://x", "1 @ http://x", "/tmp/x"])
def test_only_a_version_is_installed(text: str, repository: Path, tmp_path: Path) -> None:
    before = recorder(tmp_path)
    found = run_step("Install", repository, {"version": text}, BEFORE=before, GITHUB_ACTION_PATH="/the/action")
    assert found.returncode == 2
    assert not (tmp_path / "asked.txt").exists()
    assert not list(tmp_path.rglob("ran"))


# the job for GitLab


def run_job(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The script of the job but for the installation, in the shell that its image may have."""
    env = {**GITLAB["variables"], **variables, "GITLAB_CI": "true", "CI": "true", "CI_PROJECT_DIR": str(folder)}
    return execute(GITLAB["script"][1], folder, env, [shell("sh"), "-e"])


def test_the_gitlab_job_scores_and_writes_what_it_collects(repository: Path) -> None:
    found = run_job(repository, GOALKEEPER_PATHS="goals", GOALKEEPER_AS_OF="2026-06-15")
    assert found.returncode == 1, found.stderr
    assert "Gate closed: a key rule failed." in found.stdout
    reports = GITLAB["artifacts"]["reports"]
    assert (repository / reports["codequality"]).exists()
    assert (repository / reports["junit"]).exists() or "junit.xml is not written" in found.stderr
    assert GITLAB["artifacts"]["when"] == "always"
    passing = run_job(repository, GOALKEEPER_PATHS="pull-request\n", GOALKEEPER_AS_OF="2026-06-15")
    assert passing.returncode == 0, passing.stderr
    assert (repository / reports["codequality"]).read_text(encoding="utf-8") == "[]\n"


def test_the_gitlab_job_installs_what_is_named_and_nothing_else(repository: Path, tmp_path: Path) -> None:
    before, sh = recorder(tmp_path), [shell("sh"), "-e"]
    unset = execute(GITLAB["script"][0], repository, {**GITLAB["variables"], "BEFORE": before}, sh)
    assert unset.returncode != 0
    assert "set it to what pip is to install" in unset.stderr
    assert not (tmp_path / "asked.txt").exists()
    for package in ("git+https://example.com/goalkeeper.git@COMMIT", *HOSTILE[:1]):
        assert (
            execute(GITLAB["script"][0], repository, {"GOALKEEPER_PACKAGE": package, "BEFORE": before}, sh).returncode
            == 0
        )
        assert (tmp_path / "asked.txt").read_text(encoding="utf-8").splitlines()[-1] == package
        assert not list(tmp_path.rglob("ran"))


def test_every_variable_of_the_gitlab_job_is_used_and_described() -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    for name in GITLAB["variables"]:
        if name != "FORCE_COLOR":
            assert re.search(rf"\$\{{?{name}\b", "\n".join(GITLAB["script"]))
            assert f"| `{name}` |" in page


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["PATHS", "AS_OF", "FAIL_ON"])
def test_no_variable_of_the_gitlab_job_is_run(name: str, text: str, repository: Path) -> None:
    found = run_job(repository, **{f"GOALKEEPER_{name}": text})
    assert found.returncode == 2, found.stdout
    assert not list(repository.parent.rglob("ran"))


# what both hand on


@pytest.mark.parametrize("runner", ["action", "job"])
def test_variables_of_the_command_reach_it(runner: str, repository: Path) -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    named = set(re.findall(r"GOALKEEPER_(?:ALLOW|MEMORY|THREADS)\w*", page))
    assert named == {f"GOALKEEPER_{name}" for name in ("ALLOW_READ", "MEMORY", "THREADS")}
    for name in named:  # what is no path, amount or number is refused: nothing else would show that it was heard
        if runner == "job":
            found = run_job(repository, GOALKEEPER_PATHS="goals", **{name: "nothing such"})
        else:
            variables = {"PATHS": "goals", "FAIL_ON": "fail", "AS_OF": "", "SELECT": "", "ALLOW_INCONCLUSIVE": ""}
            bash = [shell("bash"), "-e"]
            found = execute(step("Score")["run"], repository, variables | {name: "nothing such"}, bash)
        assert found.returncode == 2, found.stderr
        assert "nothing such" in found.stderr


# the hooks


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_hooks_run_commands_that_there_are(
    hook: dict[str, Any], repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, name = hook["entry"].split()
    assert (hook["id"], program) == (f"goalkeeper-{name}", "goalkeeper")
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    monkeypatch.chdir(repository)
    assert CliRunner().invoke(command, [name, "--help"]).exit_code == 0
    if name == "check":
        assert CliRunner().invoke(command, [name]).exit_code == 0


# the example


def test_the_page_of_the_example_shows_what_happens(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(repository)
    for block in blocks(page):
        if block.language == "console":
            assert elided(block.text, run_block(block.text, monkeypatch)) == block.text
    for path, _ in LINK.findall(page):
        assert (EXAMPLE / path).exists(), path


def test_the_pull_request_changes_what_is_asked_and_nothing_else() -> None:
    before, after = ((EXAMPLE / folder / "paid-ads.yaml").read_text("utf-8") for folder in ("goals", "pull-request"))
    changed = [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]
    assert changed == [
        (
            "      - rule: keep cost per order below 12 EUR in each platform",
            "      - rule: keep cost per order below 14 EUR in each platform",
        ),
        ("      - reach 2,400 orders", "      - reach 2,000 orders"),
    ]


def test_the_pull_request_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)
    found = CliRunner().invoke(command, ["diff", "goals", "pull-request", "--fail-on", "loosened"])
    assert found.exit_code == 1, found.output
    assert CliRunner().invoke(command, ["diff", "goals", "goals", "--fail-on", "loosened"]).exit_code == 0


def test_the_files_of_the_example_fit_what_they_use() -> None:
    workflow = yaml.safe_load((EXAMPLE / ".github" / "workflows" / "goals.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["goals"]["steps"]
    (used,) = [one for one in steps if one.get("uses", "").startswith("OWNER/")]
    assert set(used["with"]) <= set(ACTION["inputs"])
    assert all("${{" not in one.get("run", "") for one in steps)
    job = yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    assert {*job["variables"], *job["goalkeeper"]["variables"]} <= set(GITLAB["variables"])
    hooks = yaml.safe_load((EXAMPLE / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {hook["id"] for repo in hooks["repos"] for hook in repo["hooks"]} <= {hook["id"] for hook in HOOKS}
