"""What is checked, guessed, written and said, without a server."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest

from tenant_tokosel import category, particulars
from tenant_tokosel.config import Config
from tenant_tokosel.loan import Loan
from tenant_tokosel.particulars import NotUsable
from tenant_tokosel.service import duration_said, francs, rate_said, reference, share_said
from tenant_tokosel.sheet import Sheet

SHEET = Sheet("SIM_20261121_001", "Prêt Immobilier", Loan(10_000_000, 180, Decimal("6.0")), "21 novembre 2026")
TODAY = dt.date(2026, 11, 21)


@pytest.mark.row("K42")
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("J'ai un problème avec ma carte", "Carte bancaire"),
        ("LE GAB A AVALÉ MA CARTE", "Carte bancaire"),
        ("Débit frauduleux de 50 000 FCFA", "Carte bancaire"),
        ("mon virement", "Virement"),
        ("mon frère n'a jamais reçu le transfert", "Virement"),
        ("on m'a prélevé des frais", "Frais"),
        ("vos agios sont abusifs", "Frais"),
        ("j'ai attendu trois heures à l'agence", "Service client"),
        ("je ne suis pas content", ""),
        ("on m'a pris de l'argent", ""),
    ],
)
def test_the_category_of_a_claim_by_its_words(text, wanted):
    assert category.likely(text) == wanted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("DIOP", "DIOP"),
        ("fatou", "Fatou"),
        ("je m'appelle Ndiaye", "Ndiaye"),
        ("N’Diaye", "N'Diaye"),
        ("mon prénom c'est Awa", "Awa"),
        ("Marie-Thérèse", "Marie-Thérèse"),
        ("de Souza", "de Souza"),
        ("Ndiaye Passy", "Ndiaye Passy"),
        ("Jean Ilboudo", "Jean Ilboudo"),
        ("Quenum", "Quenum"),
    ],
)
def test_a_name_is_kept_as_it_is_written(text, kept):
    assert particulars.name(text) == kept


@pytest.mark.parametrize("text", ["12", "oui", "👍", "D10P", "", "pourquoi voulez-vous savoir mon nom de famille",
                                  "je sais pas", "Je ne veux pas le dire", "plus tard", "hier", "j'en ai pas", "c'est quoi", "D'accord"])  # fmt: skip
def test_what_is_no_name_is_refused(text):
    with pytest.raises(NotUsable):
        particulars.name(text)


@pytest.mark.parametrize(
    ("full", "names"),
    [
        ("Khady Mbaye", ("Khady", "Mbaye")),
        ("DIOP Fatou", ("Fatou", "DIOP")),
        ("Fatou Binetou DIOP", ("Fatou Binetou", "DIOP")),
        ("mame diarra sarr", ("Mame Diarra", "Sarr")),
        ("AWA NDIAYE", ("AWA", "NDIAYE")),
    ],
)
def test_of_a_full_name_the_capitals_are_the_last_name_or_else_the_last_word(full, names):
    assert particulars.first_and_last(full) == names


def test_one_name_alone_is_no_full_name():
    with pytest.raises(NotUsable, match="name"):
        particulars.first_and_last("Khady")


@pytest.mark.parametrize(
    "text",
    [
        "6 millions par an",
        "un revenu annuel de 4,8 millions",
        "5 M/an",
        "je fais 7 millions dans l’année",
        "Par année : 3M",
    ],
)
def test_an_income_by_the_year_is_told_as_such(text):
    assert particulars.is_yearly(text)


@pytest.mark.parametrize(
    "text",
    [
        "500 000 par mois",
        "800000",
        "il y a un an 300 000",
        "annuel 6 millions, soit 500 000 par mois",
        "10 ans d'ancienneté, 400 mille",
    ],
)
def test_an_income_by_the_month_is_taken_as_it_is(text):
    assert not particulars.is_yearly(text)


@pytest.mark.row("K32")
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("77 123 45 67", "+221771234567"),
        ("+221 77.123.45.67", "+221771234567"),
        ("00221771234567", "+221771234567"),
        ("33 823 45 67", "+221338234567"),
    ],
)
def test_a_number_of_senegal_has_nine_digits_and_begins_with_7_or_3(text, kept):
    assert particulars.phone(text) == kept


@pytest.mark.parametrize("text", ["12", "67 123 45 67", "+33 6 12 34 56 78", "7712345678", "abc"])
def test_another_number_is_refused(text):
    with pytest.raises(NotUsable, match="phone"):
        particulars.phone(text)


@pytest.mark.parametrize(("day", "reason"), [("2026-11-22", "future"), ("2019-01-01", "old"), ("hier", "date")])
def test_an_incident_has_happened_and_not_long_ago(day, reason):
    with pytest.raises(NotUsable, match=reason):
        particulars.happened(day, TODAY)
    assert particulars.happened("2026-11-21", TODAY) == TODAY


def test_the_number_of_a_claim_is_understood_as_it_is_typed():
    typed = ["CLAIM_20251210_328", "claim 20251210 328", "Claim-20251210-328", "CLAIM20251210328"]

    assert {reference(text) for text in typed} == {"CLAIM_20251210_328"}


def test_figures_are_said_as_the_replaced_system_printed_them():
    assert francs(10_000_000) == "10 000 000 FCFA"
    assert [rate_said(Decimal(rate)) for rate in ("6.0", "6", "6.25", "10")] == ["6.0%", "6.0%", "6.25%", "10.0%"]
    assert [share_said(Decimal(share)) for share in ("42.1928", "35.0", "10.5482")] == ["42,19 %", "35 %", "10,55 %"]
    assert [duration_said(n) for n in (180, 18, 6, 12)] == [
        "15 ans (180 mois)", "1 an et 6 mois (18 mois)", "6 mois", "1 an (12 mois)",
    ]  # fmt: skip


def test_a_rate_is_exactly_what_the_config_says():
    config = Config(rates={"auto": {"CDI": 7.1}})

    assert config.rate("auto", "CDI") == Decimal("7.1")
    assert config.rate("auto", "CDD") is None
    assert config.rate("moto", "CDI") is None


def test_the_table_opens_in_a_french_spreadsheet_and_adds_up():
    data = SHEET.csv()

    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows, total = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert head == ["N°", "Mensualité", "Intérêts", "Capital remboursé", "Capital restant dû"]
    assert len(rows) == 180
    assert total == ["Total", "15189423", "5189423", "10000000", ""]
    assert [sum(int(row[n]) for row in rows) for n in (1, 2, 3)] == [15_189_423, 5_189_423, 10_000_000]


def test_the_table_to_print_says_the_same():
    from pypdf import PdfReader

    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(SHEET.pdf())).pages).replace("\u00a0", " ")

    for part in ("SIM_20261121_001", "Prêt Immobilier", "84 386", "15 189 423", "5 189 423", "10 000 000", "6,0 %"):
        assert part in text, part


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("bjr mon nom c'est Moussa Diagne jveux un compte", ("Moussa", "Diagne")),
        ("Je m'appelle Ndeye Fatou SECK, je veux un compte", ("Ndeye Fatou", "SECK")),
    ],
)
def test_a_name_is_heard_in_a_message_that_says_more(text, names):
    assert particulars.introduced(text) == names


@pytest.mark.parametrize("text", ["je suis étudiant", "je veux un compte", "mon nom est Diop"])
def test_a_message_without_a_full_name_introduces_nobody(text):
    with pytest.raises(NotUsable):
        particulars.introduced(text)


@pytest.mark.parametrize("text", ["hier soir", "Lundi matin", "samedi dernier"])
def test_a_day_is_no_name(text):
    with pytest.raises(NotUsable):
        particulars.name(text)


def test_who_has_no_address_is_reached_by_telephone_alone():
    assert particulars.spoken_reached("+221771234567", "") == "77 123 45 67"
    assert particulars.spoken_reached("+221771234567", "awa@x.sn") == "77 123 45 67, awa@x.sn"
