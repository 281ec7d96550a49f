"""`make setup` on machines that lack something, and when everything is done."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def clone(tmp_path):
    """A fresh clone as far as finding a Python goes, in a folder with a space in its name."""
    folder = tmp_path / "a fresh clone"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    return folder


def pretend(clone, name, start):
    """Put a Python of that name on the PATH whose programs run these lines first."""
    path = clone.parent / "bin" / name
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$1" "$2" "{start}\n$3"\n')
    path.chmod(0o755)


def setup(clone, **variables):
    environment = {"PATH": str(clone.parent / "bin"), **variables}
    return subprocess.run(["/bin/sh", "scripts/setup.sh"], cwd=clone, env=environment, capture_output=True, text=True)


def test_without_any_python_the_system_packages_are_named(clone):
    result = setup(clone)

    assert result.returncode == 1
    assert result.stderr == (
        "setup: no Python found. Install the system packages python3 (3.11 or newer) and python3-venv, "
        "then run make again.\n"
    )


def test_with_an_old_python_alone_the_needed_version_is_named(clone):
    pretend(clone, "python3", "import sys; sys.version_info = (3, 9, 2)")

    result = setup(clone)

    assert result.returncode == 1
    assert result.stderr == (
        "setup: Hookline needs Python 3.11 or newer; python3 is 3.9. Install the system packages python3.11 and "
        "python3.11-venv or newer, or name one: make setup PYTHON=/path/to/python3.12\n"
    )


def test_where_ensurepip_is_missing_its_system_package_is_named(clone):
    pretend(clone, "python3.11", "import sys; sys.version_info = (3, 11, 2); sys.modules['ensurepip'] = None")

    result = setup(clone)

    assert result.returncode == 1
    assert result.stderr == (
        "setup: python3.11 lacks ensurepip. Install the system package python3.11-venv (Debian, Ubuntu: apt install "
        "python3.11-venv; elsewhere: a complete Python 3.11), then run make again.\n"
    )


def test_a_python_that_is_named_and_not_there_is_not_replaced_by_another(clone):
    pretend(clone, "python3", "")

    result = setup(clone, PYTHON="/nowhere/python3.12")

    assert result.returncode == 1
    assert result.stderr.startswith("setup: no Python found at /nowhere/python3.12.")


def test_the_first_python_that_fits_is_taken(clone):
    (clone / "scripts/setup.py").write_text("import sys; print('set up by', sys.argv[0])\n")
    pretend(clone, "python3.12", "import sys; sys.exit('it does not even run')")
    pretend(clone, "python3.11", "import sys; sys.version_info = (3, 11, 2); sys.modules['ssl'] = None")
    (clone.parent / "bin" / "python3").symlink_to(sys.executable)

    result = setup(clone)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "set up by scripts/setup.py\n"


# -- the set-up itself, of a workspace with one locked package and one distribution ------------------------------------

BACKEND = """
import zipfile

def build_editable(folder, settings=None, metadata=None):
    name = "hookline-0.1.0-py3-none-any.whl"
    info = "hookline-0.1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("command.py", "import sys\\nprint('fetching')\\nmain = lambda: 3\\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: hookline\\nVersion: 0.1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\\nhookline = command:main\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "a small workspace"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    core = folder / "core"
    core.mkdir()
    (core / "backend.py").write_text(BACKEND)
    (core / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "hookline"\nversion = "0.1.0"\n'
    )
    wheel = tmp_path / "wheels" / "sample-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("sample.py", "")
        archive.writestr("sample-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
        archive.writestr(
            "sample-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("sample-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (folder / lock).write_text(f"sample==1.0 \\\n    --hash=sha256:{digest}\n")
    return folder


def set_up(folder):
    wheels = str(folder.parent / "wheels")
    variables = {"PYTHON": sys.executable, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels, "PIP_CONFIG_FILE": os.devnull}
    command = ["/bin/sh", "scripts/setup.sh"]
    return subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, text=True)


def ready(folder):
    command = [folder / ".venv/bin/python", "-I", "scripts/setup.py", "--ready", "--once"]
    return subprocess.run(command, cwd=folder, env=os.environ).returncode == 0


@pytest.mark.slow
def test_an_interrupted_set_up_is_mended_by_running_it_again(small):
    (small / ".venv/bin").mkdir(parents=True)  # cut off while the environment was made
    (small / ".venv/pyvenv.cfg").write_text("home = /usr/bin\n")

    first = set_up(small)

    assert (first.returncode, first.stderr) == (0, "")
    assert [line.partition(" in ")[0] for line in first.stdout.splitlines()] == [
        "setup: making .venv anew: it is incomplete, or was made",
        "setup: installing 1 locked packages",
        "setup: installing core",
        "fetching",
        "setup: going on without the embedding model; make setup tries again",
        "setup: done",
    ]
    assert ready(small)

    # Cut off while packages were installed: one has lost its files and the record that replacing it needs.
    [record] = small.glob(".venv/lib/python*/site-packages/sample-*/RECORD")
    record.unlink()
    (record.parent.parent / "sample.py").unlink()
    (small / ".venv/.hookline/requirements").unlink()
    (small / ".venv/.hookline/unfinished").touch()

    second = set_up(small)

    assert (second.returncode, second.stderr) == (0, "")
    assert record.exists()
    assert (record.parent.parent / "sample.py").exists()
    assert ready(small)

    # The folder was moved: scripts in it still name the old place.
    moved = small.rename(small.parent / "elsewhere")

    assert not ready(moved)
    third = set_up(moved)

    assert "setup: making .venv anew: it is incomplete, or was made in another folder" in third.stdout
    assert (third.returncode, ready(moved)) == (0, True)


@pytest.mark.slow
def test_a_locked_package_that_is_not_what_was_locked_stops_the_set_up(small):
    lock = small / "requirements-dev.lock"
    lock.write_text(lock.read_text().replace("sha256:", "sha256:0")[:-2] + "\n")

    result = set_up(small)

    assert result.returncode == 1
    assert "setup: the locked packages could not be installed" in result.stderr
    assert not ready(small)
