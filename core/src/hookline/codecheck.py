"""What `hookline check` reads from a plugin's source code, without importing it."""

from __future__ import annotations

import ast
import difflib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .check import Problem
from .hookspecs import HOOKS, HookSpecs, Scope

if TYPE_CHECKING:
    from .check import Folder

STATEMENTS = 5
CLASSES = {"TenantHooks": Scope.TENANT, "ProcessHooks": Scope.PROCESS}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def check_code(folder: Folder) -> Iterator[Problem]:
    """Imports that cross plugins, pluggy outside `hooks.py`, and hooks that do not fit their specifications."""
    for path in folder.modules():
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"), path)
        except SyntaxError as error:
            yield Problem(path, error.lineno or 1, f"is no Python: {error.msg}", "mend it")
            continue
        yield from check_imports(folder, path, tree)
        if path == folder.source / "hooks.py":
            yield from check_hooks(path, tree)
        if path == folder.source / "__init__.py":
            yield from check_declaration(folder, path, tree)


def imported(folder: Folder, path: Path, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything imported, at any depth."""
    package = path.relative_to(folder.path / "src").parts[:-1] if path.is_relative_to(folder.path / "src") else ()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            origin = package[: len(package) + 1 - node.level] if node.level else ()
            for alias in node.names:
                yield node.lineno, ".".join([*origin, *([node.module] if node.module else []), alias.name])


def check_imports(folder: Folder, path: Path, tree: ast.Module) -> Iterator[Problem]:
    """Plugins meet at hooks only, and only `hooks.py` knows of pluggy."""
    for line, name in imported(folder, path, tree):
        top = name.split(".", maxsplit=1)[0]
        if top.startswith(("hookline_", "tenant_")) and top != folder.package:
            yield Problem(path, line, f"imports the plugin {top}", "plugins meet at hooks only; call tenant.hooks")
        marks = top == "pluggy" or (top == "hookline" and name.endswith(".hookimpl"))
        if marks and path != folder.source / "hooks.py" and path.is_relative_to(folder.source):
            yield Problem(path, line, f"imports {name}", "only hooks.py registers; behaviour lives beside it")
        models = name == f"{folder.package}.models" or name.startswith(f"{folder.package}.models.")
        if models and path.is_relative_to(folder.source / "migrations"):
            remedy = "write the tables out: the models will change, the migration must not"
            yield Problem(path, line, "a migration imports the live models", remedy)


def check_hooks(path: Path, tree: ast.Module) -> Iterator[Problem]:
    """The two classes of `hooks.py` and each method that is marked as a hook."""
    for function in (node for node in tree.body if isinstance(node, Function)):
        if marker(function) is not None:
            remedy = f"move it into {' or '.join(CLASSES)}"
            yield Problem(path, function.lineno, f"the hook {function.name} is in no class", remedy)
    for class_ in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        for method in (node for node in class_.body if isinstance(node, Function)):
            mark = marker(method)
            if mark is None:
                if method.name in HOOKS:
                    what = f"{class_.name}.{method.name} is named as a hook and not marked"
                    yield Problem(path, method.lineno, what, "put @hookimpl above it, or rename it")
                continue
            if isinstance(mark, ast.Call):
                remedy = "write plain @hookimpl; the order is that of the tenant's config"
                yield Problem(path, method.lineno, f"{class_.name}.{method.name} is marked with options", remedy)
            if class_.name not in CLASSES:
                what = f"the hook {method.name} is in a class named {class_.name}"
                yield Problem(path, method.lineno, what, f"name it {' or '.join(CLASSES)}")
            yield from check_hook(path, class_.name, method)


def marker(function: Function) -> ast.expr | None:
    """The decorator that marks the function as a hook."""
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (isinstance(target, ast.Name) and target.id == "hookimpl") or (
            isinstance(target, ast.Attribute) and target.attr == "hookimpl"
        ):
            return decorator
    return None


def check_hook(path: Path, class_: str, method: Function) -> Iterator[Problem]:
    """One hook against its specification, and its length."""
    where = f"{class_}.{method.name}"
    if method.name not in HOOKS:
        near = difflib.get_close_matches(method.name, HOOKS, n=1)
        remedy = f"did you mean {near[0]}?" if near else "docs/hooks.md lists them all"
        yield Problem(path, method.lineno, f"{where}: there is no hook of that name", remedy)
        return
    specified = getattr(HookSpecs, method.name)
    wanted = list(inspect.signature(specified).parameters)[1:]
    arguments = method.args
    given = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args][1:]]
    unknown = [argument for argument in given if argument not in wanted]
    if unknown or arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
        what = f"{where} takes ({', '.join(unknown) or '*'})"
        yield Problem(path, method.lineno, what, f"the hook has ({', '.join(wanted)}); leave out what you do not use")
    if arguments.defaults:
        yield Problem(
            path, method.lineno, f"{where} has a default value", "the real value would never arrive; remove it"
        )
    asynchronous = inspect.iscoroutinefunction(specified)
    if asynchronous != isinstance(method, ast.AsyncFunctionDef):
        yield Problem(path, method.lineno, f"{where} is {'not ' if asynchronous else ''}async",
                      f"write {'async def' if asynchronous else 'def'}, as in the specification")  # fmt: skip
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(method)):
        remedy = "return an iterator that lives in another module"
        yield Problem(path, method.lineno, f"{where} is a generator", remedy)
    scope = CLASSES.get(class_)
    if scope is not None and HOOKS[method.name].scope is not scope:
        other = next(name for name, belongs in CLASSES.items() if belongs is not scope)
        yield Problem(path, method.lineno, f"{method.name} is no hook of {class_}", f"move it to {other}")
    count = sum(isinstance(node, ast.stmt) for node in own_nodes(method)) - (ast.get_docstring(method) is not None)
    if count > STATEMENTS:
        what = f"{where} has {count} statements, the limit is {STATEMENTS}"
        yield Problem(path, method.lineno, what, "delegate: behaviour lives beside hooks.py")


def own_nodes(method: Function) -> Iterator[ast.AST]:
    """The nodes of the body; of functions inside it only their own statement."""
    waiting: list[ast.AST] = list(method.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def check_declaration(folder: Folder, path: Path, tree: ast.Module) -> Iterator[Problem]:
    """`plugin = Plugin("<name>", ...)` at the top level of the package."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "plugin" for target in targets):
            return
    yield Problem(path, 1, "declares no plugin", f'write plugin = Plugin("{folder.name}", hooks=TenantHooks)')
