"""`hookline new plugin NAME`: a plugin folder of the one shape, which passes all checks and its own tests at once."""

from __future__ import annotations

import shutil
import string
import tempfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from . import models
from .check import NAME, workspace

TEMPLATE = "plugin_template"
SUFFIX = ".txt"  # of the template's files, so that no tool takes them for code
TAKEN = ("core", "hookline", "testing", "tenant")
LONGEST = 30  # names of tables begin with it, and PostgreSQL's end at 63 characters


class InvalidName(click.ClickException):
    """The name can't be that of a plugin; the text says why and shows one that can."""


STANDALONE = """
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "function"
"""  # what a plugin's tests have from the workspace when they are in one


def check_name(name: str) -> None:
    """Raise InvalidName unless a plugin can be called that."""
    near = "_".join(part for part in "".join(c.lower() if c.isalnum() and c.isascii() else " " for c in name).split())
    near = near.lstrip("0123456789_")[:LONGEST].rstrip("_")
    instead = f"; {near!r} would do" if near and near != name and NAME.fullmatch(near) else ""
    if name.startswith(("hookline_", "hookline-", "tenant_", "tenant-")):
        raise InvalidName(f"{name!r}: the name is the plugin's alone, the prefix is added; leave it out")
    if not NAME.fullmatch(name):
        raise InvalidName(
            f"{name!r} is no plugin name: small letters, digits and single underscores, a letter first{instead}"
        )
    if len(name) > LONGEST:
        raise InvalidName(f"{name!r} is too long: its tables begin with it; at most {LONGEST} characters{instead}")
    if name in TAKEN or any(table.startswith(f"{name}_") for table in models.metadata.tables):
        raise InvalidName(f"{name!r} already means something in Hookline; take another word")


def render(name: str) -> dict[str, str]:
    """The files of a new plugin: path below its folder, and text."""
    title = name.replace("_", " ").capitalize()
    values = {
        "name": name,
        "title": title,
        "package": f"hookline_{name}",
        "distribution": f"hookline-{name.replace('_', '-')}",
    }
    files = {}
    for path, entry in walk(resources.files("hookline") / TEMPLATE):
        target = path.removesuffix(SUFFIX).replace("PACKAGE", values["package"])
        files[target] = string.Template(entry.read_text(encoding="utf-8")).substitute(values)
    return files


def walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    """All files below the folder with their paths, in order."""
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(SUFFIX):
            yield f"{prefix}{entry.name}", entry


def write_plugin(name: str, parent: Path) -> Path:
    """Make the plugin's folder in `parent` and return it; there is either a whole one or none.

    Raises InvalidName, and `click.ClickException` where the folder can't be made.
    """
    check_name(name)
    folder = parent / name
    files = render(name)
    if workspace(parent.absolute()) is None:
        files["pyproject.toml"] += STANDALONE
    if folder.exists():
        raise click.ClickException(f"{folder} is already there; choose another name, or remove it first")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=parent) as draft:
            for path, text in files.items():
                target = Path(draft) / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            shutil.move(Path(draft) / name, folder)
    except OSError as error:
        raise click.ClickException(
            f"{folder} can't be made: {error.strerror or error}; name another place with --folder"
        ) from error
    return folder


@click.group("new")
def new_group() -> None:
    """Make something new of a given shape."""


@new_group.command("plugin")
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to make the plugin's folder; else plugins/ of the workspace.",
)
def new_plugin(name: str, folder: Path | None) -> None:
    """Make the folder of a plugin NAME that passes `hookline check` and its own tests."""
    root = workspace(Path.cwd())
    if folder is None and root is None:
        raise click.ClickException("no folder plugins/ here or above; say where: hookline new plugin NAME --folder DIR")
    made = write_plugin(name, folder if folder is not None else Path(str(root)) / "plugins")
    click.echo(f"made {made}")
    click.echo(f"install it:  python -m pip install -e {made}   (in this workspace: make setup)")
    click.echo(f'turn it on:  add "{name}" to the plugins in a tenant.toml')
    click.echo(f"try it:      python -m pytest {made}")
