"""Runs all linters, shows what each found, and fails if one did; `make lint` calls this."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


def sources() -> list[str]:
    """The source folders of our distributions; mypy checks them and finds imports in them."""
    patterns = ("core/src", "plugins/*/src", "tenants/*/src")
    found = [path for pattern in patterns for path in sorted(ROOT.glob(pattern)) if any(path.glob("*/*.py"))]
    return [str(path.relative_to(ROOT)) for path in found]


def commands() -> list[list[str]]:
    """Each linter's command."""
    python = str(BIN / "python")
    return [
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "mypy", *sources(), "scripts"],
        [str(BIN / "hookline"), "check"],
        ["sh", "scripts/npm.sh", "run", "--silent", "check"],
    ]


def main() -> int:
    failed = []
    variables = os.environ | {"MYPYPATH": os.pathsep.join(sources())}
    for command in commands():
        name = " ".join(Path(word).name if word.startswith(str(ROOT)) else word for word in command[:4] if word != "-m")
        started = time.monotonic()
        result = subprocess.run(
            command, check=False, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        mark = "ok" if result.returncode == 0 else "FAILED"
        print(f"lint: {name}: {mark} ({time.monotonic() - started:.1f} s)", flush=True)
        if result.returncode:
            print(result.stdout + result.stderr, end="", flush=True)
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
