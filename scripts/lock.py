"""Makes requirements.lock from the pyprojects of all our distributions and the group `dev`; `make lock` calls this.

The lock is for every platform and Python that we support, has hashes and no index address.  Of the optional extras
only those named here are locked: others (torch) are too large for everybody.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ("postgresql", "testing")


def requirements() -> list[str]:
    """What our distributions ask for, less our distributions themselves."""
    wanted = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"])
    for path in [
        ROOT / "core/pyproject.toml",
        *ROOT.glob("plugins/*/pyproject.toml"),
        *ROOT.glob("tenants/*/pyproject.toml"),
    ]:
        project = tomllib.loads(path.read_text())
        wanted |= set(project["project"].get("dependencies", ()))
        wanted |= set(project["build-system"]["requires"])
        for extra in EXTRAS:
            wanted |= set(project["project"].get("optional-dependencies", {}).get(extra, ()))
    return sorted(line for line in wanted if not line.startswith("hookline"))


def main() -> int:
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "-",
        "--output-file",
        "requirements.lock",
        "--generate-hashes",
        "--universal",
        "--python-version",
        "3.11",
        "--no-emit-index-url",
        "--no-header",
        "--no-annotate",
        "--quiet",
        *sys.argv[1:],
    ]  # fmt: skip - one option with its value reads better than one word a line
    return subprocess.run(command, check=False, cwd=ROOT, input="\n".join(requirements()), text=True).returncode


if __name__ == "__main__":
    sys.exit(main())
