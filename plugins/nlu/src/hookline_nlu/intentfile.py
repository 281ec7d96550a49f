"""`intents.yaml`: what customers of a tenant want, declared; read strictly and checked when the config is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import attrs
import msgspec
import regex

from hookline import yamlfile
from hookline.errors import ConfigError

from .words import words

OUT_OF_SCOPE = "out_of_scope"
Name = Annotated[str, msgspec.Meta(pattern=r"^[\w][\w .:/+-]{0,99}$")]
Phrases = tuple[str, ...]
ByLanguage = Mapping[str, Phrases]


@attrs.frozen
class Declared:
    """One intent.

    name        what rules, routes, scores and reports call it
    description a sentence on what it is; it is learned from as an example is, and a model reads it
    examples    what customers say, as a list, or lists by language
    keywords    words and phrases by language, any of which makes it this intent; `kharid*` stands for all words that
                begin so.  All languages are looked for in every message
    alone       phrases that make it this intent where they are all that is said ("hello")
    patterns    regular expressions, on the text as it was written, any case
    unless      words and phrases, by which its keywords and patterns do not count
    route       namespaces of knowledge that it belongs to
    priority    decides between intents whose keywords match equally well
    flags       marks that other plugins look for, such as `exempt` for no handoff
    closing     the key of a text in the tenant's `[texts.*]` that every reply to it ends with, such as a phone number
    """

    name: Name
    description: str = ""
    examples: Phrases | ByLanguage = ()
    keywords: ByLanguage = attrs.Factory(dict)
    alone: ByLanguage = attrs.Factory(dict)
    patterns: Phrases = ()
    unless: Phrases = ()
    route: Phrases = ()
    priority: int = 0
    flags: Phrases = ()
    closing: str = ""

    @property
    def sentences(self) -> tuple[tuple[str, tuple[str | int, ...]], ...]:
        """Its examples, each with its place in the intent."""
        if isinstance(self.examples, Mapping):
            return tuple(
                (text, ("examples", language, n))
                for language, texts in self.examples.items()
                for n, text in enumerate(texts)
            )
        return tuple((text, ("examples", n)) for n, text in enumerate(self.examples))


@attrs.frozen
class IntentFile:
    """All intents of a tenant, and what is known to be about none of them."""

    intents: tuple[Declared, ...] = ()
    out_of_scope: Phrases = ()


def load(path: Path) -> IntentFile:
    """The intents in the file; raises `ConfigError` with all that is wrong, each with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{shown(path)}: there is no such file; `intents` in [plugins.nlu] names it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{shown(path)}: can't be read: {error}; it must be a YAML file in UTF-8") from None
    name = shown(path)
    found, line = yamlfile.located(text, name, IntentFile)
    problems = [f"{name}:{line(*where)}: {what}" for where, what in _problems(found)]
    if problems:
        raise ConfigError("\n".join(problems))
    return found


def _problems(found: IntentFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    names: set[str] = set()
    said: dict[tuple[str, ...], str] = {}
    for place, intent in enumerate(found.intents):
        at = ("intents", place)
        folded = intent.name.casefold()
        if folded in names:
            yield (*at, "name"), f"{intent.name!r} stands there twice; put all of it into one"
        if folded == OUT_OF_SCOPE:
            yield (*at, "name"), f"{intent.name!r} is what the bot says of everything else; list it as out_of_scope"
        names.add(folded)
        if not (intent.examples or intent.keywords or intent.alone or intent.patterns):
            yield at, f"{intent.name!r} can't be recognised; give it examples, keywords, alone or patterns"
        for text, where in intent.sentences:
            key = words(text)
            if not key:
                yield (*at, *where), f"the example {text!r} has no word"
            elif said.setdefault(key, intent.name) != intent.name:
                yield (*at, *where), f"{text!r} is an example of {said[key]!r} too; an example can have one intent"
        yield from ((at + where, what) for where, what in _phrase_problems(intent))
    for n, text in enumerate(found.out_of_scope):
        if not words(text):
            yield ("out_of_scope", n), f"the example {text!r} has no word"
        elif words(text) in said:
            yield ("out_of_scope", n), f"{text!r} is an example of {said[words(text)]!r} too"


def _phrase_problems(intent: Declared) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key, by_language in (("keywords", intent.keywords), ("alone", intent.alone)):
        for language, phrases in by_language.items():
            for n, phrase in enumerate(phrases):
                if not words(phrase):
                    yield (key, language, n), f"{phrase!r} has no word"
    for n, phrase in enumerate(intent.unless):
        if not words(phrase):
            yield ("unless", n), f"{phrase!r} has no word"
    for n, pattern in enumerate(intent.patterns):
        try:
            if regex.compile(pattern, regex.IGNORECASE).search("") is not None:
                yield ("patterns", n), f"{pattern!r} matches every message"
        except regex.error as error:
            yield ("patterns", n), f"{pattern!r} is no regular expression: {error}"


def shown(path: Path) -> str:
    """The path as it is named in messages."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
