"""Facts in one message: name, value, unit, and the words they stand in."""

from __future__ import annotations

import datetime as dt

import pytest

from hookline.yamlfile import parse
from hookline_nlu.extractor import Extractor, Place
from hookline_nlu.fields import GENERAL, PRESETS, Declared, load, preset

NOW = dt.datetime(2026, 11, 21, 14, 0)  # a Saturday
INDIA = Place()
SENEGAL = Place("XOF", "SN", indian=False, comma=True)


def extractor(*presets, place=INDIA):
    return Extractor(load(presets or GENERAL, None), place)


GENERALLY = extractor()
DEALER = extractor(*GENERAL, "vehicle", "feedback")
LENDER = extractor(*GENERAL, "property")
BANK = extractor(*GENERAL, "banking", place=SENEGAL)


def values(reader, text, **known):
    return {e.name: e.value for e in reader.extract(text, NOW, **known)}


def value(reader, text, name):
    return values(reader, text).get(name)


@pytest.mark.row("A18", "X16")
def test_a_telephone_number_is_written_with_its_country():
    assert value(DEALER, "call me on 98765 43210", "phone") == "+919876543210"
    assert value(DEALER, "my number is 987654321", "phone") is None
    assert value(DEALER, "+91-98765-43210 please", "phone") == "+919876543210"


@pytest.mark.row("K32", "X16")
def test_a_number_of_senegal_is_one_of_the_tenants_region():
    assert value(BANK, "77 123 45 67", "phone") == "+221771234567"
    assert value(BANK, "12", "phone") is None


@pytest.mark.row("A19", "K33")
def test_an_e_mail_address_needs_a_domain():
    assert value(DEALER, "mail a.b@x.in", "email") == "a.b@x.in"
    assert value(DEALER, "a@b", "email") is None
    assert value(BANK, "fatou@x.sn", "email") == "fatou@x.sn"
    assert value(BANK, "abc", "email") is None


@pytest.mark.row("A20", "X16")
@pytest.mark.parametrize(
    "text", ["budget 12 lakh", "12L", "₹12,00,000", "बजट 12 लाख", "बजट १२ लाख", "barah lakh ka budget"]
)
def test_a_budget_is_an_amount(text):
    found = DEALER.extract(text, NOW)

    assert [(e.name, e.value, e.unit) for e in found if e.name != "sentiment"] == [("budget", 1_200_000, "INR")]


@pytest.mark.row("A22")
def test_a_city_is_found():
    assert value(DEALER, "I live in Pune", "city") == "Pune"
    assert value(DEALER, "मैं पुणे में रहता हूँ", "city") == "Pune"
    assert value(DEALER, "from mumabi", "city") == "Mumbai"
    assert value(DEALER, "the sales were good", "city") is None


@pytest.mark.row("A23")
def test_a_colour_is_found_in_several_languages():
    assert [value(DEALER, text, "color") for text in ("in red", "laal rang", "en rouge", "लाल रंग")] == ["red"] * 4


@pytest.mark.row("A24")
def test_a_trade_in_is_there_or_is_not():
    assert value(DEALER, "I have an old car to exchange", "trade_in") is True
    assert value(DEALER, "no exchange", "trade_in") is False
    assert value(DEALER, "I don't have an old car to exchange", "trade_in") is False


@pytest.mark.row("A25")
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my first car", "first-time"),
        ("replace my old car", "replacement"),
        ("second car for family", "additional"),
        ("pehli gaadi hai", "first-time"),
        ("दूसरी कार चाहिए", "additional"),
    ],
)
def test_the_type_of_a_buyer_is_told(text, kind):
    assert value(DEALER, text, "buyer_type") == kind


@pytest.mark.row("A26")
def test_a_company_is_a_corporate_customer_and_nothing_is_guessed():
    assert value(DEALER, "for our company", "customer_type") == "corporate"
    assert value(DEALER, "I want a car", "customer_type") is None


@pytest.mark.row("A27")
def test_who_the_customer_is():
    found = values(DEALER, "I am 35, married, two kids, a doctor")

    assert (found["age"], found["marital_status"], found["children"], found["occupation"]) == (
        35,
        "married",
        2,
        "doctor",
    )
    assert value(DEALER, "we are a family of 5", "family_size") == 5


def test_a_trade_counts_only_where_customers_speak_of_themselves():
    assert value(DEALER, "I am a teacher", "occupation") == "teacher"
    assert value(DEALER, "main ek doctor hun", "occupation") == "doctor"
    assert value(DEALER, "please call my doctor about it", "occupation") is None
    assert value(DEALER, "my card was charged for a single transaction", "marital_status") is None


@pytest.mark.row("A28")
@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("on loan", "purchase_mode", "loan"),
        ("cash", "purchase_mode", "cash"),
        ("lease", "purchase_mode", "lease"),
        ("12 lakh a year", "income", 1_200_000),
        ("40 km daily", "travel", 40),
        ("mileage and safety", "priorities", ["mileage", "safety"]),
        ("family and office", "usage", ["family", "office"]),
    ],
)
def test_answers_to_the_need_analysis_land_in_their_fields(text, name, wanted):
    assert value(DEALER, text, name) == wanted


@pytest.mark.row("A28")
def test_a_rival_brand_is_a_list_of_the_tenants():
    declared = parse("fields: {competitors: {kind: list, many: true, values: {Brand Y: [y-brand]}}}", "x", Declared)
    reader = Extractor(load(GENERAL, None) | dict(declared.fields), INDIA)

    assert value(reader, "also looking at brand Y", "competitors") == ["Brand Y"]


@pytest.mark.row("A29")
def test_a_rating_and_a_score_out_of_ten():
    found = values(DEALER, "Very Good, 9 out of 10")

    assert (found["rating"], found["nps"]) == ("Very Good", 9)
    assert "nps" not in values(DEALER, "20 out of 10")
    assert "nps" not in values(DEALER, "I have 9 cars")


@pytest.mark.row("A30")
def test_hindi_values_and_whole_words():
    assert value(DEALER, "मेरा बजट पंद्रह लाख", "budget") == 1_500_000
    declared = parse("fields: {thing: {kind: list, values: {car: []}}}", "x", Declared)
    reader = Extractor(declared.fields, INDIA)
    assert values(reader, "a scar") == {}
    assert values(reader, "a car") == {"thing": "car"}


@pytest.mark.row("L21", "X16")
def test_what_a_house_is_worth():
    found = LENDER.extract("I have a house in Bangalore worth 1.5 crore", NOW)

    assert [(e.name, e.value, e.unit) for e in found] == [
        ("property_type", "house", ""),
        ("city", "Bangalore", ""),
        ("value", 15_000_000, "INR"),
    ]


@pytest.mark.row("L22", "X16")
def test_how_much_is_needed_and_what_for():
    found = LENDER.extract("I need about 80 lakhs for my business expansion", NOW)

    assert [(e.name, e.value, e.unit) for e in found] == [
        ("amount", 8_000_000, "INR"),
        ("purpose", "business expansion", ""),
    ]


@pytest.mark.row("K22", "K24", "K25", "K26", "K47", "X16")
@pytest.mark.parametrize(
    ("text", "name", "amount", "unit"),
    [
        ("Je veux emprunter 5 millions", "money", 5_000_000, "XOF"),
        ("10 millions", "money", 10_000_000, "XOF"),
        ("15 ans", "duration", 180, "month"),
        ("800000", "number", 800_000, ""),
        ("Débit frauduleux de 50 000 FCFA", "money", 50_000, "XOF"),
        ("50.000 FCFA", "money", 50_000, "XOF"),
        ("50\u202f000\u202fFCFA", "money", 50_000, "XOF"),
        ("un million et demi de francs", "money", 1_500_000, "XOF"),
        ("1,5 million d'euros", "money", 1_500_000, "EUR"),
        ("1 million 200", "money", 1_200_000, "XOF"),
        ("un million deux cents", "money", 1_200_000, "XOF"),
        ("2 millions 5 sur 10 ans", "money", 2_500_000, "XOF"),
        ("2 millions 5 ans", "money", 2_000_000, "XOF"),
        ("3 millions 2 voitures", "money", 3_000_000, "XOF"),
        ("600 mil", "money", 600_000, "XOF"),
    ],
)
def test_amounts_and_lengths_of_time_in_french(text, name, amount, unit):
    found = [e for e in BANK.extract(text, NOW) if e.name == name]

    assert [(e.value, e.unit) for e in found] == [(amount, unit)]


@pytest.mark.row("X16")
@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.5 crore", 15_000_000),
        ("80 lakhs", 8_000_000),
        ("15L", 1_500_000),
        ("5k", 5_000),
        ("₹5,00,000", 500_000),
        ("Rs. 80000/-", 80_000),
        ("Rs.1,500.50", 1_500.5),
        ("dedh lakh", 150_000),
        ("ढाई लाख", 250_000),
        ("साढ़े तीन करोड़", 35_000_000),
        ("sadhe saat lakh rupaye", 750_000),
        ("paune do lakh", 175_000),
        ("one lakh twenty thousand", 120_000),
        ("half a million rupees", 500_000),
        ("two and a half lakh", 250_000),
        ("पंधरा लाख", 1_500_000),
        ("૧૫ લાખ", 1_500_000),
        ("પંદર લાખ", 1_500_000),
        ("௧௫ லட்சம்", 1_500_000),
        ("பதினைந்து லட்சம்", 1_500_000),
        ("పదిహేను లక్షలు", 1_500_000),
        ("౧౫ లక్షల రూపాయలు", 1_500_000),
        ("ಹದಿನೈದು ಲಕ್ಷ", 1_500_000),
        ("೧೫ ಲಕ್ಷ", 1_500_000),
        ("5 rupees 50 paise", 5.5),
        ("साडेतीन लाख रुपये", 350_000),
        ("दीड कोटी", 15_000_000),
        ("સાડા ત્રણ લાખ", 350_000),
        ("ஐம்பதாயிரம் ரூபாய்", 50_000),
        ("ஒன்றரை கோடி", 15_000_000),
        ("రెండున్నర లక్షలు", 250_000),
        ("ಒಂದೂವರೆ ಕೋಟಿ", 15_000_000),
        ("CTC 18 LPA", 1_800_000),
    ],
)
def test_amounts_as_they_are_said_in_india(text, amount):
    found = GENERALLY.extract(text, NOW)

    assert [(e.name, e.value, e.unit) for e in found] == [("money", amount, "INR")]


def test_a_span_counts_the_code_points_of_the_message_as_it_was_written():
    text = "😀 मुझे १५ लाख\u200b चाहिए, e\u0301cris à a.b@x.in"

    found = {e.name: text[e.start : e.end] for e in GENERALLY.extract(text, NOW)}

    assert found == {"money": "१५ लाख", "email": "a.b@x.in"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10-12 lakh", {"from": 1_000_000, "to": 1_200_000}),
        ("between 10 and 12 lakhs", {"from": 1_000_000, "to": 1_200_000}),
        ("₹5 lakh to ₹7 lakh", {"from": 500_000, "to": 700_000}),
        ("10 se 12 lakh", {"from": 1_000_000, "to": 1_200_000}),
    ],
)
def test_a_range_has_its_upper_end_as_value_and_both_beside(text, wanted):
    found = values(GENERALLY, text)

    assert found["money_range"] == wanted
    assert found["money"] == wanted["to"]


@pytest.mark.parametrize(
    "text",
    [
        "what do you want",
        "5 lakh people",
        "room 5, floor 2",
        "version 1.2.3",
        "in 2019",
        "order A-1042",
        "I am interested in a loan",
        "मुझे दो",
        "24/7 support",
        "le neuf",
    ],
)
def test_what_is_no_amount_of_money(text):
    assert "money" not in values(GENERALLY, text)


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("2 saal", "duration", 24),
        ("six months", "duration", 6),
        ("dedh saal", "duration", 18),
        ("2 years 6 months", "duration", 30),
        ("un an et demi", "duration", 18),
        ("पाँच वर्ष", "duration", 60),
        ("ஐந்து ஆண்டுகள்", "duration", 60),
        ("5 సంవత్సరాలు", "duration", 60),
        ("5 ವರ್ಷಗಳು", "duration", 60),
        ("3 weeks", "duration", 21),
        ("7 working days", "duration", 7),
        ("half an hour", "duration", 1800),
        ("8.5% interest", "percent", 8.5),
        ("dix pour cent", "percent", 10),
        ("नौ प्रतिशत", "percent", 9),
        ("ಹತ್ತು ಪ್ರತಿಶತ", "percent", 10),
        ("9 point 5 percent", "percent", 9.5),
        ("1200 sq ft", "quantity", 1200),
        ("20 km away", "quantity", 20),
    ],
)
def test_lengths_shares_and_quantities(text, name, wanted):
    assert value(GENERALLY, text, name) == wanted


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my name is Rahul Sharma and I live here", "Rahul Sharma"),
        ("my name is rahul", "Rahul"),
        ("je m'appelle Fatou Diop", "Fatou Diop"),
        ("mera naam Priya hai", "Priya"),
        ("मेरा नाम राहुल शर्मा है", "राहुल शर्मा"),
        ("माझे नाव अनिता आहे", "अनिता"),
        ("મારું નામ હેતલ છે", "હેતલ"),
        ("என் பெயர் கார்த்திக்", "கார்த்திக்"),
        ("నా పేరు లక్ష్మి", "లక్ష్మి"),
        ("ನನ್ನ ಹೆಸರು ಮಂಜು", "ಮಂಜು"),
        ("I am Amit calling from Pune", "Amit"),
        ("I am looking for a car", None),
        ("i am not happy", None),
        ("this is urgent", None),
        ("je suis intéressé", None),
    ],
)
def test_a_name_is_what_a_customer_says_it_is(text, name):
    assert value(GENERALLY, text, "name") == name


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("PAN ABCPE1234F", "pan", "******234F"),
        ("card 4111 1111 1111 1111", "card", "************1111"),
        ("card 4111 1111 1111 1112", "card", None),
        ("aadhaar 2341 2341 2346", "aadhaar", "********2346"),
        ("aadhaar 2341 2341 2347", "aadhaar", None),
        ("IBAN GB82 WEST 1234 5698 7654 32 please", "iban", "******************5432"),
        ("IBAN GB82 WEST 1234 5698 7654 33", "iban", None),
        ("IFSC HDFC0001234", "ifsc", "HDFC0001234"),
        ("GST 27AAPFU0939F1ZV", "gstin", "27AAPFU0939F1ZV"),
        ("MH 12 AB 1234", "vehicle_registration", "MH12AB1234"),
        ("pincode 411001", "pincode", "411001"),
        ("pay 411001", "pincode", None),
        ("pay me at rahul@okaxis", "upi", "rahul@okaxis"),
        ("see www.example.com/a?b=1.", "url", "www.example.com/a?b=1"),
    ],
)
def test_numbers_are_held_to_the_rules_of_those_who_give_them_out(text, name, wanted):
    assert value(GENERALLY, text, name) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "my otp is 482913",
        "OTP 482913",
        "CVV 123",
        "account number is 123456789012",
        "Transaction ID 8273648273 failed",
        "policy no 1234567890",
    ],
)
def test_passwords_and_account_numbers_are_no_facts(text):
    assert values(GENERALLY, text) == {}


@pytest.mark.parametrize(
    "text", ["10th pass", "1st floor", "section 80C", "5G network", "4x4", "COVID-19", "B2B", "#123"]
)
def test_figures_in_names_are_no_numbers(text):
    assert not {"number", "money", "quantity", "date"} & set(values(GENERALLY, text)) - (
        {"number"} if text == "4x4" else set()
    )


def test_the_age_of_somebody_else_is_not_the_customers():
    assert value(GENERALLY, "my son is 5 years old", "age") is None
    assert value(GENERALLY, "I am 5 years old", "age") == 5


def test_two_amounts_side_by_side_are_two():
    assert [e.value for e in GENERALLY.extract("3 lakh 3 lakh", NOW)] == [300_000, 300_000]


def test_personal_numbers_are_kept_whole_only_where_the_tenant_says_so():
    keeping = Extractor(load(GENERAL, None), Place(keep=frozenset({"pan", "card"})))

    assert value(keeping, "PAN ABCPE1234F", "pan") == "ABCPE1234F"
    assert value(keeping, "4111 1111 1111 1111", "card") == "************1111"


def test_of_two_that_overlap_one_stays():
    assert set(values(GENERALLY, "call 98765 43210")) == {"phone"}
    assert set(values(GENERALLY, "on 12/03/2027")) == {"date"}
    declared = parse("fields: {model: {kind: list, values: {XUV 700: [xuv700], i20: []}}}", "x", Declared)
    reader = Extractor(load(GENERAL, None) | dict(declared.fields), INDIA)
    assert values(reader, "the xuv700 or the I20") == {"model": "i20"}


# -- every field that comes with the plugin -----------------------------------------------------------------------------

SHOWN = {
    "phone": ("98765 43210", "98765"),
    "email": ("a.b@x.in", "a@b"),
    "url": ("https://x.in/a", "x in a"),
    "upi": ("a.b@ybl", "a.b@x"),
    "pincode": ("pin 411001", "411001 rupees"),
    "name": ("my name is Asha", "the name of it"),
    "money": ("5 lakh", "5 cars"),
    "percent": ("9 %", "9"),
    "number": ("42", "many"),
    "quantity": ("20 kg", "20 years"),
    "duration": ("5 years", "years ago"),
    "date": ("tomorrow", "some day"),
    "period": ("next week", "week"),
    "time": ("5 pm", "5"),
    "card": ("4111 1111 1111 1111", "4111 1111 1111 1112"),
    "iban": ("FR14 2004 1010 0505 0001 3M02 606", "FR14 2004 1010 0505 0001 3M02 607"),
    "pan": ("ABCPE1234F", "ABC1234F"),
    "aadhaar": ("2341 2341 2346", "2341 2341 2340"),
    "gstin": ("27AAPFU0939F1ZV", "27AAPFU0939F1ZX"),
    "ifsc": ("SBIN0001234", "SBIN1001234"),
    "vin": ("MA3EUA61S00123456", "MA3EUA61S0012345"),
    "vehicle_registration": ("KA01MJ2022", "XX01MJ2022"),
    "age": ("I am 35 years old", "35 years"),
    "children": ("3 children", "3 cars"),
    "family_size": ("family of four", "four"),
    "marital_status": ("married", "marred"),
    "occupation": ("a teacher", "teach"),
    "city": ("Nagpur", "nag"),
    "budget": ("budget 8 lakh", "budget"),
    "income": ("salary 50000", "salary"),
    "travel": ("40 km daily", "40 daily"),
    "odometer": ("driven 40000 km", "driven far"),
    "fuel": ("diesel", "dies"),
    "transmission": ("automatic", "auto"),
    "body_type": ("SUV", "su"),
    "color": ("white", "whit"),
    "trade_in": ("to exchange", "change"),
    "buyer_type": ("my first car", "a car"),
    "customer_type": ("for our company", "company"),
    "timeline": ("asap", "some time"),
    "purchase_mode": ("leasing", "leas"),
    "priorities": ("mileage", "miles"),
    "usage": ("highway", "high way out"),
    "model_year": ("2019 model", "2019"),
    "booking_id": ("BK-12345", "BK"),
    "value": ("worth 2 crore", "worth it"),
    "amount": ("need 20 lakh", "need it"),
    "tenure": ("loan for 5 years", "loan"),
    "property_type": ("a flat", "flatly"),
    "purpose": ("wedding", "wed"),
    "loan_type": ("home loan", "home"),
    "account_type": ("savings account", "account"),
    "employment": ("freelancer", "free"),
    "account": ("account 123456789012", "123456789012"),
    "rating": ("Excellent", "excel"),
    "nps": ("8 out of 10", "8"),
}


@pytest.mark.row("A17", "X13")
def test_at_least_thirty_fields_come_with_the_plugin_and_each_is_shown_here():
    names = {name for group in PRESETS for name in preset(group)}

    assert len(names) >= 30
    assert set(SHOWN) == names
    assert len(DEALER.fields) >= 30


@pytest.mark.row("A17")
@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_field_is_found_where_it_is_said_and_not_where_it_is_not(name):
    group = next(g for g in PRESETS if name in preset(g))
    reader = extractor(*{"contact", group})
    said, unsaid = SHOWN[name]

    assert name in values(reader, said)
    assert name not in values(reader, unsaid)


@pytest.mark.parametrize(
    "text",
    [
        "a 1.5 crore flat, need 80 lakh",
        "80 lakh chahiye, ghar 1.5 crore ka hai",
        "my house in Bengaluru, around 1.5 Cr, need 80 lakh for the shop",
        "loan of 80 lakhs on my house worth 1.5 crore",
    ],
)
def test_a_cue_between_two_amounts_belongs_to_the_nearer_one(text):
    hinted = """
fields:
  value: {kind: money, cues: [worth], hints: [house, flat, ghar]}
  amount: {kind: money, cues: [need, loan, chahiye]}
"""
    reader = Extractor(load(GENERAL, None) | dict(parse(hinted, "x", Declared).fields), INDIA)

    found = values(reader, text)

    assert (found["value"], found["amount"]) == (15000000, 8000000)


def test_a_hint_counts_only_where_no_cue_is_near():
    hinted = "fields:\n  value: {kind: money, hints: [house]}\n  amount: {kind: money, cues: [need]}\n"
    reader = Extractor(load(GENERAL, None) | dict(parse(hinted, "x", Declared).fields), INDIA)

    assert values(reader, "need 80 lakh on my house") == {"amount": 8000000}
    assert values(reader, "1.5 crore, my house") == {"value": 15000000}


@pytest.mark.parametrize(
    ("text", "amount"),
    [("కోటిన్నర", 15000000), ("లక్షన్నర", 150000), ("ಎಂಭತ್ತು ಲಕ್ಷ", 8000000), ("எண்பத்தைந்து லட்சம்", 8500000)],
)
def test_numbers_in_words_are_read_as_southern_languages_write_them(text, amount):
    assert value(GENERALLY, text, "money") == amount
