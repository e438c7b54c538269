"""The command line: arguments in, text and an exit code out."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from goalkeeper.exits import EXIT_BUG, EXIT_DATA, EXIT_USAGE

# numpy starts a thread for each core unless it is told not to; nothing here multiplies matrices.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The model needs no plugins, and looking for them reads the metadata of every package that is installed.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code. Whatever escapes is our bug: exit 70."""
    gc.disable()  # a run makes little garbage, and looking for it costs more than keeping it
    import click

    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "standard output is closed")
        from goalkeeper.cli.commands import goalkeeper

        code = goalkeeper.main(arguments, prog_name="goalkeeper", standalone_mode=False)
    except click.exceptions.Exit as leave:
        code = leave.exit_code
    except click.UsageError as error:
        error.show()
        code = EXIT_USAGE
    except click.Abort:
        click.echo("Stopped.", err=True)
        code = 130
    except BrokenPipeError:
        # The reader of the pipe is gone, as with `| head`; the verdict stands in no output that anybody sees.
        _forget_output()
        code = 141
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            _report_bug(error)
            code = EXIT_BUG
        else:
            _forget_output()
            _say(f"The output could not be written: {(error.strerror or str(error)).lower()}.")
            code = EXIT_DATA
    except Exception as escaped:  # noqa: BLE001  a crash must not be taken for a failed goal
        _report_bug(escaped)
        code = EXIT_BUG
    gc.freeze()  # what is loaded is no garbage: leaving must not look through it either
    sys.exit(code if isinstance(code, int) else 0)


def _forget_output() -> None:
    """Let what is still to be written go nowhere, so that leaving does not fail on it again."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text + "\n")


def _report_bug(escaped: Exception) -> None:
    import traceback

    from goalkeeper.reporters.safe import safe

    place = traceback.extract_tb(escaped.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    lines = [
        f"goalkeeper stopped on a fault of its own: {type(escaped).__name__} at {where}: {safe(str(escaped))[:300]}",
        "This is no verdict about your goals. Please report it, with the goal file if you can share it.",
    ]
    if os.environ.get("GOALKEEPER_TRACEBACK"):
        lines.append("".join(traceback.format_exception(escaped)))
    else:
        lines.append("Set GOALKEEPER_TRACEBACK=1 to see where it happened.")
    _say("\n".join(lines))
