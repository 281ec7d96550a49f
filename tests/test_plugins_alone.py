"""Each plugin's wheel works with the core alone: what it imports it also requires, and it needs no other plugin.

Everything is installed offline, from wheels put together from what is installed here.  With HOOKLINE_MATRIX=full
(as in CI) each plugin gets an environment of its own; otherwise only the first.
"""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hookline.check import find_folders

ROOT = Path(__file__).parent.parent
FOLDERS = {folder.name: folder for folder in find_folders(sorted((ROOT / "plugins").glob("*[a-z0-9]")))}
NAMES = sorted(FOLDERS) if os.environ.get("HOOKLINE_MATRIX") == "full" else sorted(FOLDERS)[:1]

LOAD = """
from importlib.metadata import entry_points
from hookline.plugin import Plugin
[point] = entry_points(group="hookline.plugins")
plugin = point.load()
assert isinstance(plugin, Plugin), plugin
print(point.name, plugin.name)
"""


def run(*command, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert result.returncode == 0, f"{command[0]} said:\n{result.stdout}{result.stderr}"
    return result.stdout


def requirements(project):
    """What a project needs on this machine, without extras of its own."""
    for line in tomllib.loads((project / "pyproject.toml").read_text())["project"]["dependencies"]:
        yield Requirement(line)


def closure(wanted):
    """The installed distributions that the requirements lead to."""
    found, waiting = {}, list(wanted)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name.startswith("hookline") or (name in found and not requirement.extras):
            continue
        found[name] = metadata.distribution(name)
        for line in found[name].requires or ():
            needed = Requirement(line)
            extras = requirement.extras or {""}
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(needed)
    return found


def repack(distribution, folder):
    """Put an installed distribution back into a wheel."""
    tags = [
        line.removeprefix("Tag: ").split("-")
        for line in distribution.read_text("WHEEL").splitlines()
        if "Tag: " in line
    ]
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags, strict=True))
    name = canonicalize_name(distribution.name).replace("-", "_")
    info = distribution._path.name
    record = []
    with zipfile.ZipFile(folder / f"{name}-{distribution.version}-{tag}.whl", "w") as wheel:
        for file in distribution.files:
            outside = ".." in file.parts or file.suffix == ".pyc"
            if outside or (
                file.parts[0] == info and file.name in {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
            ):
                continue
            content = file.locate().read_bytes()
            wheel.writestr(str(file), content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{file},sha256={digest},{len(content)}")
        wheel.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]))


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheelhouse")
    projects = [ROOT / "core", *(FOLDERS[name].path for name in NAMES)]
    for project in projects:
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=project)
    for distribution in closure(need for project in projects for need in requirements(project)).values():
        repack(distribution, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_plugins_wheel_installs_loads_and_is_in_shape_with_the_core_alone(name, wheelhouse, tmp_path):
    folder = FOLDERS[name]
    place = tmp_path / "environment"
    venv.create(place, symlinks=True)
    python = place / "bin" / "python"

    offline = ["--offline", "--no-config", "--no-index", "--find-links", wheelhouse, "--cache-dir", tmp_path / "cache"]
    run(sys.executable, "-m", "uv", "pip", "install", "--python", python, *offline, folder.distribution)
    loaded = run(python, "-I", "-W", "error", "-c", LOAD)
    checked = run(place / "bin" / "hookline", "check", folder.path)

    assert loaded == f"{name} {name}\n"
    assert checked == f"1 plugin folder checked: {name}\n"


def test_a_plugins_wheel_carries_its_types_pages_and_migrations(wheelhouse):
    for name in NAMES:
        folder = FOLDERS[name]
        [path] = wheelhouse.glob(f"{folder.package}-*.whl")
        inside = set(zipfile.ZipFile(path).namelist())
        there = {str(file.relative_to(folder.path / "src")) for file in folder.source.rglob("*") if file.is_file()}

        assert {file for file in there if "__pycache__" not in file} <= inside
