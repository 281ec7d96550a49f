"""`hookline docs hooks`: writes the hook reference, docs/hooks.md, from `hookspecs.py`."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import click

from . import hookspecs
from .hookspecs import HOOKS, HookSpec, HookSpecs, Scope

HEAD = """\
# The hooks

<!-- Made by `hookline docs hooks` from core/src/hookline/hookspecs.py; change that file, not this one. -->

"""
MODES = {
    "each": "each: all implementations are called",
    "first": "first: the first result that is not None ends the asking",
    "fold": "fold: each gets what the one before it returned",
    "collect": "collect: all results are gathered",
    "addressed": "addressed: exactly the one that serves the address is called",
}


def render() -> str:
    """The whole reference as Markdown."""
    parts = [HEAD, inspect.cleandoc(hookspecs.__doc__ or ""), "\n\n", table()]
    banner = ""
    for name, spec in HOOKS.items():
        if banners()[name] != banner:
            banner = banners()[name]
            parts.append(f"\n## {banner[0].upper()}{banner[1:]}\n")
        parts.append(section(spec))
    return "".join(parts)


def banners() -> dict[str, str]:
    """Under which banner comment of `hookspecs.py` each hook stands."""
    found, banner = {}, ""
    for line in inspect.getsource(HookSpecs).splitlines():
        if matched := re.match(r"\s*# -- (.+?) -+$", line):
            banner = matched[1]
        elif matched := re.match(r"\s*(?:async )?def (\w+)\(", line):
            found[matched[1]] = banner
    return found


def table() -> str:
    """One line a hook: mode, what a failure means, limit."""
    lines = ["| hook | mode | on failure | limit |", "|---|---|---|---|"]
    for name, spec in HOOKS.items():
        lines.append(f"| [`{name}`](#{name}) | {spec.mode.value} | {spec.on_error.value} | {limit(spec)} |")
    return "\n".join(lines) + "\n"


def limit(spec: HookSpec) -> str:
    """The deadline in words."""
    return "–" if spec.scope is Scope.PROCESS else f"{spec.limit:g} s"


def section(spec: HookSpec) -> str:
    """One hook: its signature as an implementation writes it, how it is called, its docstring."""
    function = getattr(HookSpecs, spec.name)
    kind = "async def" if inspect.iscoroutinefunction(function) else "def"
    parameters = ", ".join(
        f"{name}: {parameter.annotation}" if name != "self" else name
        for name, parameter in inspect.signature(function).parameters.items()
    )
    signature = f"{kind} {spec.name}({parameters}) -> {function.__annotations__['return']}"
    called = MODES[spec.mode.value]
    if spec.concurrent:
        called += ", side by side"
    if spec.reverse:
        called += ", in reverse of the tenant's order"
    owner = "ProcessHooks" if spec.scope is Scope.PROCESS else "TenantHooks"
    facts = f"*{owner}; {called}. On failure: {spec.on_error.value}. Limit: {limit(spec)}.*"
    return (
        f"\n### {spec.name}\n\n```python\n@hookimpl\n{signature}: ...\n```\n\n{facts}\n\n{inspect.getdoc(function)}\n"
    )


@click.group("docs")
def docs_group() -> None:
    """Write the parts of the documentation that are made from the code."""


@docs_group.command("hooks")
@click.option("--file", "path", type=click.Path(path_type=Path, dir_okay=False), help="Where to; else docs/hooks.md.")
def docs_hooks(path: Path | None) -> None:
    """Write docs/hooks.md from hookspecs.py."""
    from .check import workspace

    if path is None:
        root = workspace(Path.cwd())
        if root is None:
            raise click.ClickException(
                "no folder plugins/ here or above; name the file: hookline docs hooks --file FILE"
            )
        path = root / "docs" / "hooks.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(), encoding="utf-8")
    click.echo(f"wrote {path}: {len(HOOKS)} hooks")
