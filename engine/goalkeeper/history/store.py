"""The file that a history is kept in: a SQLite database that several processes append to at once.

An append is one transaction: whoever is killed leaves all of it, or nothing. Reading changes no entry and makes no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar

from goalkeeper.history.entries import COLUMNS, HEAD, Entry, Facts, Row, card_of, facts_of
from goalkeeper.paths import not_a_file
from goalkeeper.problems import Problem, ProblemsFound, Severity
from goalkeeper.said import Said, of_catalogue, say
from goalkeeper.scorecard import Scorecard

if TYPE_CHECKING:
    from sqlite3 import Connection, Error

DEFAULT = Path(".goalkeeper") / "history.sqlite"
"""Where a history is kept unless a command says otherwise, in the folder that it runs in."""
APPLICATION = 0x474B4853
"""Tells the database from those of other programs (its `application_id`)."""
PATIENCE = 30.0
"""Seconds to wait for other writers."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE entries (
            number INTEGER PRIMARY KEY AUTOINCREMENT, recorded_at TEXT NOT NULL, made_by TEXT NOT NULL,
            sha256 TEXT NOT NULL, as_of TEXT NOT NULL, outcome TEXT NOT NULL, exit_code INTEGER NOT NULL, score REAL,
            gate TEXT NOT NULL, goals_sha256 TEXT NOT NULL)""",
        """CREATE TABLE inputs (
            entry INTEGER NOT NULL REFERENCES entries, place INTEGER NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL,
            sha256 TEXT NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (entry, place)) WITHOUT ROWID""",
        """CREATE TABLE goals (
            entry INTEGER NOT NULL REFERENCES entries, place INTEGER NOT NULL, goal TEXT NOT NULL, name TEXT NOT NULL,
            outcome TEXT NOT NULL, score REAL, child INTEGER NOT NULL, file TEXT, line INTEGER, col INTEGER,
            PRIMARY KEY (entry, place)) WITHOUT ROWID""",
        """CREATE TABLE rules (
            entry INTEGER NOT NULL REFERENCES entries, goal TEXT NOT NULL, place INTEGER NOT NULL, rule TEXT NOT NULL,
            kind TEXT NOT NULL, kpi TEXT, outcome TEXT NOT NULL, progress REAL, weight REAL NOT NULL,
            is_key INTEGER NOT NULL, PRIMARY KEY (entry, goal, place)) WITHOUT ROWID""",
        """CREATE TABLE verdicts (
            entry INTEGER NOT NULL REFERENCES entries, goal TEXT NOT NULL, rule_place INTEGER NOT NULL,
            place INTEGER NOT NULL, segment TEXT NOT NULL, outcome TEXT NOT NULL, state TEXT NOT NULL, value REAL,
            target REAL, low REAL, high REAL, baseline REAL, projection REAL, relative REAL, progress REAL, unit TEXT,
            first_day TEXT, last_day TEXT, window_name TEXT, elapsed INTEGER NOT NULL, reason TEXT, file TEXT,
            line INTEGER, col INTEGER, PRIMARY KEY (entry, goal, rule_place, place)) WITHOUT ROWID""",
        "CREATE INDEX entries_as_of ON entries (as_of)",
    ),
)
"""What makes a database of each version out of the one before; the first makes it out of nothing."""

T = TypeVar("T")


def append(path: Path, card: Scorecard, *, recorded_at: datetime, made_by: str) -> list[Problem]:
    """Add *card* to the history at *path*, which is begun where there is none.

    The same scorecard as the one that stands for its goals and as-of is not added again. Without an error among what
    comes back the entry is on disk.
    """
    import sqlite3  # only for those who keep a history

    facts = facts_of(card)
    other = not_a_file(path)
    if other is not None and not path.is_symlink():
        return [_cannot_write(path, say("it is {kind}", kind=other))]
    try:
        path.parent.mkdir(exist_ok=True)
        with _opened(path, "rwc") as store:
            _check(store, path)
            mode = _patiently(lambda: store.execute("PRAGMA journal_mode = WAL").fetchone()[0])
            store.execute("PRAGMA synchronous = FULL")
            store.execute("BEGIN IMMEDIATE")
            _bring_up(store, _check(store, path))
            sha256 = facts.sha256(made_by)
            if not _stands(store, card.as_of, sha256):
                _insert(store, facts, (_utc(recorded_at), made_by, sha256))
            store.execute("COMMIT")
    except ProblemsFound as stop:
        return list(stop.problems)
    except sqlite3.Error as error:
        return [_unwritable(path, error)]
    except OSError as error:
        return [_cannot_write(path, _why(error))]
    return [] if mode == "wal" else [_without_log(path)]


def read(path: Path, *, goals: tuple[str, ...] | None = None) -> tuple[Entry, ...]:
    """The entries of the history at *path* in the order in which they were appended.

    Args:
        path: the file.
        goals: only these, by id. Entries without any of them are left out.

    Raises:
        ProblemsFound: where there is no history, or it cannot be read.
    """
    import sqlite3  # only for those who read a history

    try:
        if not path.exists():
            raise ProblemsFound([_nothing_there(path)])
        other = not_a_file(path)
        if other is not None:
            what = say("'{path}' is no history: it is {kind}", path=path.as_posix(), kind=other)
            raise ProblemsFound([Problem("GK622", what, help=say("name the file that score --history writes to"))])
        with _readable(path) as store:
            version = _check(store, path)
            if version == 0:
                return ()
            if version < len(STEPS):
                with _opened(None, "memory") as copy:
                    store.backup(copy)
                    _bring_up(copy, version)
                    return tuple(_entries(copy, goals))
            store.execute("BEGIN")  # all queries see the same entries
            return tuple(_entries(store, goals))
    except (sqlite3.Error, OSError) as error:
        raise ProblemsFound([_unreadable(path, error)]) from None
    except (TypeError, ValueError) as error:
        text = say(
            "the history '{path}' holds what this goalkeeper does not know: {why}",
            path=path.as_posix(),
            why=str(error),
        )
        help_ = say("use the newest goalkeeper of those that write to it")
        raise ProblemsFound([Problem("GK622", text, help=help_)]) from None


@contextmanager
def _opened(path: Path | None, mode: str, more: str = "") -> Iterator[Connection]:
    import sqlite3

    uri = "file::memory:" if path is None else f"{path.absolute().as_uri()}?mode={mode}{more}"
    store = sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _readable(path: Path) -> Iterator[Connection]:
    """The database, opened so that nothing can be written to it.

    Even a reader of a write-ahead log needs a file beside it. Where the folder allows none, and no log is there, the
    database does not change under the reader and is read as it is.
    """
    import sqlite3

    with _opened(path, "rw") as store:
        try:
            store.execute("PRAGMA query_only = ON")
            store.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            log = path.with_name(path.name + "-wal")
            if _code(error) not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} or log.exists():
                raise
        else:
            yield store
            return
    with _opened(path, "ro", "&immutable=1") as store:
        yield store


def _check(store: Connection, path: Path) -> int:
    """The version of the database; 0 for an empty one.

    Raises:
        ProblemsFound: when it is another program's, or newer than this one.
    """
    # In one statement: another run may begin the history between two of them.
    application, version, tables = store.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if application != APPLICATION and (application or version or tables):
        text = say("'{path}' is a database of another program, and no history", path=path.as_posix())
        raise ProblemsFound([Problem("GK622", text, help=say("name another file; one that is not there is begun"))])
    if version > len(STEPS):
        text = say(
            "the history '{path}' is of version {version}; this goalkeeper knows {known}",
            path=path.as_posix(),
            version=version,
            known=len(STEPS),
        )
        help_ = say("use the newer goalkeeper that wrote it, or keep a history of your own in another file")
        raise ProblemsFound([Problem("GK623", text, help=help_)])
    return int(version)


def _bring_up(store: Connection, version: int) -> None:
    """Make a database of *version* one of this version."""
    if version == len(STEPS):
        return
    for step in STEPS[version:]:
        for statement in step:
            store.execute(statement)
    store.execute(f"PRAGMA application_id = {APPLICATION}")
    store.execute(f"PRAGMA user_version = {len(STEPS)}")


def _patiently(action: Callable[[], T]) -> T:
    """What *action* gives; while others change the mode of the database, SQLite does not wait by itself."""
    import sqlite3

    until = monotonic() + PATIENCE
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or monotonic() > until:
                raise
            sleep(0.01)


def _stands(store: Connection, as_of: date, sha256: str) -> bool:
    """Whether this scorecard is there, and no later one of its as-of has any of its goals."""
    (number,) = store.execute(
        "SELECT max(number) FROM entries WHERE as_of = ? AND sha256 = ?", (as_of.isoformat(), sha256)
    ).fetchone()
    if number is None:
        return False
    later = store.execute(
        """SELECT 1 FROM entries JOIN goals ON goals.entry = entries.number
        WHERE entries.as_of = ? AND entries.number > ? AND goals.goal IN (SELECT goal FROM goals WHERE entry = ?)""",
        (as_of.isoformat(), number, number),
    )
    return later.fetchone() is None


def _insert(store: Connection, facts: Facts, made: Row) -> None:
    columns = ("recorded_at", "made_by", "sha256", *HEAD)
    number = store.execute(_insertion("entries", columns), (*made, *facts.head)).lastrowid
    for table, rows in facts.tables.items():
        store.executemany(_insertion(table, ("entry", *COLUMNS[table])), [(number, *row) for row in rows])


def _insertion(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _entries(store: Connection, goals: tuple[str, ...] | None) -> Iterator[Entry]:
    tables: dict[str, dict[int, list[Row]]] = {}
    for table, columns in COLUMNS.items():
        mine = goals if table != "inputs" else None
        where = f"goal IN ({', '.join('?' * len(mine))})" if mine is not None else "TRUE"
        query = f"SELECT entry, {', '.join(columns)} FROM {table} WHERE {where} ORDER BY 1, 2, 3, 4"
        found = tables.setdefault(table, {})
        for number, *row in store.execute(query, mine or ()):
            found.setdefault(number, []).append(tuple(row))
    heads = store.execute(f"SELECT number, recorded_at, made_by, {', '.join(HEAD)} FROM entries ORDER BY number")
    for number, recorded_at, made_by, *head in heads:
        if number in tables["goals"]:
            card = card_of(tuple(head), {name: found.get(number, ()) for name, found in tables.items()})
            yield Entry(number, datetime.fromisoformat(recorded_at), made_by, card)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _nothing_there(path: Path) -> Problem:
    help_ = say("{command} begins one", command=f"goalkeeper score --history {path.as_posix()}")
    return Problem("GK621", say("there is no history '{path}'", path=path.as_posix()), help=help_)


def _unreadable(path: Path, error: Error | OSError) -> Problem:
    import sqlite3

    code = _code(error)
    if code == sqlite3.SQLITE_NOTADB:
        help_ = say("name the file that score --history writes to")
        return Problem("GK622", say("'{path}' is no history: it is no database", path=path.as_posix()), help=help_)
    if code == sqlite3.SQLITE_CORRUPT:
        help_ = say("put a copy of it back, or move it away: the next score --history begins a new one")
        text = say("the history '{path}' is damaged: {why}", path=path.as_posix(), why=_why(error))
        return Problem("GK622", text, help=help_)
    help_ = say("see that it is a file, that it may be read, and that its folder may be written to")
    text = say("the history '{path}' cannot be read: {why}", path=path.as_posix(), why=_why(error))
    return Problem("GK622", text, help=help_)


def _unwritable(path: Path, error: Error) -> Problem:
    import sqlite3

    code = _code(error)
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return _unreadable(path, error)
    if code == sqlite3.SQLITE_BUSY:
        return _cannot_write(path, say("{why}, after {count:.0f} seconds", why=_why(error), count=PATIENCE))
    return _cannot_write(path, _why(error))


def _code(error: Error | OSError) -> int:
    """The primary code of what SQLite says; 0 for what is none of its errors."""
    return error.sqlite_errorcode & 0xFF if hasattr(error, "sqlite_errorcode") else 0


def _why(error: Error | OSError) -> Said:
    return of_catalogue(error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error))


def _cannot_write(path: Path, why: str) -> Problem:
    help_ = say("see that its folder is there and may be written to; then score again, nothing was kept of this one")
    return Problem(
        "GK624", say("the history '{path}' cannot be written: {why}", path=path.as_posix(), why=why), help=help_
    )


def _without_log(path: Path) -> Problem:
    text = say(
        "the history '{path}' has no write-ahead log here: one reader can keep all writers waiting",
        path=path.as_posix(),
    )
    help_ = say("keep it on a disk of this machine; folders of a network are often not able to")
    return Problem("GK625", text, help=help_, severity=Severity.WARNING)
