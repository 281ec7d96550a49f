"""`hookline nlu`: figures on labelled lines, and what one message is about."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hookline.errors import BadRequest
from hookline_nlu.evaluate import read_lines
from hookline_nlu.report import Case, matthews, report

TRAIN = [
    (text, intent)
    for intent, texts in {
        "lost_card": ["I lost my card", "my card is gone", "I can't find my card", "the card was stolen", "block my lost card"],
        "opening_hours": ["when are you open", "opening hours on Sunday", "at what time do you close", "are you open today"],
        "top_up": ["top up my account", "add money to the account", "how do I load money", "a top up by bank transfer"],
    }.items()
    for text in texts
]  # fmt: skip
TEST = [
    ("where is my card, I lost it", "lost_card"),
    ("are you open on Sunday", "opening_hours"),
    ("how to top up", "top_up"),
    ("the symphony orchestra of Vienna", None),
]


def write(path, lines):
    path.write_text("\n".join(json.dumps({"text": text, "intent": intent}) for text, intent in lines) + "\n")
    return path


def hookline(*arguments, folder):
    command = [str(Path(sys.executable).parent / "hookline"), "nlu", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120)


def case(meant, said, score=1.0, seconds=0.001):
    return Case("x", meant, said, score, said or "a", seconds)


def test_the_figures_are_right():
    cases = [
        case("a", "a", 0.9),
        case("a", "b", 0.6),
        case("b", "b", 0.8),
        case("", "", 0.7),
        case("", "a", 0.55),
        case("b", "", 0.5),
    ]

    found = report(cases)

    assert found["accuracy"] == pytest.approx(3 / 6)
    assert found["in_scope_accuracy"] == pytest.approx(2 / 4)
    assert found["in_scope_accuracy_without_refusing"] == pytest.approx(2 / 4)
    assert found["macro_f1"] == pytest.approx(1 / 2)
    assert found["out_of_scope"] == {"messages": 2, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert found["per_intent"]["a"] == {"messages": 2, "precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert {(c["meant"], c["said"]) for c in found["confusions"]} == {
        ("a", "b"),
        ("out_of_scope", "a"),
        ("b", "out_of_scope"),
    }
    assert found["calibration_error"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.3 + 1.05) / 6)


def test_matthews_of_two_classes_is_the_well_known_one():
    cases = [case("a", "a")] * 6 + [case("a", "b")] * 2 + [case("b", "a")] * 1 + [case("b", "b")] * 3

    assert matthews(cases) == pytest.approx((6 * 3 - 2 * 1) / (8 * 7 * 4 * 5) ** 0.5)


def test_matthews_of_one_class_only_is_none():
    assert matthews([case("a", "a")]) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "t.jsonl: has no line"),
        (
            '{"text": "x", "intent": "a"}\n{"text": 1, "intent": "a"}',
            "t.jsonl:2: Expected `str`, got `int` - at `$.text`",
        ),
        ('{"text": "x"}', "t.jsonl:1: Object missing required field `intent`"),
        ("nothing", "t.jsonl:1: JSON is malformed"),
    ],
)
def test_a_bad_line_is_named(tmp_path, content, said):
    (tmp_path / "t.jsonl").write_text(content)

    with pytest.raises(BadRequest) as caught:
        read_lines(tmp_path / "t.jsonl")

    assert said in str(caught.value)


def test_null_an_empty_intent_and_its_name_are_out_of_scope(tmp_path):
    lines = read_lines(write(tmp_path / "t.jsonl", [("x", None), ("y", ""), ("z", "out_of_scope"), ("v", "a")]))

    assert [line.intent for line in lines] == [None, None, None, "a"]


@pytest.mark.slow
def test_the_command_line_measures_with_no_tenant_at_all(tmp_path):
    train, test = (
        write(tmp_path / "train.jsonl", [*TRAIN, ("my card", "lost_card"), ("my card", "top_up")]),
        write(tmp_path / "test.jsonl", TEST),
    )

    done = hookline("evaluate", "--train", train, "--test", test, "--json", folder=tmp_path)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["messages"] == 4
    assert found["training"]["intents"] == 3
    assert found["training"]["contradictions"] == [{"text": "my card", "intents": ["lost_card", "top_up"]}]
    assert found["in_scope_accuracy_without_refusing"] == 1.0
    assert found["out_of_scope"]["messages"] == 1
    assert found["seconds_per_message"]["p50"] < 1.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["test.jsonl", "train.jsonl"]

    shown = hookline("evaluate", "--train", train, "--test", test, folder=tmp_path).stdout
    assert "Matthews correlation" in shown
    assert "'my card' is given for lost_card, top_up" in shown


@pytest.mark.slow
def test_a_tenants_own_intents_are_measured_and_tried(tmp_path):
    folder = tmp_path / "tenants" / "bank"
    folder.mkdir(parents=True)
    (folder / "tenant.toml").write_text('[plugins]\nenabled = ["nlu"]\n')
    (folder / "intents.yaml").write_text(
        "intents:\n  - name: card\n    keywords: {en: [card]}\n  - name: hours\n    keywords: {en: [open]}\n"
    )
    test = write(tmp_path / "test.jsonl", [("my card", "card"), ("are you open", "hours")])

    done = hookline("evaluate", "--test", test, "--json", folder=tmp_path)
    tried = hookline("try", "my card is gone", "--json", folder=tmp_path)

    assert json.loads(done.stdout)["accuracy"] == 1.0, done.stderr
    assert json.loads(tried.stdout) == [{"intent": "card", "score": 0.95, "layer": "rules", "by": "card"}]
