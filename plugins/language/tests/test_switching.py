"""Requests to go on in another language."""

from __future__ import annotations

import pytest

from hookline_language.switching import requested

NINE = ("en", "hi", "hi-Latn", "mr", "gu", "ta", "te", "kn", "fr")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("speak Tamil", "ta"),
        ("Can you reply in Hindi please?", "hi"),
        ("please talk to me in Marathi", "mr"),
        ("switch to French", "fr"),
        ("change language to kannada", "kn"),
        ("respond only in Gujarati", "gu"),
        ("in english", "en"),
        ("Hindi", "hi"),
        ("not in English, in Hindi please, speak", "hi"),
        ("English nahi aati, hindi me bolo", "hi"),
        ("हिंदी में बात करो", "hi"),
        ("हिन्दी", "hi"),
        ("तमिल में बोलो", "ta"),
        ("मराठीत बोला", "mr"),
        ("ગુજરાતીમાં વાત કરો", "gu"),
        ("தமிழில் பேசுங்கள்", "ta"),
        ("తెలుగులో మాట్లాడండి", "te"),
        ("ಕನ್ನಡದಲ್ಲಿ ಮಾತನಾಡಿ", "kn"),
        ("en français s'il vous plaît", "fr"),
        ("parlez-vous anglais ?", "en"),
        ("Je préfère parler en anglais", "en"),
        ("kannada dalli matadi", "kn"),
        ("telugu lo matladandi", "te"),
        ("tamil la pesunga", "ta"),
        ("marathi madhye bola", "mr"),
        ("hinglish me bolo", "hi-Latn"),
        ("angrezi mein bataiye", "en"),
        ("do you speak Spanish?", "es"),
    ],
)
def test_a_language_is_asked_for_in_any_language(text, tag):
    request = requested(text, NINE)

    assert request is not None
    assert request.tag == tag


@pytest.mark.parametrize(
    "text",
    [
        "I don't speak Hindi",
        "मुझे हिंदी नहीं आती",
        "muje hindi aati hai",
        "My wife is French",
        "I lost my French passport",
        "I want a Tamil newspaper loan",
        "je ne parle pas anglais",
        "what is the loan rate in india",
        "polish my car please",
        "",
        "12",
    ],
)
def test_a_language_that_is_only_spoken_of_is_not_asked_for(text):
    assert requested(text, NINE) is None
