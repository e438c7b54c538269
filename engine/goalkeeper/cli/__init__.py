"""The command line: arguments in, text and an exit code out."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from goalkeeper.cli.signals import heeding_signals
from goalkeeper.exits import EXIT_BUG, EXIT_DATA, EXIT_OPEN, EXIT_STOPPED, EXIT_UNREAD, EXIT_USAGE

if TYPE_CHECKING:
    import click

# numpy starts a thread for each core unless it is told not to; nothing here multiplies matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The model needs no plugins, and looking for them reads the metadata of every package that is installed.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code. Whatever escapes is our bug: exit 70."""
    code = EXIT_BUG
    with heeding_signals() as caught:
        try:
            code = _run(arguments, caught)
        except SystemExit as leave:
            code = leave.code if isinstance(leave.code, int) else EXIT_OPEN
        except KeyboardInterrupt:  # before or after the command itself
            _stopped()
    gc.freeze()  # what is loaded is no garbage: leaving must not look through it either
    sys.exit(128 + caught[0] if caught else code)


def _run(arguments: Sequence[str] | None, caught: Sequence[int]) -> int:
    """Run one command and give its exit code, in the language that it speaks; *caught* are the signals that came."""
    gc.disable()  # a run makes little garbage, and looking for it costs more than keeping it
    import click

    from goalkeeper.languages import speaking

    with speaking("en"):  # what a command speaks ends with it
        try:
            if sys.stdout is None:
                raise OSError(errno.EBADF, "standard output is closed")
            from goalkeeper.cli.commands import goalkeeper

            code = goalkeeper.main(arguments, prog_name="goalkeeper", standalone_mode=False)
        except click.exceptions.Exit as leave:
            return leave.exit_code
        except click.UsageError as error:
            _show(error)
            return EXIT_USAGE
        except click.Abort:
            _stopped()
            return EXIT_STOPPED
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as escaped:  # noqa: BLE001  a crash must not be taken for a failed goal; panics are no errors
            return _told(escaped, caught)
    return code if isinstance(code, int) else EXIT_OPEN


def _told(escaped: BaseException, caught: Sequence[int]) -> int:
    """Say what ended a command, and give the exit code of that."""
    from goalkeeper.cli.render import ReaderGone, reason_of

    if isinstance(escaped, ReaderGone | BrokenPipeError):
        _forget_output()
        return EXIT_UNREAD
    if caught:
        _stopped()
        return EXIT_STOPPED
    if not isinstance(escaped, OSError) or escaped.errno not in _UNWRITABLE or escaped.filename is not None:
        _report_bug(escaped)
        return EXIT_BUG
    from goalkeeper.languages import tr

    _forget_output()
    _say(tr("The output could not be written: {reason}.", reason=reason_of(escaped)))
    return EXIT_DATA


def _stopped() -> None:
    from goalkeeper.languages import tr

    _say(tr("Stopped."))


def _forget_output() -> None:
    """Let what is still to be written go nowhere, so that leaving does not fail on it again."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show(error: click.UsageError) -> None:
    """Say what is wrong with the arguments of a command, in the language that is spoken."""
    from goalkeeper.languages import ENGLISH, Shown, spoken, tr
    from goalkeeper.reporters.layout import as_it_is

    if spoken() is ENGLISH:
        shown = StringIO()
        error.show(file=shown)
        _say(_visible(shown.getvalue().rstrip("\n")))
        return
    if error.ctx is not None:
        _say(as_it_is(error.ctx.get_usage()))
    option = getattr(error, "param", None)
    if not isinstance(error.message, Shown):
        _say(tr("Error: {message}", message=error.format_message()))
    elif option is None:
        _say(tr("Error: {message}", message=error.message))
    else:
        _say(tr("Error: {option}: {message}", option=option.get_error_hint(error.ctx), message=error.message))


def _say(text: str) -> None:
    from goalkeeper.cli.surroundings import CI, surroundings
    from goalkeeper.reporters.inert import quiet
    from goalkeeper.reporters.layout import directed

    if sys.stderr is not None:
        with suppress(OSError):  # what cannot be said must not change the exit code either
            sys.stderr.write(f"{directed(quiet(text) if surroundings().ci is CI.GITHUB else text)}\n")


def _visible(text: str) -> str:
    """The lines of a text of a library, which may have what somebody typed in them."""
    from goalkeeper.unseen import visible

    return "\n".join(map(visible, text.split("\n")))


def _report_bug(escaped: BaseException) -> None:
    import traceback

    from goalkeeper.languages import tr
    from goalkeeper.unseen import visible

    place = traceback.extract_tb(escaped.__traceback__)[-1]
    what = tr(
        "goalkeeper stopped on a fault of its own: {fault} at {place}: {message}",
        fault=type(escaped).__name__,
        place=f"{Path(place.filename).name}:{place.lineno}",
        message=visible(str(escaped))[:300],
    )
    no_verdict = tr("This is no verdict about your goals. Please report it, with the goal file if you can share it.")
    if os.environ.get("GOALKEEPER_TRACEBACK"):
        more = _visible("".join(traceback.format_exception(escaped)))
    else:
        more = tr("Set GOALKEEPER_TRACEBACK=1 to see where it happened.")
    _say(f"{what}\n{no_verdict}\n{more}")
