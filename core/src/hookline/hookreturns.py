"""What a hook may return, from the annotations of the specifications: as text, and as a check of a value."""

from __future__ import annotations

import types
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from . import hookspecs, message
from .hookspecs import HOOKS, HookSpecs
from .ledger import Inbound

Check = Callable[[Any], bool]


def _check(annotation: Any) -> Check:
    if annotation is Any:
        return lambda _: True
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        plain = tuple(a for a in arguments if isinstance(a, type))
        checks = [_check(a) for a in arguments if not isinstance(a, type)]
        if not checks:
            return lambda r: isinstance(r, plain)
        return lambda r: isinstance(r, plain) or any(c(r) for c in checks)
    if origin is Sequence or (origin is not None and issubclass(origin, Sequence)):
        inner = _check(arguments[0])
        return lambda r: isinstance(r, (list, tuple)) and (not r or all(inner(x) for x in r))
    if origin is AsyncIterator or (origin is not None and issubclass(origin, AsyncIterator)):
        return lambda r: hasattr(r, "__anext__")
    if origin is not None:
        return lambda r: isinstance(r, origin)
    kind = type(None) if annotation is None else annotation
    return lambda r: isinstance(r, kind)


def _returns() -> tuple[dict[str, str], dict[str, Check]]:
    names = vars(message) | vars(hookspecs) | {"Mapping": Mapping, "Inbound": Inbound}
    texts: dict[str, str] = {}
    checks: dict[str, Check] = {}
    for name in HOOKS:
        text = getattr(HookSpecs, name).__annotations__["return"]
        texts[name] = text
        if text == "np.ndarray":
            checks[name] = lambda r: hasattr(r, "shape") and hasattr(r, "dtype")
        else:
            checks[name] = _check(eval(text, names))  # noqa: S307  our own annotations, kept as text by the future import
    return texts, checks


RETURNS, CHECKS = _returns()
