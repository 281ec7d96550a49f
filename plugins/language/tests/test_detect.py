"""Which language a message is in."""

from __future__ import annotations

import pytest

from hookline_language.detect import Detector

NINE = ("en", "hi", "hi-Latn", "mr", "gu", "ta", "te", "kn", "fr")


@pytest.fixture(scope="module")
def nine():
    return Detector(NINE)


@pytest.mark.row("X15")
@pytest.mark.parametrize(
    ("text", "tag"),
    [
        pytest.param("मुझे गाड़ी खरीदनी है", "hi", marks=pytest.mark.row("A57")),
        pytest.param("mujhe gaadi kharidni hai", "hi-Latn", marks=pytest.mark.row("A58")),
        pytest.param("मला गाडी घ्यायची आहे", "mr", marks=pytest.mark.row("A59")),
        pytest.param("મારે ગાડી ખરીદવી છે", "gu", marks=pytest.mark.row("A60")),
        pytest.param("I want to buy a car", "en", marks=pytest.mark.row("A61")),
        ("எனக்கு வீட்டுக் கடன் வேண்டும்", "ta"),
        ("నాకు ఇంటి రుణం కావాలి", "te"),
        ("ನನಗೆ ಗೃಹ ಸಾಲ ಬೇಕು", "kn"),
        ("Je voudrais simuler un prêt immobilier", "fr"),
        ("नमस्ते, मुझे अपनी संपत्ति पर लोन चाहिए", "hi"),
        ("माझ्या खात्यात किती पैसे आहेत?", "mr"),
        ("kitna byaj lagega bhai", "hi-Latn"),
        ("my EMI kitna hai", "hi-Latn"),
        ("Please timer ko rok do", "hi-Latn"),
        ("loan ke liye kya documents chahiye", "hi-Latn"),
        ("bonjour", "fr"),
        ("oui", "fr"),
        ("10 millions sur 15 ans", "fr"),
        ("l'assurance auto", "fr"),
        ("merci beaucoup", "fr"),
        ("hello", "en"),
        ("home loan interest rate", "en"),
        ("what's my balance?", "en"),
        ("I had paneer tikka with Rahul Sharma in Pune", "en"),
    ],
)
def test_a_message_is_of_the_language_that_it_is_written_in(nine, text, tag):
    assert nine.detect(text).tag == tag


@pytest.mark.parametrize(
    "text", ["12345", "₹ 12,50,000", "a.b@example.com", "👍", "", "https://example.com/le-pret", "!!"]
)
def test_what_has_no_words_has_no_language(nine, text):
    assert nine.detect(text).tag == ""


@pytest.mark.parametrize("text", ["ok", "okay", "Rahul Sharma", "Fortuner", "EMI"])
def test_names_and_words_of_all_languages_are_little_evidence(nine, text):
    guess = nine.detect(text)

    assert guess.evidence < 2
    assert guess.confidence < 0.8


@pytest.mark.parametrize(
    ("listed", "text", "tag"),
    [
        (("en", "hi"), "mujhe gaadi kharidni hai", "hi"),
        (("en", "kn"), "nanage loan beku", "kn"),
        (("en", "mr"), "mala gadi ghyaychi aahe", "mr"),
        (("en", "es", "hi-Latn"), "quiero comprar un coche nuevo", "es"),
        (("en", "es", "hi-Latn"), "mujhe nayi car chahiye", "hi-Latn"),
        (("en", "es", "hi-Latn"), "I want to buy a new car", "en"),
        (("en", "de"), "Ich möchte ein neues Konto eröffnen", "de"),
        (("ar", "ur", "en"), "مجھے گاڑی خریدنی ہے", "ur"),
        (("ar", "ur", "en"), "أريد أن أشتري سيارة جديدة", "ar"),
        (("ru", "uk", "en"), "Я хочу купить новую машину", "ru"),
        (("hi", "ne", "en"), "मुझे गाड़ी खरीदनी है", "hi"),
        (("ja", "zh", "en"), "新しい車を買いたいです", "ja"),
        (("en", "hi"), "flat in Mumbai worth 2 crore, need 50 lakhs", "en"),
        (("en", "hi"), "ok let's continue", "en"),
        (("en-IN", "fr-SN"), "Je voudrais ouvrir un compte", "fr-SN"),
        (("en", "bn"), "আমি একটি গাড়ি কিনতে চাই", "bn"),
    ],
)
def test_any_language_that_a_tenant_lists_is_told_from_its_others(listed, text, tag):
    assert Detector(listed).detect(text).tag == tag


@pytest.mark.parametrize(
    ("listed", "text", "foreign", "closest"),
    [
        (("en", "hi"), "quiero comprar un coche nuevo por favor", "es", ""),
        (("en", "hi"), "எனக்கு கார் வேண்டும்", "ta", ""),
        (("en", "hi"), "मला गाडी घ्यायची आहे", "mr", "hi"),
        (("en", "hi"), "Je voudrais acheter une voiture", "fr", ""),
        (("en", "hi"), "مجھے گاڑی خریدنی ہے", "ur", ""),
        (("fr",), "mujhe gaadi kharidni hai", "hi", ""),
    ],
)
def test_a_language_that_is_not_listed_is_named_with_the_closest_that_is(listed, text, foreign, closest):
    guess = Detector(listed).detect(text)

    assert guess.foreign.split("-")[0] == foreign
    assert guess.tag == closest


@pytest.mark.parametrize(
    "text", ["I would like to know the eligibility criteria", "Tell Joshua happy birthday", "Toyota Innova Hycross ZX"]
)
def test_an_english_message_with_rare_words_and_names_is_not_foreign(text):
    assert Detector(("en", "hi")).detect(text).foreign == ""


def test_a_long_message_takes_no_long_time(nine):
    guess = nine.detect("mujhe apne ghar ke liye loan chahiye " * 1000)

    assert guess.tag == "hi-Latn"
