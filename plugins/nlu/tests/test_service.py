"""The classifier: what it learns, what it refuses, and how it is kept."""

from __future__ import annotations

import numpy as np
import pytest

from hookline_nlu.classifier import BadFile, Classifier
from hookline_nlu.examples import Lines, readable, spoken
from hookline_nlu.memory import recall, remember
from hookline_nlu.training import landmarks, solve, train

BANK = {
    "lost_card": [
        "I lost my card", "my card is gone", "I can't find my card", "the card was stolen from me",
        "my wallet with the card was stolen", "please block my card, it is lost",
    ],
    "exchange_rate": [
        "what is the exchange rate for dollars", "how many euros do I get for a pound", "today's rate for yen",
        "do you change money at a good rate", "what rate do you use abroad", "exchange rate of the franc",
    ],
    "top_up": [
        "how do I top up my account", "I want to add money to my account", "top up by bank transfer",
        "can I load money with another bank's account", "add funds", "my top up has not arrived",
    ],
    "opening_hours": [
        "when is the branch open", "opening hours on Sunday", "are you open tomorrow",
        "until when can I come to the branch", "at what time do you close", "is the branch closed on holidays",
    ],
    "कार्ड_खोया": [
        "मेरा कार्ड खो गया है", "कार्ड चोरी हो गया", "कार्ड नहीं मिल रहा", "कृपया कार्ड बंद करें",
        "मेरा कार्ड गुम हो गया", "खोया हुआ कार्ड बंद करना है",
    ],
}  # fmt: skip
LINES = [(text, intent) for intent, texts in BANK.items() for text in texts]
NOTHING = np.zeros(0, np.float32)


def trained(lines):
    found = Lines.given(lines)
    return train(found.examples(np.zeros((len(found.texts), 0), np.float32), ()))


def told(classifier, text):
    return classifier.tell(text, NOTHING, 1.0)


@pytest.fixture(scope="module")
def bank():
    return trained(LINES)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("somebody has stolen my card", "lost_card"),
        ("rate of exchange for pounds", "exchange_rate"),
        ("adding money to the account", "top_up"),
        ("is it open on Sundays", "opening_hours"),
        ("कार्ड गुम है", "कार्ड_खोया"),
    ],
)
def test_what_is_worded_otherwise_is_told(bank, text, intent):
    said = told(bank, text)

    assert said.intents[0][0] == intent
    assert sum(share for _, share in said.intents) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("text", ["who composed the ninth symphony", "qwertz uiop", "मौसम कैसा रहेगा", "🎉🎉🎉", "…", ""])
def test_what_is_about_none_of_them_is_out_of_scope(bank, text):
    said = told(bank, text)

    assert (1 - said.outside) * said.intents[0][1] < 0.12


def test_an_example_of_each_intent_is_in_scope(bank):
    said = [told(bank, text) for text, _ in LINES]

    right = [s.intents[0][0] == intent for s, (_, intent) in zip(said, LINES, strict=True)]
    assert all(right)
    assert np.mean([(1 - s.outside) * s.intents[0][1] > 0.12 for s in said]) > 0.9


def test_training_anew_gives_the_very_same(bank):
    assert trained(LINES).encode() == bank.encode()
    assert told(trained(LINES), "is the card gone") == told(bank, "is the card gone")


def test_ten_thousand_characters_are_no_trouble(bank):
    assert told(bank, "my card is lost " * 700).intents[0][0] == "lost_card"


@pytest.mark.parametrize(
    "lines",
    [
        [("I lost my card", "lost_card")],
        [("I lost my card", "lost_card"), ("my card is gone", "lost_card")],
        [("I lost my card", "lost_card"), ("top up", "top_up")],
        [("I lost my card", "lost_card"), ("who are you", None)],
        [("x", "a"), ("y", "b"), ("x", "b")],
        [("only words", "a")] * 50 + [("other words", "b")],
    ],
)
def test_very_little_can_be_learned_from(lines):
    classifier = trained(lines)

    said = told(classifier, lines[0][0])
    assert said.intents[0][0] == lines[0][1]
    assert 0.0 <= said.outside <= 1.0
    assert told(classifier, "entirely something else").outside > said.outside


def test_what_is_known_to_be_out_of_scope_is_learned():
    without, known = trained(LINES), trained([*LINES, *((f"my neighbour's {x} is loud", None) for x in "abcdefgh")])
    text = "my neighbour's radio is loud"

    assert told(known, text).outside > told(without, text).outside


def test_five_hundred_intents_with_landmarks_for_a_share_of_the_examples():
    rng = np.random.default_rng(1)
    stems = ["".join(rng.choice(list("bdfgklmnprst"), 2)) + "aeiou"[n % 5] + str(n) for n in range(500)]
    lines = [(f"please {stem} the {stem}er number {n}", f"do_{stem}") for stem in stems for n in range(6)]

    classifier = trained(lines)

    assert len(classifier.labels) <= 2400
    assert len(set(classifier.labels.tolist())) == 500
    hits = [told(classifier, f"the {stem}er, {stem} it").intents[0][0] == f"do_{stem}" for stem in stems[::25]]
    assert all(hits)


def test_each_intent_keeps_a_landmark_however_many_there_are():
    labels = np.repeat(np.arange(30), [1] * 29 + [5000])

    assert sorted(set(labels[landmarks(labels, 30, most=100)].tolist())) == list(range(30))


def test_what_is_left_out_is_what_training_without_it_would_say():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 5)).astype(np.float32)
    kernel = np.exp(-((points[:, None] - points[None]) ** 2).sum(2)).astype(np.float32)
    labels = np.arange(40) % 4
    wanted, weights = np.eye(4, dtype=np.float32)[labels], np.ones(40, np.float32)
    fit = solve(kernel, kernel, weights, wanted)

    for group in ([7], list(np.flatnonzero(labels == 2))):
        rest = [row for row in range(40) if row not in group]
        other = solve(kernel[np.ix_(rest, rest)], kernel[np.ix_(rest, rest)], weights[rest], wanted[rest])
        expected = kernel[np.ix_(group, rest)] @ other.coefficients
        assert fit.without(np.array(group)) == pytest.approx(expected, abs=5e-3)
    assert fit.without_each()[7] == pytest.approx(fit.without(np.array([7]))[0], abs=5e-3)


def test_the_same_text_for_two_intents_is_reported():
    lines = Lines.given([("my card", "a"), ("My CARD!", "b"), ("my card", "a"), ("else", "b"), ("else", None)])

    assert lines.contradictions == [("my card", ("a", "b")), ("else", ("b", "out of scope"))]
    assert lines.texts.count("my card") == 1


def test_lines_without_a_word_are_left_out():
    assert Lines.given([("", "a"), ("?!", "a"), ("word", "b")]).names == ("b",)


@pytest.mark.parametrize(
    ("name", "said"),
    [("cancelOrder", "cancel order"), ("CANCEL_ORDER", "cancel order"), ("card/lost-2", "card lost 2"), ("___", "")],
)
def test_a_name_is_read_as_words(name, said):
    assert spoken(name) == said


@pytest.mark.parametrize(
    ("text", "languages", "share"),
    [
        ("hello", ("en",), 1.0),
        ("नमस्ते", ("en",), 0.0),
        ("नमस्ते", ("en", "hi"), 1.0),
        ("नमस्ते", ("*",), 1.0),
        ("123", ("en",), 1.0),
        ("ab кл", ("en",), 0.5),
    ],
)
def test_how_far_an_embedder_can_read_a_text(text, languages, share):
    assert readable(text, languages) == share


def test_it_is_kept_in_a_file_and_read_again(bank, tmp_path):
    remember(tmp_path, "k", bank)

    found, problem = recall(tmp_path, "k")

    assert problem == ""
    assert found is not None
    assert told(found, "card lost") == told(bank, "card lost")
    assert recall(tmp_path, "other") == (None, "")


@pytest.mark.parametrize("damage", [b"", b"not a file", b"half"])
def test_a_damaged_file_is_said_and_not_used(bank, tmp_path, damage):
    remember(tmp_path, "k", bank)
    content = (tmp_path / "k.npz").read_bytes()
    (tmp_path / "k.npz").write_bytes(content[: len(content) // 2] if damage == b"half" else damage)

    found, problem = recall(tmp_path, "k")

    assert found is None
    assert problem.startswith(f"{tmp_path}/k.npz: ")


def test_a_file_of_another_format_is_not_read(bank, monkeypatch):
    content = bank.encode()
    monkeypatch.setattr("hookline_nlu.classifier.FORMAT", "0")

    with pytest.raises(BadFile, match="it has format 1, not 0"):
        Classifier.decode(content)


def test_only_the_latest_few_are_kept(bank, tmp_path):
    for key in "abcde":
        remember(tmp_path, key, bank)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.npz", "d.npz", "e.npz"]
