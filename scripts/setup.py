"""Sets the workspace up: `.venv`, the locked dependencies, our own distributions, the pages, the model.

Standard library only: it runs before anything is installed.  Each step leaves a stamp of what it was made from when
it is done, and is skipped while the stamp still holds; so it can be interrupted anywhere and run again.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / ".hookline"
PYTHON = VENV / "bin" / "python"
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"  # the same and more
NO_MODEL = (1, 3)  # what `hookline model fetch` exits with where the model can't be made, or downloaded
NPM = ("sh", str(ROOT / "scripts" / "npm.sh"))
PIP = (str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input")


class SetupError(Exception):
    """A step could not be done; the text says which, why, and what to do."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def digest(paths: Iterable[Path], *more: str) -> str:
    """A hash of the files' names and contents, and of some strings."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    for text in more:
        total.update(text.encode() + b"\0")
    return total.hexdigest()


def stamped(step: str, value: str) -> bool:
    try:
        return (STAMPS / step).read_text() == value
    except OSError:
        return False


def stamp(step: str, value: str) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    fresh = STAMPS / f"{step}.new"
    fresh.write_text(value)
    fresh.replace(STAMPS / step)


# -- what each step is made from -----------------------------------------------------------------------------------


def members(*, run: bool) -> list[Path]:
    """The folders of our distributions, the core first; those made for tests are left out for running."""
    places = ("plugins", "tenants", *(() if run else ("tests/plugins",)))
    found = [sorted(path.parent for path in (ROOT / place).glob("*/pyproject.toml")) for place in places]
    return [ROOT / "core", *(folder for folders in found for folder in folders)]


def frontends() -> list[Path]:
    """The folders of pages; building them fills the `static/` of the core and of their plugins."""
    found = [ROOT / "core/frontend/package.json", *(ROOT / "plugins").glob("*/frontend/package.json")]
    return sorted(path.parent for path in found if path.exists())


def npm_files() -> list[Path]:
    """What decides which npm packages are installed."""
    return [ROOT / "package.json", ROOT / "package-lock.json", *(folder / "package.json" for folder in frontends())]


def pages_value() -> str:
    found = npm_files()
    for folder in (ROOT / "web", *frontends()):
        for path in folder.rglob("*"):
            if path.is_file() and "node_modules" not in path.relative_to(folder).parts:
                found.append(path)
    return digest(set(found))


def pages_ready() -> bool:
    built = [path.parent / "static" for folder in frontends() for path in folder.parent.glob("src/*/py.typed")]
    whole = all(folder.is_dir() and any(folder.iterdir()) for folder in built)
    return not frontends() or (whole and stamped("pages", pages_value()))


def python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def requirements_value(lock: Path) -> str:
    return digest([lock], python_version())


def requirements_ready(*, run: bool) -> bool:
    """Whether what developing needs is installed, or at least (run) what running needs."""
    return any(stamped("requirements", requirements_value(lock)) for lock in (DEV_LOCK, *([RUN_LOCK] if run else [])))


def packages_value(folders: Iterable[Path]) -> str:
    return digest([folder / "pyproject.toml" for folder in folders], str(ROOT), python_version())


def packages_ready(*, run: bool) -> bool:
    """Whether all our distributions are installed, or at least (run) those that running needs."""
    wanted = (members(run=False), *([members(run=True)] if run else []))
    return any(stamped("packages", packages_value(folders)) for folders in wanted)


def model_ready(*, once: bool) -> bool:
    """Whether the model that the last successful fetch named is still there, or (once) was asked for in vain."""
    try:
        named = (STAMPS / "model").read_text()
    except OSError:
        return False
    return Path(named).is_dir() if named else once


def ready(*, run: bool, once: bool) -> bool:
    return (
        Path(sys.prefix).resolve() == VENV.resolve()
        and stamped("root", str(ROOT))
        and requirements_ready(run=run)
        and packages_ready(run=run)
        and pages_ready()
        and model_ready(once=once)
    )


# -- the steps -----------------------------------------------------------------------------------------------------


def run(command: Iterable[str], failure: str, *, quiet: bool = False) -> None:
    """Run a program; its output is shown (quiet: only if it fails).  A failure becomes a SetupError with that text."""
    output = subprocess.PIPE if quiet else None
    result = subprocess.run(
        list(command), check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode < 0:
        raise KeyboardInterrupt
    if result.returncode:
        print(result.stdout or "", end="", file=sys.stderr)
        raise SetupError(failure)


def venv_works() -> bool:
    """Whether `.venv` was made here, for this place, and is whole."""
    try:
        made_for = re.search(r"^command = .* -m venv (?:--\S+ )*(.+)$", (VENV / "pyvenv.cfg").read_text(), re.MULTILINE)
    except OSError:
        return False
    here = stamped("root", str(ROOT)) or (made_for is not None and made_for[1].strip() == str(VENV))
    probe = [str(PYTHON), "-I", "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    try:
        return here and subprocess.run(probe, check=False, capture_output=True).returncode == 0
    except OSError:  # its Python is gone
        return False


def make_venv() -> None:
    if not venv_works():
        if VENV.exists():
            say("making .venv anew: it is incomplete, or was made in another folder or by a Python that is gone")
            shutil.rmtree(VENV)
        else:
            say(f"making .venv with Python {python_version()}")
        try:
            venv.EnvBuilder(with_pip=True).create(VENV)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SetupError(f"could not make {VENV}: {error}") from error
    stamp("root", str(ROOT))


def venv_python_version() -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([str(PYTHON), "-I", "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def install_requirements(*, run_only: bool) -> None:
    if requirements_ready(run=run_only):
        return
    lock = RUN_LOCK if run_only else DEV_LOCK
    count = sum(1 for line in lock.read_text().splitlines() if "==" in line and not line.startswith((" ", "#")))
    say(f"installing {count} locked packages")
    # An earlier run that was cut off may have left packages without the record that replacing them needs.
    unfinished = STAMPS / "unfinished"
    heal = ["--ignore-installed"] if unfinished.exists() else []
    unfinished.touch()
    run(
        [
            *PIP,
            "install",
            "--quiet",
            "--progress-bar=off",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            *heal,
            "-r",
            str(lock),
        ],
        "the locked packages could not be installed; the first set-up needs a package index (see pip's message "
        "above). Run it again when it can be reached: what was done is kept.",
    )
    unfinished.unlink()
    stamp("requirements", requirements_value(lock))


def install_packages(*, run_only: bool) -> None:
    if packages_ready(run=run_only):
        return
    folders = members(run=run_only)
    say("installing " + ", ".join(str(folder.relative_to(ROOT)) for folder in folders))
    gone = sorted(set(installed_from_here()) - {name_of(folder) for folder in members(run=False)})
    if gone:
        run([*PIP, "uninstall", "--quiet", "--yes", *gone], f"could not uninstall {', '.join(gone)}")
    options = [option for folder in folders for option in ("-e", str(folder))]
    run(
        [*PIP, "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", *options],
        "our own distributions could not be installed (see pip's message above)",
    )
    stamp("packages", packages_value(folders))


def installed_from_here() -> Iterator[str]:
    """Names of the distributions that are installed as editable from somewhere in this workspace."""
    for record in VENV.glob("lib/python*/site-packages/*.dist-info/direct_url.json"):
        with contextlib.suppress(ValueError, KeyError):
            if json.loads(record.read_text())["url"].startswith(ROOT.as_uri() + "/"):
                yield record.parent.name.split("-")[0].replace("_", "-")


def name_of(folder: Path) -> str:
    found = re.search(r'^name = "([^"]+)"', (folder / "pyproject.toml").read_text(), re.MULTILINE)
    if found is None:
        raise SetupError(f'{folder / "pyproject.toml"} has no line name = "…"')
    return found[1]


def build_pages() -> None:
    if pages_ready():
        return
    say("building the pages of " + ", ".join(folder.parent.name for folder in frontends()))
    value, packages = pages_value(), digest(npm_files())
    if not stamped("npm", packages) or not (ROOT / "node_modules" / ".package-lock.json").exists():
        failure = "what builds the pages could not be installed; the first time needs the npm registry (see above)"
        run([*NPM, "ci", "--no-audit", "--no-fund", "--loglevel=error"], failure, quiet=True)
        stamp("npm", packages)
    run([*NPM, "run", "--silent", "build"], "the pages could not be built (see above)", quiet=True)
    stamp("pages", value)


def fetch_model(*, once: bool) -> None:
    if model_ready(once=once):
        return
    command = [str(VENV / "bin" / "hookline"), "model", "fetch"]
    result = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    print(result.stdout, end="", flush=True)
    named = re.search(r" at (/.+)$", result.stdout.strip())
    if result.returncode == 0 and named:
        stamp("model", named[1])
    elif result.returncode in NO_MODEL:
        say("going on without the embedding model; make setup tries again")
        stamp("model", "")
    else:
        raise SetupError(f"`hookline model fetch` failed with status {result.returncode} (see above)")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait while another setup of this workspace runs (two terminals, `make -j`)."""
    with Path(__file__).open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another setup of this folder to finish")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ready", action="store_true", help="only say, by the exit status, whether all is done")
    parser.add_argument("--run", action="store_true", help="only what running needs, no tools")
    parser.add_argument("--once", action="store_true", help="do not fetch the model again after a try in vain")
    parser.add_argument("--web", action="store_true", help="build the pages even if they seem up to date")
    arguments = parser.parse_args()
    if arguments.ready:
        return 0 if not arguments.web and ready(run=arguments.run, once=arguments.once) else 1
    started = time.monotonic()
    try:
        with alone():
            make_venv()
            if Path(sys.prefix).resolve() != VENV.resolve() and venv_python_version() != python_version():
                # .venv was made by another Python than the one found now; what is stamped is about that one.
                os.execv(PYTHON, [str(PYTHON), "-I", __file__, *sys.argv[1:]])  # noqa: S606 - our own arguments
            install_requirements(run_only=arguments.run)
            install_packages(run_only=arguments.run)
            if arguments.web:
                (STAMPS / "pages").unlink(missing_ok=True)
            build_pages()
            fetch_model(once=arguments.once)
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsetup: interrupted; run it again to go on", file=sys.stderr)
        return 130
    say(f"done in {time.monotonic() - started:.0f} s; the command is .venv/bin/hookline")
    return 0


if __name__ == "__main__":
    sys.exit(main())
