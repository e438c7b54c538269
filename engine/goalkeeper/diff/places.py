"""Where the two sides of a comparison are: files and folders here, or those of a git revision."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from enum import StrEnum
from os.path import commonpath
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from goalkeeper.diff.revisions import Repository, no_revision, repository_of
from goalkeeper.goal_files import FILE_ENDINGS
from goalkeeper.paths import DEFAULT_PATHS, Allowed
from goalkeeper.problems import Problem, Span, did_you_mean
from goalkeeper.said import Figure, Listed, Said, say


class Place(Struct, frozen=True):
    """The goal files of one side."""

    asked: str
    files: tuple[Path, ...]
    root: Path
    """The folder whose part the goal files are: what is below it on one side is the same as on the other."""
    here: Path | None = None
    """For a revision: that folder in the working tree."""
    checkout: Path | None = None
    """For a revision: where its files were written to."""
    revision: str = ""

    def reading(self, allowed: Allowed) -> Allowed:
        """What its goal files may read: of a revision all that was checked out, which has no folder of git's in it."""
        return allowed if self.checkout is None else replace(allowed, read=(*allowed.read, self.checkout))

    def shown(self, file: str) -> str:
        """A file as people know it: of a revision by the name that git has for it."""
        if self.checkout is None:
            return file
        return file.replace(f"{self.checkout.as_posix()}/", f"{self.revision}:")

    def told(self, problem: Problem) -> Problem:
        """A problem whose places are those that people know."""
        span = problem.span and self._span(problem.span)
        related = tuple(replace(one, span=self._span(one.span)) for one in problem.related)
        message, help_ = self._said(problem.message), self._said(problem.help)
        return replace(problem, message=message, help=help_, span=span, related=related)

    def _said(self, text: str) -> str:
        """A text with the files in it as people know them."""
        match text:
            case Said():
                values = {k: self._said(v) if isinstance(v, str) else v for k, v in text.values.items()}
                return Said(text.template, values)
            case Listed():
                return Listed(map(self._said, text.names), quoted=text.quoted)
            case Figure() | StrEnum():
                return text
            case _:
                return self.shown(text)

    def _span(self, span: Span) -> Span:
        return replace(span, file=self.shown(span.file))


class _Asked(Struct, frozen=True):
    """A side as asked for: a path, or a commit of a repository with a path in it."""

    text: str
    path: Path | None = None
    repository: Repository | None = None
    revision: str = ""
    commit: str = ""
    inside: str = ""


def places_of(
    old: str, new: str | None, paths: Sequence[Path], stack: ExitStack
) -> tuple[tuple[Place, Place] | None, list[tuple[str, list[Problem]]]]:
    """Where both sides are, or for each side what keeps it from being found.

    A side that is a revision is read at *paths*, else where the other side is, else where goal files usually are. Its
    files are written to a folder that is there until *stack* is closed.
    """
    asked = [_asked(old), _asked(new) if new is not None else _default(paths)]
    wrong = [(text, [one]) for text, one in zip((old, new or ""), asked, strict=True) if isinstance(one, Problem)]
    if wrong:
        return None, wrong
    sides = [one for one in asked if isinstance(one, _Asked)]
    if paths and new is not None and all(side.path is not None for side in sides):
        help_ = say("name two things to compare, such as main and goals.yaml")
        text = say("'{path}': OLD and NEW say already which files are compared", path=paths[0].as_posix())
        return None, [(paths[0].as_posix(), [Problem("GK115", text, help=help_)])]
    paths = [*(side.path for side in sides if paths and side.path is not None and side.path not in paths), *paths]
    found: list[Place | Problem] = []
    for number, side in enumerate(sides):
        other = sides[1 - number]
        found.append(_place(side, other, paths, stack, whole=number == 1))
    wrong = [(side.text, [one]) for side, one in zip(sides, found, strict=True) if isinstance(one, Problem)]
    before, after = found
    if isinstance(before, Problem) or isinstance(after, Problem):
        return None, wrong
    return (before, after), []


def _asked(text: str) -> _Asked | Problem:
    """What a text asks for: what is there as a file or folder is that, all else is a revision."""
    path = Path(text)
    if text and _exists(path):
        return _Asked(text, path)
    if text.startswith("-"):
        message = say("'{text}' is no file, no folder and no git revision", text=text)
        return Problem("GK611", message, help=say("none begins with '-'"))
    repository = repository_of(Path())
    if isinstance(repository, Problem):
        if text.lower().endswith(FILE_ENDINGS):
            return Problem("GK611", say("'{text}' is no file and no folder", text=text), help=_near(path))
        message = say("'{text}' is no file and no folder, and {why}", text=text, why=repository.message)
        return replace(repository, message=message)
    revision, _, inside = text.partition(":")
    commit = repository.commit(revision)
    if commit is None:
        return no_revision(text, repository)
    return _Asked(text, None, repository, revision, commit, inside)


def _default(paths: Sequence[Path]) -> _Asked | Problem:
    """The files as they are here."""
    found = [path for path in paths or map(Path, DEFAULT_PATHS) if _exists(path)]
    if found:
        return _Asked(found[0].as_posix(), found[0])
    message = say("there is no goals.yaml and no goals/ here")
    return Problem("GK611", message, help=say("name the file or folder to compare with"))


def _place(side: _Asked, other: _Asked, paths: Sequence[Path], stack: ExitStack, *, whole: bool) -> Place | Problem:
    if side.path is not None or side.repository is None:
        path = side.path or Path()
        several = tuple(paths) if path in paths else (path,)
        return Place(side.text, several, _root(several))
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="goalkeeper-", ignore_cleanup_errors=True))).resolve()
    problem = side.repository.check_out(side.commit, folder, None if whole else FILE_ENDINGS)
    if problem is not None:
        return problem
    tree, top = folder / "tree", side.repository.top
    wanted = _inside(side, other, paths, tree)
    if isinstance(wanted, Problem):
        return wanted
    files = tuple(tree / path for path in wanted)
    lost = next((path for path in files if not _is_in(path, tree) or not _exists(path)), None)
    if lost is not None:
        name = side.inside or lost.relative_to(tree).as_posix()
        help_ = say("name a file that it has: REVISION:PATH")
        return Problem("GK611", say("'{revision}' has no '{name}'", revision=side.revision, name=name), help=help_)
    root = _root(files)
    return Place(side.text, files, root, top / root.relative_to(tree), tree, side.revision)


def _inside(side: _Asked, other: _Asked, paths: Sequence[Path], tree: Path) -> list[Path] | Problem:
    """The paths to read of a revision, from the top of its repository."""
    assert side.repository is not None  # noqa: S101  of a revision
    top, here = side.repository.top, Path.cwd()
    if side.inside:
        of_here = side.inside.startswith(("./", "../"))
        return [_from_top(here / side.inside, top) if of_here else Path(side.inside)]
    wanted = list(paths) or ([other.path] if other.path is not None else [])
    if not wanted and other.inside:
        return [Path(other.inside)]
    if not wanted:
        prefix = _from_top(here, top)
        there = [name for name in DEFAULT_PATHS if _exists(tree / prefix / name)]
        if not there:
            message = say("'{revision}' has no goals.yaml and no goals/ here", revision=side.revision)
            return Problem("GK611", message, help=say("name its path: REVISION:PATH"))
        return [prefix / there[0]]
    outside = next((path for path in wanted if not _is_in(path, top)), None)
    if outside is not None:
        text = say(
            "'{path}' lies outside of the repository of '{revision}'", path=outside.as_posix(), revision=side.revision
        )
        return Problem("GK611", text, help=say("name what to read of it: {revision}:PATH", revision=side.revision))
    return [_from_top(path, top) for path in wanted]


def _root(files: Sequence[Path]) -> Path:
    """The folder that holds all of these files and folders."""
    folders = [file if file.is_dir() else file.parent for file in files]
    return folders[0] if len(folders) == 1 else Path(commonpath(folders))


def _from_top(path: Path, top: Path) -> Path:
    """A path as it is from the top of a repository."""
    found = path.resolve()
    return found.relative_to(top) if found.is_relative_to(top) else path


def _is_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _near(path: Path) -> str:
    folder = path.parent
    return did_you_mean(path.name, [one.name for one in folder.iterdir()]) if folder.is_dir() else ""
