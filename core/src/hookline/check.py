"""`hookline check`: is every plugin folder of the one shape that newcomers and tools can rely on?

Each problem is one line: file and line, what is wrong, what to do.  Files and layout are looked at here, source
code in `codecheck`, the imported plugin with its tables and migrations in `plugincheck`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*([^;]*)")
GENERATED = ("__pycache__", "node_modules", "dist", "build")
EMPTY_NAMES = ("utils", "util", "helpers", "common", "manager", "base", "misc")
TOP = ("pyproject.toml", "README.md", "src", "tests", "frontend")
PACKAGE_FOLDERS = ("migrations", "static", "locales", "prompts")
REQUIRED = ("pyproject.toml", "README.md")
REQUIRED_IN_PACKAGE = ("__init__.py", "hooks.py", "py.typed")
REQUIRED_TESTS = ("test_contract.py", "test_hooks.py")


@attrs.frozen
class Problem:
    """Something in a plugin folder that is not as it must be; its text is one line."""

    path: Path
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{shown(self.path)}:{self.line}: {self.what}; {self.remedy}"


@attrs.frozen
class Folder:
    """A plugin's folder and the names that follow from it: `plugins/rag` or a tenant's own code, `tenants/telecom`."""

    path: Path

    @property
    def tenant(self) -> bool:
        """Whether it is a tenant's own code: the tenant's files lie beside it."""
        return (self.path / "tenant.toml").exists() or self.path.parent.name == "tenants"

    @property
    def made_for_tests(self) -> bool:
        """Whether it is one of `tests/plugins`, which the tests around it use and test."""
        return self.path.parent.parent.name == "tests"

    @property
    def name(self) -> str:
        """The plugin's name, as in `plugins = [...]`."""
        return f"tenant_{self.path.name}" if self.tenant else self.path.name

    @property
    def package(self) -> str:
        """The name of its Python package."""
        return self.name if self.tenant else f"hookline_{self.name}"

    @property
    def distribution(self) -> str:
        """The name under which it is installed."""
        return self.package.replace("_", "-")

    @property
    def source(self) -> Path:
        """The folder of its Python package."""
        return self.path / "src" / self.package

    def modules(self) -> list[Path]:
        """Its Python files, tests included."""
        found = [*self.path.glob("src/**/*.py"), *self.path.glob("tests/**/*.py")]
        return sorted(path for path in found if not set(path.parts) & set(GENERATED))


def shown(path: Path) -> str:
    """The path as a person in the current folder would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def workspace(start: Path) -> Path | None:
    """The nearest folder at or above `start` that has a `plugins` folder; None where there is none."""
    return next((folder for folder in (start, *start.parents) if (folder / "plugins").is_dir()), None)


def find_folders(paths: Sequence[Path]) -> list[Folder]:
    """The plugin folders meant: those named, or all of the workspace.

    Raises `click.ClickException` for a path that is no plugin's folder, and where there is no workspace to look at.
    """
    if paths:
        for path in paths:
            if not path.is_dir():
                raise click.ClickException(f"{path} is no folder; name a plugin's folder, such as plugins/rag")
        return [Folder(path.resolve()) for path in paths]
    here = Path.cwd()
    if (here / "pyproject.toml").exists() and (here / "src").is_dir() and workspace(here) is None:
        return [Folder(here)]
    root = workspace(here)
    if root is None:
        raise click.ClickException("no folder plugins/ here or above; name the plugin's folder: hookline check FOLDER")
    plugins = [path for path in (root / "plugins").iterdir() if path.is_dir() and not path.name.startswith((".", "_"))]
    others = [path.parent for place in ("tenants", "tests/plugins") for path in root.glob(f"{place}/*/pyproject.toml")]
    return [Folder(path) for path in sorted(plugins) + sorted(others)]


def visible(folder: Path) -> Iterator[Path]:
    """The entries that somebody put there, less caches and build outputs."""
    for path in sorted(folder.iterdir()):
        if not (path.name.startswith(".") or path.name in GENERATED or path.suffix == ".egg-info"):
            yield path


def check_shape(folder: Folder) -> Iterator[Problem]:
    """Files that must be there, and files that must not."""
    if not NAME.fullmatch(folder.path.name):
        yield Problem(
            folder.path,
            1,
            f"{folder.path.name!r} is no plugin name",
            "use small letters, digits and single underscores",
        )
    tests = [*REQUIRED_TESTS, *(["test_service.py"] if (folder.source / "service.py").exists() else [])]
    if folder.made_for_tests:
        tests = []
    wanted = [
        *(folder.path / name for name in REQUIRED),
        *(folder.source / name for name in REQUIRED_IN_PACKAGE),
        *(folder.path / "tests" / name for name in tests),
    ]
    for path in wanted:
        if not path.exists():
            yield Problem(path, 1, "is missing", "every plugin has it; `hookline new plugin` shows what goes into it")
    if not folder.tenant:
        for path in visible(folder.path):
            if path.name not in TOP:
                yield Problem(path, 1, "does not belong here", f"a plugin's folder holds {', '.join(TOP)}")
    if (folder.path / "src").is_dir():
        for path in visible(folder.path / "src"):
            if path != folder.source:
                yield Problem(path, 1, "does not belong here", f"src holds the package {folder.package} alone")
    if folder.source.is_dir():
        yield from check_package(folder)


def check_package(folder: Folder) -> Iterator[Problem]:
    """What lies in the package: modules named by a noun, and the folders with fixed names."""
    for path in visible(folder.source):
        if path.is_dir() and path.name not in PACKAGE_FOLDERS:
            remedy = f"a package is flat; its folders are {', '.join(PACKAGE_FOLDERS)}"
            yield Problem(path, 1, "does not belong here", remedy)
        elif (
            path.is_file() and path.suffix != ".py" and path.name != "py.typed" and not path.with_suffix(".py").exists()
        ):
            remedy = f"data lies beside the module that bears its name, or in {', '.join(PACKAGE_FOLDERS[1:])}"
            yield Problem(path, 1, "belongs to no module", remedy)
        elif path.stem in EMPTY_NAMES:
            yield Problem(path, 1, f"{path.stem!r} says nothing", "name the module after the one thing it holds")


def check_pyproject(folder: Folder) -> Iterator[Problem]:
    """Names, entry point and the ranges of the dependencies."""
    path = folder.path / "pyproject.toml"
    if not path.exists():
        return
    text = path.read_text(encoding="utf-8")
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        yield Problem(path, 1, f"is no TOML: {error}", "mend it")
        return

    def at(key: str) -> int:
        return next((n for n, line in enumerate(text.splitlines(), 1) if key in line), 1)

    project = content.get("project", {})
    if project.get("name") != folder.distribution:
        what = f"the distribution is named {project.get('name')!r}"
        yield Problem(path, at("name ="), what, f'write name = "{folder.distribution}"')
    wanted = {folder.name: f"{folder.package}:plugin"}
    if project.get("entry-points", {}).get("hookline.plugins") != wanted:
        given = project.get("entry-points", {}).get("hookline.plugins")
        remedy = f'write [project.entry-points."hookline.plugins"] with {folder.name} = "{folder.package}:plugin"'
        yield Problem(path, at("entry-points"), f"the entry point is {given}", remedy)
    if "requires-python" not in project:
        yield Problem(path, at("[project]"), "requires-python is missing", 'write requires-python = ">=3.11"')
    wheel = content.get("tool", {}).get("hatch", {}).get("build", {}).get("targets", {}).get("wheel", {})
    if wheel.get("packages") != [f"src/{folder.package}"]:
        remedy = f'write [tool.hatch.build.targets.wheel] with packages = ["src/{folder.package}"]'
        yield Problem(path, at("packages"), f"the wheel holds {wheel.get('packages')}", remedy)
    pages = f"src/{folder.package}/static"
    if (folder.path / "frontend").is_dir() and not any(name.startswith(pages) for name in wheel.get("artifacts", ())):
        what = "the wheel leaves out the built pages, which git ignores"
        yield Problem(path, at("packages"), what, f'write artifacts = ["{pages}/**"] below packages')
    yield from check_dependencies(path, project, at)


def check_dependencies(path: Path, project: dict[str, Any], at: Any) -> Iterator[Problem]:
    """Each has a range, the core is among them, and no other plugin is."""
    required = project.get("dependencies", [])
    names = {matched[1].lower() for line in required if (matched := REQUIREMENT.match(line))}
    if "hookline" not in names:
        yield Problem(path, at("dependencies"), "does not depend on hookline", 'add "hookline" to dependencies')
    optional = project.get("optional-dependencies", {}).values()
    for line in [*required, *(line for extra in optional for line in extra)]:
        matched = REQUIREMENT.match(line)
        name, versions = (matched[1].lower(), matched[2]) if matched else (line, "")
        if name.startswith("hookline-"):
            yield Problem(path, at(line), f"depends on the plugin {name}", "plugins meet at hooks only")
        elif name != "hookline" and not re.search(r">=|~=|==|>", versions):
            yield Problem(path, at(line), f"{line!r} has no range", f'say which versions fit, such as "{name}>=1.2,<2"')


def check_files(folder: Folder) -> list[Problem]:
    """All problems that a plugin's files show without being imported."""
    from .codecheck import check_code
    from .phrasecheck import check_packaged
    from .plugincheck import check_migrations

    checks = (check_shape, check_pyproject, check_code, check_migrations, check_packaged)
    return [problem for check in checks for problem in check(folder)]


def check_folders(folders: Sequence[Folder]) -> list[Problem]:
    """All problems of the plugin folders, each once, in the order of folders and files."""
    from .plugincheck import check_imported

    problems = [problem for folder in folders for problem in check_files(folder)]
    problems += check_imported([folder for folder in folders if (folder.source / "__init__.py").exists()])
    return sorted(dict.fromkeys(problems), key=lambda problem: (str(problem.path), problem.line))


def check_docs(root: Path) -> Iterator[Problem]:
    """Whether the hook reference is the one that `hookline docs hooks` writes now."""
    from .hookdocs import render

    path = root / "docs" / "hooks.md"
    if not (root / "core" / "src" / "hookline" / "hookspecs.py").exists():
        return
    if not path.exists() or path.read_text(encoding="utf-8") != render():
        yield Problem(path, 1, "is not what hookspecs.py says", "run `hookline docs hooks`")


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def check_command(paths: tuple[Path, ...]) -> None:
    """Verify plugin folders and tenants' phrases: those of PATHS, or all of the workspace.

    A folder with a tenant.toml is a tenant; with a pyproject.toml besides, its code is verified too.
    """
    from .catalogue import Catalogue
    from .phrasecheck import check_tenants

    root = workspace(Path.cwd())
    tenants = [path.resolve() for path in paths if (path / "tenant.toml").exists()]
    coded = [path for path in paths if path.resolve() not in tenants or (path / "pyproject.toml").exists()]
    folders = find_folders(coded) if coded or not paths else []
    problems: list[object] = [*check_folders(folders)]
    if not paths and root is not None:
        problems += check_docs(root)
        tenants = sorted(path.parent for path in (root / "tenants").glob("*/tenant.toml"))
    problems += check_tenants(tenants, Catalogue.load())
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise SystemExit(1)
    names = [*(folder.name for folder in folders), *(path.name for path in tenants if paths)]
    count = f"{len(folders)} plugin folder{'' if len(folders) == 1 else 's'}"
    click.echo(f"{count if folders or not tenants else 'phrases'} checked: {', '.join(names)}")
