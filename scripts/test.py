"""Run all tests; look a second time, one after the other, at the few that failed while others kept the machine busy.

A test that passes alone is named as unsteady and doesn't fail the run.  What is lost or done twice after a crash may show
in one run of many: a test in a file named for crashes has to pass twice.  More than a few failures count at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
A_FEW = 8
TESTS_FAILED = 1  # pytest's exit status


def pytest(*arguments: str) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def failed() -> list[str]:
    """The tests that failed in the last run."""
    return sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []


def main(arguments: list[str]) -> int:
    FAILED.unlink(missing_ok=True)
    status = pytest(*arguments)
    first = failed()
    if status != TESTS_FAILED or not 0 < len(first) <= A_FEW:
        return status
    print(f"test: looking once more, alone, at {len(first)} that failed:", *first, sep="\n  ", flush=True)
    status = pytest(*first)
    if status == 0 and (crashes := [test for test in first if "crash" in test]):
        print("test: and once more at what is killed:", *crashes, sep="\n  ", flush=True)
        status = pytest(*crashes)
    if status == 0:
        print("test: unsteady, they pass alone:", *first, sep="\n  ", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
