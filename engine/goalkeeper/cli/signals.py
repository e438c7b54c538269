"""Ctrl-C, and being told to terminate: a run ends in good order, in the middle of a query too."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext


@contextmanager
def heeding_signals() -> Iterator[list[int]]:
    """Ends a run in good order at Ctrl-C and where it is told to terminate; gives the signals that came.

    They are remembered because libraries tell an interruption as some error of theirs, such as a file that is damaged.
    """
    caught: list[int] = []

    def stop(number: int, _frame: object) -> None:
        caught.append(number)
        raise KeyboardInterrupt

    known = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    before = {one: handler for one in known if (handler := signal.getsignal(one)) is not signal.SIG_IGN}
    for one in before:
        signal.signal(one, stop)
    try:
        with _stopping_queries() if before and os.name == "posix" else nullcontext():
            yield caught
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _stopping_queries() -> Iterator[None]:
    """Stops the query that runs when a signal comes.

    The thread that waits for a query hears of no signal before it ends, where others do the work: so another one does.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    heeding = threading.Thread(target=_stop_queries, args=(reader,), daemon=True)
    heeding.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)
        heeding.join()


def _stop_queries(reader: int) -> None:
    """Stop queries whenever a signal is written to *reader*, until nobody can write there any more."""
    with open(reader, "rb", buffering=0) as signals:
        while signals.read(1):
            engine = sys.modules.get("goalkeeper.engines.locked")  # without it no query runs
            if engine is not None:
                engine.stop_queries()
