"""Feature hashing: the same everywhere, and near for what is written alike."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from hookline_embeddings.hashing import Hasher, HashingEmbedder

TEXTS = ["Reset my password", "मुझे ऋण चाहिए", "ｆｕｌｌ ｗｉｄｔｈ", "STRASSE straße", ""]

PROGRAM = """
import hashlib, sys
from hookline_embeddings.hashing import Hasher
print(hashlib.sha256(Hasher().embed(sys.argv[1:]).tobytes()).hexdigest())
"""


@pytest.mark.parametrize("seed", ["0", "1234"])
def test_another_process_makes_the_same_vectors(seed, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", seed)

    done = subprocess.run([sys.executable, "-c", PROGRAM, *TEXTS], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == hashlib.sha256(Hasher().embed(TEXTS).tobytes()).hexdigest()


@pytest.mark.parametrize("text", [*TEXTS, "?!", "\0", "\ud800", "a", "word " * 10_000])
def test_any_text_gets_a_vector_of_length_one(text):
    vectors = Hasher(256).embed([text])

    assert vectors.shape == (1, 256)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-5)


def test_case_and_compatibility_forms_do_not_matter():
    one, other = Hasher().embed(["FULL WIDTH Straße", "ｆｕｌｌ ｗｉｄｔｈ STRASSE"])

    np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("password resetting", "How do I reset my passwords?", "What are your opening hours?"),
        ("how can I reset my password", "Resetting a password", "How can I open an account"),
        ("ऋण आवेदन कैसे करें", "ऋण के आवेदन के लिए", "शाखा कब खुलती है"),
        ("రుణం కావాలి", "గృహ రుణం", "శాఖ సమయాలు"),
    ],
    ids=["english", "among short words", "hindi", "telugu"],
)
def test_what_is_written_alike_is_near_in_any_script(question, near, far):
    ask, alike, other = Hasher().embed([question, near, far])

    assert ask @ alike > ask @ other + 0.1


def test_a_word_said_often_counts_less_each_time():
    once, often, other = Hasher().embed(["loan rate", "loan loan loan loan loan loan rate", "rate"])

    assert often @ other > 0.2
    assert once @ other > often @ other


async def test_passages_and_questions_get_the_same_vectors(compute):
    embedder = HashingEmbedder(compute)
    texts = [f"passage number {n}" for n in range(300)]

    passages = await embedder.embed(texts, False)
    questions = await embedder.embed(texts, True)

    np.testing.assert_array_equal(passages, questions)
    assert (await embedder.embed([], False)).shape == (0, 1024)


async def test_the_id_names_revision_and_dimension(compute):
    description = await HashingEmbedder(compute, 512).describe()

    assert description.id == "hashing-v1-512"
    assert description.dimension == 512
    assert description.languages == ("*",)
