"""A photo or document as an answer: kept, of the right type and size, refused kindly, also where another thing was asked."""

from __future__ import annotations

import pytest

from hookline.message import Attachment
from hookline_flows import checking, loading

FILE = """
title: {en: claim, fr: réclamation}
starts: {words: [claim]}
slots:
  photo: {kind: file, types: [image/*, application/pdf], max_bytes: 5000000, name: {en: photo, fr: photo}}
  receipt: {kind: file, types: [application/pdf], optional: true, name: {en: receipt, fr: reçu}}
  note: {kind: text, name: {en: note, fr: note}}
steps:
  - {ask: photo, text: {en: Send a photo of the damage., fr: Envoyez une photo du dégât.}}
  - {ask: note, text: {en: What happened?, fr: Que s'est-il passé ?}}
  - {ask: receipt, text: {en: The receipt as a PDF?, fr: Le reçu en PDF ?}}
  - {call: store, with: {url: photo.url, kind: photo.media_type, receipt: "receipt == null ? '' : receipt.name"}, into: stored}
  - {end: done, text: {en: "Filed {photo} for {note}.", fr: "Reçu {photo}."}}
"""
JPEG = Attachment("/files/a.jpg", "image/jpeg", "dent.jpg", 200_000)
PDF = Attachment("/files/b.pdf", "application/pdf", "bill.pdf", 90_000)
HEIC = Attachment("/files/c.zip", "application/zip", "all.zip", 10)
LARGE = Attachment("/files/d.png", "image/png", "big.png", 9_000_000)


@pytest.fixture
def claim(talk, office):
    office.functions["store"] = lambda **given: given

    async def make(**more):
        return await talk({"claim": FILE}, **more)

    return make


async def test_a_photo_answers_the_question_for_it_and_is_kept_with_type_and_name(claim, office):
    bot = await claim()

    assert (await bot.say("claim")).text == "Send a photo of the damage."
    assert (await bot.say("", attachments=(JPEG,))).text == "What happened?"
    assert (await bot.say("A tree fell on it")).text.startswith("The receipt as a PDF?")
    assert (await bot.say("here it is", attachments=(PDF,))).text == "Filed dent.jpg for A tree fell on it."
    assert office.calls == [("store", {"url": "/files/a.jpg", "kind": "image/jpeg", "receipt": "bill.pdf"})]


async def test_a_file_of_another_type_or_size_is_refused_kindly_and_one_that_fits_is_taken(claim):
    bot = await claim()
    await bot.say("claim")

    assert (await bot.say("", attachments=(HEIC,))).text == (
        "This kind of file can't be used here. Please send: photo, PDF."
    )
    assert (await bot.say("look", attachments=(LARGE,))).text == (
        "This file is too large. Please send one of at most 5 MB."
    )
    assert (await bot.say("", attachments=(HEIC, LARGE, JPEG))).text == "What happened?"


async def test_words_alone_are_no_file_and_a_question_is_left_to_others(claim, office):
    office.answers["can it be a scan?"] = "A scan is fine."
    bot = await claim()
    await bot.say("claim")

    assert (await bot.say("it is red")).text == "Please send it here as a file or photo."
    assert (await bot.say("can it be a scan?")).text.startswith("A scan is fine.")


async def test_a_file_sent_too_early_is_kept_for_the_question_that_wants_it(claim):
    bot = await claim()
    await bot.say("claim")
    await bot.say("", attachments=(JPEG,))

    early = (await bot.say("", attachments=(PDF,))).text
    assert early == "Noted: receipt: bill.pdf.\n\nWhat happened?"
    assert (await bot.say("hail")).text == "Filed dent.jpg for hail."


async def test_a_file_where_nothing_wants_one_has_the_question_asked_again(claim):
    bot = await claim()
    await bot.say("claim")
    await bot.say("", attachments=(JPEG,))

    assert (await bot.say("", attachments=(HEIC,))).text == (
        "Sorry, I did not get that. Could you write it in other words?"
    )
    assert (await bot.say("a fallen tree")).text.startswith("The receipt as a PDF?")


async def test_an_optional_file_may_be_left_out_in_french_too(claim, office):
    bot = await claim(config='language = "fr"\nlanguages = ["fr", "en"]')
    await bot.say("claim")
    refused = await bot.say("", attachments=(HEIC,))
    assert refused.text == "Ce type de fichier ne convient pas. Envoyez : photo, PDF."
    await bot.say("", attachments=(JPEG,))
    await bot.say("une fuite d'eau dans la cuisine")

    assert (await bot.say("je n'en ai pas")).text == "Reçu dent.jpg."
    assert office.calls[0][1]["receipt"] == ""


async def test_a_flow_that_names_what_is_no_type_is_refused_with_its_place(write, tmp_path):
    wrong = FILE.replace("[image/*, application/pdf]", "[photo]").replace("max_bytes: 5000000", "max_bytes: -1")
    folder = write(tmp_path, {"claim": wrong + "  # end\n"})

    problems = checking.check(loading.read(folder))
    assert [text.partition(": ")[2] for text in problems] == [
        'slots.photo.types: given \'photo\'; allowed: a media type like "application/pdf", or a family like "image/*"',
        "slots.photo.max_bytes: given -1; allowed: 0 (any size) or more",
    ]
    other = FILE.replace("note: {kind: text", "note: {kind: text, types: [image/png]")
    assert (
        "a slot of kind text has no types; it belongs to file"
        in checking.check(loading.read(write(tmp_path / "b", {"claim": other})))[0]
    )
