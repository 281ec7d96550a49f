"""`intents.yaml` is read strictly; what is wrong with it is said with file and line."""

from __future__ import annotations

import pytest

from hookline_nlu.config import Config
from hookline_nlu.intentfile import load
from hookline_nlu.intents import check

GOOD = """\
intents:
  - name: card
    description: about a card
    examples: [my card is lost, block my card]
    keywords: {en: [card]}
    route: [cards]
  - name: loan
    examples:
      en: [I want a loan]
      hi: [लोन चाहिए]
out_of_scope: [who won the match]
"""


def problems(folder, text, config=None):
    (folder / "intents.yaml").write_text(text, encoding="utf-8")
    return [line.split("/intents.yaml:", 1)[-1] for line in check(config or Config(), folder)]


def test_a_good_file_is_read(tmp_path):
    assert problems(tmp_path, GOOD) == []

    file = load(tmp_path / "intents.yaml")

    assert [intent.name for intent in file.intents] == ["card", "loan"]
    assert [text for text, _ in file.intents[1].sentences] == ["I want a loan", "लोन चाहिए"]
    assert file.intents[0].route == ("cards",)


def test_no_file_is_no_problem_unless_the_config_names_one(tmp_path):
    assert check(Config(), tmp_path) == []

    (said,) = check(Config(intents="mine.yaml"), tmp_path)
    assert said.endswith("mine.yaml: there is no such file; `intents` in [plugins.nlu] names it")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("intents: [", "2: no valid YAML"),
        (
            "intents:\n  - name: a\n    keyword: {en: [x]}\n",
            "3: intents.0.keyword: unknown key (did you mean 'keywords'?)",
        ),
        ("intents:\n  - examples: [x]\n", "name: missing"),
        ("intents:\n  - name: a\n", "2: 'a' can't be recognised; give it examples, keywords, alone or patterns"),
        (
            "intents:\n  - {name: Card, examples: [x]}\n  - {name: card, examples: [y]}\n",
            "3: 'card' stands there twice; put all of it into one",
        ),
        (
            "intents:\n  - name: a\n    examples: [Block my card!]\n  - name: b\n    examples:\n      - x y\n      - block MY card\n",
            "7: 'block MY card' is an example of 'a' too; an example can have one intent",
        ),
        (
            "intents:\n  - name: a\n    examples: [lost card]\nout_of_scope:\n  - the sea\n  - Lost card\n",
            "6: 'Lost card' is an example of 'a' too",
        ),
        ("intents:\n  - name: a\n    examples: ['?!']\n", "3: the example '?!' has no word"),
        ("intents:\n  - name: a\n    keywords: {en: ['...']}\n", "3: '...' has no word"),
        ("intents:\n  - name: a\n    patterns: ['(']\n", "3: '(' is no regular expression: missing )"),
        ("intents:\n  - name: a\n    patterns: ['x*']\n", "3: 'x*' matches every message"),
        (
            "intents:\n  - name: out_of_scope\n    examples: [x]\n",
            "2: 'out_of_scope' is what the bot says of everything else; list it as out_of_scope",
        ),
        (
            "intents:\n  - name: a\n    priority: high\n    examples: [x]\n",
            "3: intents.0.priority: given 'high'; allowed: an integer",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, said):
    found = problems(tmp_path, text)

    assert len(found) == 1
    assert said in found[0]


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    found = problems(tmp_path, "intents:\n  - name: a\n  - name: b\n    patterns: ['(', ')']\n")

    assert len(found) == 3


def test_a_fallback_that_is_no_intent_is_said(tmp_path):
    assert problems(tmp_path, GOOD, Config(fallback="INFO")) == [
        "plugins.nlu.fallback: given 'INFO'; allowed: an intent of intents.yaml: card, loan"
    ]


async def test_a_bad_file_leaves_the_old_one_serving(make_bot):
    import hookline_nlu

    bot = await make_bot(plugins=[hookline_nlu.plugin])
    folder = bot.folder / "tenants" / "acme"
    (folder / "intents.yaml").write_text(GOOD, encoding="utf-8")
    assert await bot.runtime.load("acme")
    assert (await bot.ask("my card")).intents[0].name == "card"

    (folder / "intents.yaml").write_text("intents:\n  - name: a\n", encoding="utf-8")

    assert not await bot.runtime.load("acme")
    assert "intents.yaml:2: 'a' can't be recognised" in bot.runtime_of().error
    assert (await bot.ask("my card")).intents[0].name == "card"
