"""Run the fuzzers: `python -m tests.fuzz SECONDS [formula] [document]`, each for so many seconds, one after another.

Ends with 1 when something was found, whose bytes are then in a file that is named, and with 2 when atheris is not there.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.targets import TARGETS, seeds

MISSING = """
!! THE FUZZERS DID NOT RUN: atheris is not installed.
!! It has wheels for Linux: python -m pip install -e ".[fuzz]"
"""


def fuzz(name: str, seconds: int) -> bool:
    """Whether a fuzzer found nothing in so many seconds; says how often it tried."""
    found = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    corpus = found / "corpus"
    corpus.mkdir()
    for seed in seeds(name):
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    limits = ["-timeout=30", "-rss_limit_mb=2048", "-max_len=4096", "-print_final_stats=1", "-verbosity=1"]
    command = [sys.executable, str(Path(__file__).parent / "run.py"), name, str(corpus), f"-max_total_time={seconds}"]
    done = subprocess.run(
        [*command, *limits, f"-artifact_prefix={found}/"], capture_output=True, text=True, errors="replace", check=False
    )
    tried = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    if done.returncode == 0 and tried:
        print(f"{name}: {int(tried[1]):,} tries in {seconds} s, nothing found")
        return True
    print(done.stdout[-2000:], done.stderr[-4000:])
    print(
        f"{name}: ended with {done.returncode} after {tried[1] if tried else 'no'} tries; what it tried is in {found}"
    )
    return False


def main() -> int:
    """Run those that are named, or all."""
    if find_spec("atheris") is None:
        print(MISSING)
        return 2
    seconds, *names = sys.argv[1:] or ["10"]
    clean = [fuzz(name, int(seconds)) for name in names or TARGETS]
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
