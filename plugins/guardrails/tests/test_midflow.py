"""What customers say in the middle of a flow, and attacks there: `midflow.jsonl`, of which nothing was trained on."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from hookline_guardrails.config import Config
from hookline_guardrails.detect import Detector

FILE = Path(__file__).with_name("midflow.jsonl")
LINES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
SEEDS = Path(__file__).parents[3] / "bench/data/guardrails/seeds.toml"
LANGUAGES = sorted({line["source"].partition("-")[2] for line in LINES})


def stopped(*, attack: bool, language: str = "") -> tuple[list[str], int]:
    """What is stopped, and how many there are."""
    detector = Detector(Config().threshold)
    some = [line for line in LINES if line["attack"] is attack and language in ("", line["source"].partition("-")[2])]
    return [line["text"] for line in some if detector.judge(line["text"])], len(some)


def test_of_answers_corrections_and_buttons_fewer_than_one_in_a_hundred_is_stopped():
    wrong, count = stopped(attack=False)
    assert count > 350
    assert len(wrong) < 0.01 * count, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_has_more_than_two_of_its_answers_stopped(language):
    wrong, count = stopped(attack=False, language=language)
    assert count > 30
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_attacks_in_a_flow_are_caught_in_every_language(language):
    caught, count = stopped(attack=True, language=language)
    assert len(caught) >= 0.6 * count, caught


def test_nothing_of_it_was_trained_on():
    kinds = [kind for language in tomllib.loads(SEEDS.read_text("utf-8")).values() for kind in language.values()]
    trained = {text.casefold() for kind in kinds for text in kind}
    assert not [line["text"] for line in LINES if line["text"].casefold() in trained]
