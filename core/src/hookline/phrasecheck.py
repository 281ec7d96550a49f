"""What `hookline check` says of phrases: those that a plugin packages, and those of the tenants beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from . import languages
from .check import Problem
from .errors import HooklineError
from .phrasefile import Sheet, check_references, needed, packaged_sheet, packaged_tags

if TYPE_CHECKING:
    from .catalogue import Catalogue
    from .check import Folder

_SPOKEN = ("locales/**/*.ftl", "prompts/*/prompts.json", "flows/*.yaml")
"""Files of a tenant in which what the bot says stands."""


def check_packaged(folder: Folder) -> Iterator[Problem]:
    """A plugin's own phrases: the same keys in each language, and no value that only one of them asks for."""
    path = folder.source / "locales"
    if not path.is_dir():
        return
    for there in sorted(path.iterdir()):
        if there.suffix != ".ftl" or languages.canonical(there.stem) != there.stem:
            yield Problem(there, 1, "is no file of phrases", "name it after a language: locales/<tag>.ftl")
    sheets = {tag: sheet for tag in packaged_tags(folder.source) if (sheet := packaged_sheet(folder.source, tag))}
    for tag, sheet in sheets.items():
        wrong = [*sheet.problems, *check_references(tag, sheet.entries, sheet.entries.values())]
        yield from (_placed(path, text, "mend it") for text in wrong)
        yield from _compared(path / f"{tag}.ftl", sheet, sheets)


def _compared(path: Path, sheet: Sheet, sheets: dict[str, Sheet]) -> Iterator[Problem]:
    """What the other languages have, and this one lacks; what it asks for, and none of the others does."""
    for other in sheets.values():
        for key, entry in other.entries.items():
            if key not in sheet.entries and not entry.term:
                yield Problem(path, 1, f"has no {key!r}, which {other.tag!r} has", "write it, in each language")
    for key, entry in sheet.entries.items():
        others = [one for one in sheets.values() if one is not sheet and key in one.entries]
        known = frozenset().union(*(needed(one.entries[key], one.entries) for one in others))
        for name in sorted(needed(entry, sheet.entries) - known if others and not entry.term else ()):
            text = f"{entry.place}: {key}: asks for ${name}, which no other language does"
            yield _placed(path, text, "give it the name that the others use")


def check_tenants(tenants: Iterable[Path], catalogue: Catalogue) -> Iterator[str]:
    """What is wrong with the tenants that bring phrases: what keeps one from loading, and each phrase that is missing."""
    from .config import load_tenant

    for folder in tenants:
        if not any(True for pattern in _SPOKEN for _ in folder.glob(pattern)):
            continue
        try:
            config = load_tenant(folder, catalogue)
        except HooklineError as error:
            yield str(error)
            continue
        for tag, key, place in dict.fromkeys(config.missing):
            yield f"{place}: {repr(key) if key else 'a text'} is missing in {tag!r}; write it, or take {tag!r} out of the tenant's languages"


def _placed(path: Path, text: str, remedy: str) -> Problem:
    """A text that begins with file and line, as a problem."""
    place, _, said = text.partition(": ")
    file, _, line = place.rpartition(":")
    if not line.isdigit():
        return Problem(path, 1, text, remedy)
    return Problem(Path(file) if Path(file).is_absolute() else Path.cwd() / file, int(line), said, remedy)
