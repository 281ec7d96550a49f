"""Makes the locks from the pyprojects of all our distributions and the groups of the workspace's; `make lock` calls it.

requirements.lock is what running needs, requirements-dev.lock that and what developing needs, at the same versions.
Both are for every platform and Python that we support, have hashes and no index address.  Of the optional extras only
those named here are locked: others (torch) are too large for everybody.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN_EXTRAS = ("postgresql",)
DEV_EXTRAS = ("test", "testing", "bedrock", "twilio", "whisper")


def requirements(groups: tuple[str, ...], extras: tuple[str, ...]) -> str:
    """What our distributions ask for with these extras, less themselves, and the groups."""
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {line for group in groups for line in workspace["dependency-groups"][group]}
    folders = [path for place in ("plugins", "tenants") for path in ROOT.glob(f"{place}/*/pyproject.toml")]
    for path in [ROOT / "core" / "pyproject.toml", *folders]:
        content = tomllib.loads(path.read_text())
        wanted |= {*content["build-system"]["requires"], *content["project"].get("dependencies", ())}
        optional = content["project"].get("optional-dependencies", {})
        wanted |= {line for extra in extras for line in optional.get(extra, ())}
    return "\n".join(sorted(line for line in wanted if not line.startswith("hookline")))


def compile_lock(name: str, wanted: str, *options: str) -> None:
    """Resolve for all platforms and write the lock."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "-", "--output-file", name, *options]
    command += ["--generate-hashes", "--universal", "--python-version", "3.11"]
    command += ["--no-emit-index-url", "--no-header", "--no-annotate", "--quiet"]
    subprocess.run(command, check=True, cwd=ROOT, input=wanted, text=True)


def main() -> None:
    all_extras = (*RUN_EXTRAS, *DEV_EXTRAS)
    compile_lock("requirements-dev.lock", requirements(("setup", "dev"), all_extras), *sys.argv[1:])
    same = ("--constraint", "requirements-dev.lock")
    compile_lock("requirements.lock", requirements(("setup",), RUN_EXTRAS), *same, *sys.argv[1:])


if __name__ == "__main__":
    main()
