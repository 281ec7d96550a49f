"""What flows say of themselves, in every language."""

from __future__ import annotations

from importlib import resources

import pytest
from fluent.syntax import FluentParser, ast

LANGUAGES = ("en", "fr", "hi", "hi-Latn", "mr", "gu", "ta", "te", "kn")


def keys(tag):
    text = (resources.files("hookline_flows") / "locales" / f"{tag}.ftl").read_text(encoding="utf-8")
    parsed = FluentParser().parse(text).body
    assert not [entry for entry in parsed if isinstance(entry, ast.Junk)], tag
    return {entry.id.name for entry in parsed if isinstance(entry, ast.Message)}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_has_every_phrase(tag):
    assert keys(tag) == keys("en")


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "La valeur doit être comprise entre 1 mois et 2 ans."), ("hi", "यह"), ("ta", "இது"), ("kn", "ಇದು"), ("hi-Latn", "Yeh"), ("te", "ఇది"), ("gu", "તે"), ("mr", "हे"), ("en", "It must be between 1 month and 2 years.")],
)  # fmt: skip
async def test_a_refusal_is_in_the_customers_language(talk, language, said):
    texts = ", ".join(f"{tag}: 'How long?'" for tag in LANGUAGES)
    flow = f"""
    starts: {{words: [go]}}
    slots: {{months: {{kind: duration, unit: months, min: 1, max: 24}}}}
    steps: [{{ask: months, text: {{{texts}}}}}]
    """
    bot = await talk({"x": flow}, config=f"languages = {list(LANGUAGES)}\n")
    await bot.say("go", language=language)

    assert said in (await bot.say("99 months", language=language)).text
