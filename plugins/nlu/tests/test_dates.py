"""Dates, periods and times of day, in the languages that are read."""

from __future__ import annotations

import datetime as dt

import pytest

from hookline_nlu.extractor import Extractor, Place
from hookline_nlu.fields import Field, load

NOW = dt.datetime(2026, 11, 21, 14, 0)  # a Saturday
FIELDS = load(("contact", "money", "time"), None)
READER = Extractor(FIELDS, Place())
FRENCH = Extractor(FIELDS, Place("XOF", "SN", indian=False, comma=True))


def when(text, reader=READER):
    return {e.name: e.value for e in reader.extract(text, NOW) if e.name in ("date", "time", "period", "incident")}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", "2026-11-22"),
        ("day after tomorrow", "2026-11-23"),
        ("next Monday", "2026-11-23"),
        ("last friday", "2026-11-20"),
        ("Monday next week", "2026-11-23"),
        ("on 12/03/2027", "2027-03-12"),
        ("2026-12-01", "2026-12-01"),
        ("12 March 2027", "2027-03-12"),
        ("March 3rd", "2027-03-03"),
        ("fourth of July 2027", "2027-07-04"),
        ("on the 25th", "2026-11-25"),
        ("15 tarikh ko", "2026-12-15"),
        ("3 days ago", "2026-11-18"),
        ("in 3 days", "2026-11-24"),
        ("3 din baad", "2026-11-24"),
        ("2 दिन पहले", "2026-11-19"),
        ("परसों आऊंगा", "2026-11-23"),
        ("25 दिसंबर 2026 को", "2026-12-25"),
        ("25 डिसेंबर", "2026-12-25"),
        ("उद्या", "2026-11-22"),
        ("આવતીકાલે", "2026-11-22"),
        ("நாளை", "2026-11-22"),
        ("రేపు", "2026-11-22"),
        ("ನಾಳೆ", "2026-11-22"),
    ],
)
def test_a_day(text, day):
    assert when(text) == {"date": day}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("demain", "2026-11-22"),
        ("après-demain", "2026-11-23"),
        ("aujourd'hui", "2026-11-21"),
        ("le 3 mars 2027", "2027-03-03"),
        ("le 1er janvier", "2027-01-01"),
        ("lundi prochain", "2026-11-23"),
        ("dans 3 jours", "2026-11-24"),
        ("il y a 3 jours", "2026-11-18"),
        ("avant hier", "2026-11-19"),
        ("après demain", "2026-11-23"),
        ("ce matin", "2026-11-21"),
    ],
)
def test_a_day_in_french(text, day):
    assert when(text, FRENCH) == {"date": day}


@pytest.mark.parametrize(
    ("text", "coming", "gone"),
    [
        ("le 12 novembre", "2027-11-12", "2026-11-12"),
        ("le 30 décembre", "2026-12-30", "2025-12-30"),
        ("lundi", "2026-11-23", "2026-11-16"),
        ("vendredi 13", "2027-08-13", "2026-11-13"),
        ("le 25", "2026-11-25", "2026-10-25"),
        ("le 29 février", "2028-02-29", "2024-02-29"),
        ("le 12/12", "2026-12-12", "2025-12-12"),
        ("demain", "2026-11-22", "2026-11-22"),
        ("12/12/2026", "2026-12-12", "2026-12-12"),
    ],
)
def test_the_day_of_what_has_happened_is_the_last_such_day(text, coming, gone):
    happened = Extractor({"incident": Field("date", past=True)}, Place(currency="XOF", region="SN", indian=False))

    assert when(text, FRENCH) == {"date": coming}
    assert when(text, happened) == {"incident": gone}


def test_kal_is_tomorrow_or_yesterday_by_the_verb_and_else_by_the_config():
    yesterday = Extractor(FIELDS, Place(kal=-1))

    assert when("kal shaam 5 baje aaunga") == {"date": "2026-11-22", "time": "17:00"}
    assert when("kal payment kiya tha") == {"date": "2026-11-20"}
    assert when("कल भुगतान किया था") == {"date": "2026-11-20"}
    assert (when("kal"), when("kal", yesterday)) == ({"date": "2026-11-22"}, {"date": "2026-11-20"})


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("at 5 pm", "17:00"),
        ("10:30am", "10:30"),
        ("17:30", "17:30"),
        ("half past five in the evening", "17:30"),
        ("at noon", "12:00"),
        ("call me at 4", "16:00"),
        ("3 baje", "15:00"),
        ("sadhe paanch baje shaam ko", "17:30"),
        ("सुबह साढ़े दस बजे", "10:30"),
        ("सकाळी 9 वाजता", "09:00"),
        ("காலை 10 மணிக்கு", "10:00"),
        ("ఉదయం 9 గంటలకు", "09:00"),
        ("સાંજે 6 વાગ્યે", "18:00"),
    ],
)
def test_a_time_of_day(text, time):
    assert when(text) == {"time": time}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("à 17h30", "17:30"),
        ("à 10h", "10:00"),
        ("à 9 heures du soir", "21:00"),
        ("à sept heures et demie", "07:30"),
        ("midi", "12:00"),
    ],
)
def test_a_time_of_day_in_french(text, time):
    assert when(text, FRENCH) == {"time": time}


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("next week", "2026-11-23", "2026-11-29"),
        ("this weekend", "2026-11-21", "2026-11-22"),
        ("agle mahine", "2026-12-01", "2026-12-31"),
        ("अगले हफ्ते", "2026-11-23", "2026-11-29"),
        ("from 3 to 7 March", "2027-03-03", "2027-03-07"),
        ("in May", "2027-05-01", "2027-05-31"),
    ],
)
def test_a_period_has_both_its_days(text, begin, end):
    assert when(text) == {"period": {"from": begin, "to": end}}


@pytest.mark.parametrize(
    "text",
    [
        "5 lakh",
        "price is 12.50",
        "800000",
        "may I know",
        "1/2 cup",
        "24/7 support",
        "version 1.2.3",
        "mars bar",
        "good afternoon",
        "₹2026",
    ],
)
def test_what_is_no_date(text):
    assert when(text) == {}


def test_a_length_of_time_is_no_date():
    assert when("repay in 15 years") == {}
    assert when("pendant 3 heures", FRENCH) == {}
