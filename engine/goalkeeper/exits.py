"""The exit codes, fixed for good."""

EXIT_OPEN = 0
"""The gate is open: pass, warn, pending or waived."""
EXIT_CLOSED = 1
"""A goal failed, or warned with `--fail-on warn`."""
EXIT_USAGE = 2
"""The command or the goal files are invalid."""
EXIT_DATA = 3
"""The data cannot be read as it is declared."""
EXIT_INCONCLUSIVE = 4
"""Something could not be judged."""
EXIT_NOTHING = 5
"""Nothing was evaluated."""
EXIT_BUG = 70
"""A fault of goalkeeper itself, never taken for a failed goal."""
EXIT_STOPPED = 130
"""It was interrupted, by Ctrl-C; 143 where it was told to terminate."""
EXIT_UNREAD = 141
"""Nobody reads its output any more: the reader of the pipe is gone."""
