"""Sentences, words and languages, in many scripts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline_rag.script import language_of
from hookline_rag.sentences import sentences
from hookline_rag.terms import spans, stem, terms, words
from hookline_rag.tokens import estimate


def cut(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 4.20 per minute. Call 555.", ["It costs 4.20 per minute.", "Call 555."]),
        ("Ask Dr. Smith. He knows.", ["Ask Dr. Smith.", "He knows."]),
        ("Open Mon. to Fri. from 9 a.m. to 5 p.m. Closed on Sunday.",
         ["Open Mon. to Fri. from 9 a.m. to 5 p.m.", "Closed on Sunday."]),
        ("See example.com for more. Thanks!", ["See example.com for more.", "Thanks!"]),
        ("See No. 5 on the list. No. I won't.", ["See No. 5 on the list.", "No.", "I won't."]),
        ("J. R. Tolkien wrote it. True.", ["J. R. Tolkien wrote it.", "True."]),
        ("Really?! Yes… Good.", ["Really?!", "Yes…", "Good."]),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("1. Open the app.\n2. Choose it.", ["1. Open the app.", "2. Choose it."]),
        ("यह पहला है। यह दूसरा है॥ तीसरा?", ["यह पहला है।", "यह दूसरा है॥", "तीसरा?"]),
        ("你好。再见！好吗？", ["你好。", "再见！", "好吗？"]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("یہ پہلا ہے۔ یہ دوسرا ہے۔", ["یہ پہلا ہے۔", "یہ دوسرا ہے۔"]),
        ("Frais p. ex. 5 €. C'est tout.", ["Frais p. ex. 5 €.", "C'est tout."]),
        ("z.B. am Montag. Ende.", ["z.B. am Montag.", "Ende."]),
        ("முதல் வாக்கியம். இரண்டாவது வாக்கியம்.", ["முதல் வாக்கியம்.", "இரண்டாவது வாக்கியம்."]),
        ("one line\nanother line", ["one line", "another line"]),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(text, expected):
    assert cut(text) == expected


@given(st.text())
def test_the_sentences_of_any_text_are_in_order_and_hold_all_that_is_no_whitespace(text):
    spans = sentences(text)

    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    inside = "".join(text[start:end] for start, end in spans)
    assert "".join(inside.split()) == "".join(text.split())


def test_words_keep_the_vowel_signs_of_indic_scripts():
    assert words("मुझे पासवर्ड बदलना है") == ["मुझे", "पासवर्ड", "बदलना", "है"]
    assert words("மின்கட்டணம் எவ்வளவு?") == ["மின்கட்டணம்", "எவ்வளவு"]


def test_words_have_no_case_and_no_latin_accents():
    assert words("Ça coûte l'ÉTÉ") == ["ca", "coute", "l", "ete"]


def test_scripts_without_spaces_give_pairs_of_characters():
    assert words("重置密码") == ["重置", "置密", "密码"]


@given(st.text(max_size=80))
def test_the_places_of_words_are_in_order_and_inside_the_text(text):
    found = spans(text)

    assert all(0 <= start < end <= len(text) for _, start, end in found)
    assert [start for _, start, _ in found] == sorted(start for _, start, _ in found)


def test_words_of_one_stem_meet():
    assert stem("resetting", "en") == stem("reset", "en") or terms("passwords", "en") == terms("password", "en")
    assert terms("factures", "fr") == terms("facture", "fr")
    assert terms("शहरों", "hi") == terms("शहर", "hi")
    assert stem("anything", "te") == "anything"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I reset my password?", "en"),
        ("Comment réinitialiser mon mot de passe ?", "fr"),
        ("Wie kann ich mein Passwort zurücksetzen?", "de"),
        ("¿Cómo puedo cambiar mi contraseña?", "es"),
        ("मैं अपना पासवर्ड कैसे बदलूँ?", "hi"),
        ("माझा पासवर्ड कसा बदलायचा आहे?", "mr"),
        ("கடவுச்சொல்லை எப்படி மாற்றுவது?", "ta"),
        ("పాస్‌వర్డ్ ఎలా మార్చాలి?", "te"),
        ("ಪಾಸ್‌ವರ್ಡ್ ಬದಲಾಯಿಸುವುದು ಹೇಗೆ?", "kn"),
        ("પાસવર્ડ કેવી રીતે બદલવો?", "gu"),
        ("Как мне изменить пароль?", "ru"),
        ("كيف يمكنني تغيير كلمة المرور؟", "ar"),
        ("roaming", ""),
        ("123 !", ""),
    ],
)
def test_the_language_of_a_question_is_told_by_script_and_common_words(text, language):
    assert language_of(text) == language


def test_the_estimate_of_tokens_is_near_for_english_and_safe_for_other_scripts():
    english = "To reset your password, open the login page and choose the link below."

    assert 14 <= estimate(english) <= 20
    assert estimate("खाता खोलने के लिए आधार कार्ड चाहिए") >= 14
    assert estimate("重置密码") == 4


def test_a_kilometre_of_another_script_ends_no_sentence():
    text = "ఇది మండల కేంద్రమైన కొయ్యూరు నుండి 6 కి. మీ. దూరంలో ఉంది. గ్రామం 490 హెక్టార్లలో ఉంది."

    assert [text[a:b].split()[-2] for a, b in sentences(text)] == ["దూరంలో", "హెక్టార్లలో"]
