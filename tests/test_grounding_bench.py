"""The check of generated answers keeps its figures on the sample that comes with the project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def figures():
    command = [sys.executable, str(ROOT / "bench" / "grounding.py"), "--half", "all", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("group", ["stopped", "numbers_names_dates"])
def test_at_least_95_in_100_planted_falsehoods_are_stopped(figures, group):
    assert figures[group]["of"] > 300
    assert figures[group]["share"] >= 0.95


def test_at_most_3_in_100_true_sentences_are_removed(figures):
    assert figures["removed"]["of"] > 300
    assert figures["removed"]["share"] <= 0.03


@pytest.mark.parametrize("language", ["en", "fr", "hi"])
def test_it_holds_in_each_language(figures, language):
    row = figures["by_language"][language]
    assert row["stopped"]["share"] >= 0.93
    assert row["removed"]["share"] <= 0.03


def test_it_holds_for_what_people_wrote_in_words_of_their_own(figures):
    people = figures["written_by_people"]
    assert people["stopped"]["share"] >= 0.94
    assert people["removed"]["share"] <= 0.04
