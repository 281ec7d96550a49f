"""Every string of the bot is French, with its accents and its spaces."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from fluent.syntax import FluentParser, ast

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tenants" / "tokosel"
SHEETS = [
    *FOLDER.glob("locales/**/*.ftl"),
    *FOLDER.glob("src/*/locales/*.ftl"),
    *ROOT.glob("plugins/*/src/*/locales/fr.ftl"),
]
UNACCENTED = re.compile(
    r"\b(?:prets?|credits?|telephones?|numeros?|reclamations?|prenoms?|mensualites?|eligibles?|durees?|categories? |"
    r"problemes?|deja|tres|apres|etes|ete|reponses?|repondez|ecrivez|desole|verifiez|enregistree?s?|resultats |"
    r"interets?|declare|epargne|independant|retraite |francais|ca marche|ou en est|meme|etre|peut-etre|verifier|"
    r"situation professionelle|adresse mail)\b",
    re.IGNORECASE,
)
ENGLISH = re.compile(r"\b(?:the|your|please|you|have|with|this|sorry|and|of|is|are|not|what)\b", re.IGNORECASE)
TIGHT = re.compile(r"\w[?!;»](?:\s|$)|(?<![\dh])\w:\s|«\S")  # French puts a space before these, and inside « »


def said(pattern):
    """The words of a message, without what is filled in."""
    parts = []
    for element in pattern.elements:
        if isinstance(element, ast.TextElement):
            parts.append(element.value)
        elif isinstance(element.expression, ast.SelectExpression):
            parts += [said(variant.value) for variant in element.expression.variants]
        else:
            parts.append("7")
    return "".join(parts)


def texts():
    for sheet in SHEETS:
        for entry in FluentParser().parse(sheet.read_text(encoding="utf-8")).body:
            if isinstance(entry, ast.Message) and entry.value is not None:
                yield f"{sheet.parent.parent.parent.name}: {entry.id.name}", said(entry.value)
    for key, text in tomllib.loads((FOLDER / "tenant.toml").read_text(encoding="utf-8"))["texts"]["fr"].items():
        yield f"tenant.toml: {key}", text
    for file in FOLDER.glob("flows/*.yaml"):
        for text in labels(yaml.safe_load(file.read_text(encoding="utf-8"))):
            yield f"{file.name}: {text}", text


def labels(value):
    if isinstance(value, dict):
        if set(value) == {"fr"}:
            yield value["fr"]
        else:
            for item in value.values():
                yield from labels(item)
    elif isinstance(value, list):
        for item in value:
            yield from labels(item)


TEXTS = dict(texts())


def test_there_are_texts_of_all_kinds():
    assert len(TEXTS) > 100
    assert "tenant.toml: greeting" in TEXTS
    assert any("éligible" in text for text in TEXTS.values())


@pytest.mark.row("K06")
@pytest.mark.parametrize("where", TEXTS)
def test_each_text_is_french_with_its_accents_and_spaces(where):
    text = TEXTS[where]

    assert not UNACCENTED.findall(text), text
    assert not ENGLISH.findall(text), text
    assert not TIGHT.findall(re.sub(r"https?://\S+", "", text)), text
    assert "..." not in text


@pytest.mark.parametrize("wrong", ["Votre pret", "Quel numero ?", "Your loan", "Vraiment?", "Attention: ici", "«oui »"])
def test_what_is_not_is_found(wrong):
    assert UNACCENTED.findall(wrong) or ENGLISH.findall(wrong) or TIGHT.findall(wrong)


@pytest.mark.row("K06")
def test_the_currency_is_the_franc_cfa():
    config = tomllib.loads((FOLDER / "tenant.toml").read_text(encoding="utf-8"))

    assert config["locale"]["currency"] == "XOF"
    assert (config["language"], config["languages"]) == ("fr", ["fr"])
