"""What the bot says in each language: where phrases come from, what is in them, what is wrong with them."""

from __future__ import annotations

import datetime as dt
import json
import math
import shutil
from decimal import Decimal

import pytest
import structlog
from click.testing import CliRunner

from hookline import languages
from hookline.check import Folder, check_command, check_files
from hookline.errors import ConfigError, PhraseFailed, PhraseMissing
from hookline.hookspecs import hookimpl
from hookline.message import Reply
from hookline.phrases import Needed, load_phrases
from hookline.phrasevalues import FSI, PDI
from hookline.plugin import Plugin
from hookline.scaffold import write_plugin
from hookline.settings import Locale, Settings

N = "\u202f"
SENEGAL = Locale(number="french", currency="XOF", phone_region="SN")


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(text, ensure_ascii=False, indent=2) if isinstance(text, dict) else text, "utf-8")


@pytest.fixture
def load(tmp_path):
    """Phrases from files, by their names below the tenant's folder."""

    def make(files, *, language="en", others=(), texts=None, locale=None, **more):
        write(tmp_path, files)
        settings = Settings(
            plugins=(), language=language, languages=(language, *others), texts=texts or {}, locale=locale or Locale()
        )
        return load_phrases(settings, tmp_path, **more)

    return make


# -- where a phrase comes from -----------------------------------------------------------------------------------------


def test_a_phrase_is_said_in_the_language_with_its_values(load):
    phrases = load(
        {"locales/en/all.ftl": "hello = Hello { $name }!", "locales/fr.ftl": "hello = Bonjour { $name } !"},
        others=("fr",),
    ).phrases

    assert phrases.phrase("hello", "en", name="Awa") == "Hello Awa!"
    assert phrases.phrase("hello", "fr", name="Awa") == "Bonjour Awa !"
    assert phrases.phrase("hello", "fr-SN", name="Awa") == "Bonjour Awa !"
    assert phrases.phrase("hello", "FR_sn", name="Awa") == "Bonjour Awa !"


@pytest.mark.parametrize(
    ("language", "said"),
    [("hi-Latn", "Hindi"), ("hi", "Hindi"), ("mr", "français"), ("", "français"), ("no tag at all", "français")],
)
def test_what_a_language_lacks_comes_from_its_parent_then_from_the_tenants_own(load, language, said):
    phrases = load(
        {"locales/fr.ftl": "word = français", "locales/hi.ftl": "word = Hindi", "locales/en.ftl": "word = English"},
        language="fr",
        others=("hi", "en"),
    ).phrases

    assert phrases.phrase("word", language) == said


@pytest.mark.row("L64")
def test_a_missing_phrase_falls_back_to_english_with_one_warning_a_key(load, caplog):
    phrases = load(
        {
            "prompts/english/prompts.json": {"hello": "Hello", "bye": "Bye"},
            "prompts/marathi/prompts.json": {"hello": "नमस्कार"},
        },
        others=("mr",),
    )
    with structlog.testing.capture_logs() as logs:
        said = [phrases.phrases.phrase(key, "mr") for key in ("hello", "bye", "bye", "bye")]

    assert said == ["नमस्कार", "Bye", "Bye", "Bye"]
    assert [(line["event"], line["phrase"], line["language"], line["used"]) for line in logs] == [
        ("a phrase is missing: another language is used", "bye", "mr", "en")
    ]
    assert "no phrase in 'mr' for bye; the nearest language is used" in phrases.phrases.warnings


def test_the_tenants_texts_win_over_its_files_and_those_over_the_cores(load):
    files = {"locales/en.ftl": "greeting = From the file\nthanks = Thanks from the file"}
    phrases = load(files, texts={"en": {"greeting": "From the config, with {braces}"}}).phrases

    assert phrases.phrase("greeting") == "From the config, with {braces}"
    assert phrases.phrase("thanks") == "Thanks from the file"
    assert phrases.phrase("goodbye") == "Goodbye, and thank you for writing."


def test_a_prompt_pack_is_named_by_the_language_in_english_or_its_tag(load):
    phrases = load(
        {
            f"prompts/{name}/prompts.json": {"who": name}
            for name in ("english", "hindi", "hinglish", "kannada", "tamil", "te", "pt-BR")
        },
        others=("hi", "hi-Latn", "kn", "ta", "te", "pt-BR"),
    ).phrases

    assert [phrases.phrase("who", tag) for tag in ("en", "hi", "hi-Latn", "kn", "ta", "te", "pt-BR")] == [
        "english",
        "hindi",
        "hinglish",
        "kannada",
        "tamil",
        "te",
        "pt-BR",
    ]


def test_a_text_of_a_prompt_pack_may_have_lines_plurals_and_marks_at_their_starts(load):
    text = "Dear { $name },\n\n* one\n[two]\n.three\n{ $n ->\n    [one] one loan\n   *[other] { $n } loans\n}\nBye"
    phrases = load({"prompts/english/prompts.json": {"letter": text}}).phrases

    assert phrases.phrase("letter", name="Asha", n=2) == "Dear Asha,\n\n* one\n[two]\n.three\n2 loans\nBye"
    assert phrases.phrase("letter", name="Asha", n=1).endswith("one loan\nBye")


def test_a_spoken_form_is_used_where_there_is_one(load):
    phrases = load({"locales/en.ftl": "ask = Your e-mail?\n    .voice = Please spell your e-mail.\nname = Your name?"})

    assert phrases.phrases.phrase("ask") == "Your e-mail?"
    assert phrases.phrases.phrase("ask.voice") == "Please spell your e-mail."
    assert phrases.phrases.phrase("name.voice") == "Your name?"


def test_the_core_says_its_own_words_in_nine_languages():
    keys = ("apology", "safe", "unknown", "greeting", "thanks", "goodbye")
    tags = ("en", "fr", "hi", "hi-Latn", "mr", "gu", "ta", "te", "kn")
    phrases = load_phrases(Settings(plugins=(), languages=tags), None).phrases

    said = {(key, tag): phrases.phrase(key, tag) for key in keys for tag in tags}

    assert len(set(said.values())) == len(keys) * len(tags)
    for (key, tag), text in said.items():
        names = {languages.script(tag)}
        assert letters_are(text, names), f"{key} in {tag}: {text}"


def letters_are(text, scripts):
    import unicodedata

    known = {"Deva": "DEVANAGARI", "Gujr": "GUJARATI", "Taml": "TAMIL", "Telu": "TELUGU", "Knda": "KANNADA"}
    wanted = tuple(known.get(script, "LATIN") for script in scripts)
    return all(unicodedata.name(c).startswith(wanted) for c in text if c.isalpha())


def test_whether_a_phrase_is_there_and_what_it_needs_can_be_asked(load):
    phrases = load(
        {
            "locales/en.ftl": "-firm = Acme\nsum = { -firm }: { MONEY($amount) } { more }\nmore = for { $n } { $kind }",
            "locales/hi.ftl": "sum = { $amount }",
        },
        others=("hi",),
    ).phrases

    assert (phrases.has("sum"), phrases.has("sum", "hi-Latn"), phrases.has("more", "hi"), phrases.has("no")) == (
        True,
        True,
        False,
        False,
    )
    assert phrases.variables("sum", "en") == {"amount", "n", "kind"}
    assert phrases.variables("sum", "hi") == {"amount"}
    assert not phrases.has("-firm")


# -- what is in a phrase -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "value", "said"),
    [
        ("{ MONEY($x) }", 10_000_000, f"10{N}000{N}000{N}FCFA"),
        ("{ MONEY($x) }", "84386", f"84{N}386{N}FCFA"),
        ("{ MONEY($x) }", Decimal(1250000), f"1{N}250{N}000{N}FCFA"),
        ('{ MONEY($x, currency: "EUR") }', 12.5, "12,50 €"),
        ("{ $x }", 1234567, f"1{N}234{N}567"),
        ("{ NUMBER($x, minimumFractionDigits: 2) }", 6, "6,00"),
        ("{ NUMBER($x, useGrouping: 0) }", 2026, "2026"),
        ("{ PERCENT($x) }", 6.5, f"6,5{N}%"),
        ("{ DATE($x) }", "2026-11-21", "21 novembre 2026"),
        ('{ DATE($x, style: "weekday") }', dt.date(2026, 11, 21), "samedi 21 novembre 2026"),
        ("{ TIME($x) }", dt.datetime(2026, 11, 21, 15, 45, tzinfo=dt.UTC), "15:45"),
        ("{ DURATION($x) }", 180, "15 ans"),
        ("{ DURATION($x) }", 18, "1 an et 6 mois"),
        ("{ DURATION($x) }", 1, "1 mois"),
        ('{ DURATION($x, exact: "yes") }', 180, "180 mois"),
        ('{ DURATION($x, unit: "hours", exact: "yes") }', 48, "48 heures"),
        ('{ DURATION($x, unit: "hours") }', 50, "2 jours et 2 heures"),
        ("{ $x }", dt.timedelta(minutes=90), "1 heure et 30 minutes"),
        ("{ LIST($x) }", ["auto", "moto", "immo"], "auto, moto et immo"),
        ('{ LIST($x, style: "or") }', ["auto", "moto"], "auto ou moto"),
        ("{ $x }", ["auto"], "auto"),
        ("{ $x }", None, ""),
        ("{ $x ->\n    [true] oui\n   *[other] non\n }", True, "oui"),
        ("{ $x ->\n    [true] oui\n   *[other] non\n }", False, "non"),
        ("{ $x ->\n    [auto] voiture\n   *[other] autre\n }", "auto", "voiture"),
    ],
)
def test_values_are_written_as_the_tenants_customers_write_them(load, pattern, value, said):
    phrases = load({"locales/fr.ftl": f"it = {pattern}"}, language="fr", locale=SENEGAL).phrases

    assert phrases.phrase("it", "fr", x=value) == said


@pytest.mark.parametrize(
    ("language", "pattern", "value", "said"),
    [
        ("en", "{ MONEY($x) }", 1234567.5, "₹12,34,567.50"),
        ("en", '{ MONEY($x, words: "yes") }', 8_000_000, "₹80 lakh"),
        ("hi", '{ MONEY($x, words: "yes") }', 8_000_000, "₹80 लाख"),
        ("mr", '{ MONEY($x, words: "yes") }', 15_000_000, "₹1.5 कोटी"),
        ("kn", '{ MONEY($x, words: "yes") }', 12_345_678, "₹1,23,45,678"),
        ("hi-Latn", "{ DURATION($x) }", 18, "1 saal aur 6 mahine"),
        ("hi", "{ DURATION($x) }", 18, "1 वर्ष और 6 महीने"),
        ("gu", "{ DURATION($x) }", 240, "20 વર્ષ"),
        ("ta", "{ DURATION($x) }", 12, "1 ஆண்டு"),
        ("hi-Latn", "{ DATE($x) }", "2026-11-21", "21 November 2026"),
        ("mr", "{ DATE($x) }", "2026-11-21", "21 नोव्हेंबर 2026"),
        ("en", "{ $x }", 1795000000, "1,79,50,00,000"),
        ("en", "{ DATETIME($x) }", 1795000000, "18 November 2026, 4:36\u202fpm".replace("\u202f", " ")),
    ],
)
def test_the_message_decides_the_language_the_tenant_the_figures(load, language, pattern, value, said):
    phrases = load({f"locales/{language}.ftl": f"it = {pattern}"}, others=(language,)).phrases

    assert phrases.phrase("it", language, x=value) == said


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("fr", 0, "0 prêt"),
        ("fr", 1.5, "1,5 prêt"),
        ("fr", Decimal(2), "2 prêts"),
        ("hi", 0, "0 ऋण है"),
        ("hi", 5, "5 ऋण हैं"),
        ("ar", 2, "قرضان"),
        ("ar", 11, "11 قرضًا"),
    ],
)
def test_plurals_follow_the_rules_of_the_language(load, language, count, said):
    files = {
        "locales/fr.ftl": "loans = { $n ->\n    [one] { $n } prêt\n   *[other] { $n } prêts\n }",
        "locales/hi.ftl": "loans = { $n ->\n    [one] { $n } ऋण है\n   *[other] { $n } ऋण हैं\n }",
        "locales/ar.ftl": "loans = { $n ->\n    [two] قرضان\n    [many] { $n } قرضًا\n   *[other] { $n } قرض\n }",
    }
    locale = Locale(number="french" if language == "fr" else "indian", phone_region="IN")
    phrases = load(files, language=language, others=("fr", "hi", "ar"), locale=locale).phrases

    assert phrases.phrase("loans", language, n=count) == said


def test_values_are_isolated_only_where_directions_mix(load):
    files = {
        "locales/en.ftl": "hello = Hello { $name }, { $n } loans of { MONEY($x) }",
        "locales/ar.ftl": "hello = مرحبا { $name }، { $n } قروض { MONEY($x) }",
    }
    phrases = load(files, others=("ar",)).phrases

    assert phrases.phrase("hello", "en", name="Élodie", n=3, x=500) == "Hello Élodie, 3 loans of ₹500"
    assert phrases.phrase("hello", "en", name="ليلى", n=3, x=500) == f"Hello {FSI}ليلى{PDI}, 3 loans of ₹500"
    assert phrases.phrase("hello", "ar", name="ليلى", n=3, x=500) == f"مرحبا ليلى، 3 قروض {FSI}₹500{PDI}"
    assert phrases.phrase("hello", "ar", name="Asha", n=3, x=500) == f"مرحبا {FSI}Asha{PDI}، 3 قروض {FSI}₹500{PDI}"


def test_a_customers_own_words_are_said_as_they_are(load):
    phrases = load({"locales/en.ftl": "note = You wrote: { $text }"}).phrases
    hostile = '{ $secret } { "x" } \n[a] *b ' + "long " * 1000

    assert phrases.phrase("note", text=hostile) == f"You wrote: {hostile}"


# -- what is wrong -----------------------------------------------------------------------------------------------------


def test_a_phrase_that_is_nowhere_is_named(load):
    with pytest.raises(PhraseMissing, match=r"no phrase 'ask-size' in 'hi', nor in any that it falls back to"):
        load({}).phrases.phrase("ask-size", "hi")


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, 1e308, 10**400, 10**5000, *map(Decimal, ("NaN", "sNaN", "-Infinity", "1e999999")), "1e999999",
     [1.5, math.inf]],
    ids=lambda value: f"{type(value).__name__} {str(value)[:9] if not isinstance(value, int) else 'long'}",
)  # fmt: skip
@pytest.mark.parametrize("function", ["MONEY", "NUMBER", "PERCENT", "DURATION", ""])
def test_a_number_that_nobody_can_write_is_no_reason_to_stop(load, function, value):
    """Such a one may be a customer's: to write it out would take for ever."""
    phrases = load({"locales/en.ftl": f"sum = {{ {function}{'($x)' if function else '$x'} }}"}).phrases
    if isinstance(value, str) and not function:
        assert phrases.phrase("sum", x=value) == value
        return
    with pytest.raises(PhraseFailed, match="can't be said"):
        phrases.phrase("sum", x=value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, r"phrase 'sum' in 'en' \(.*locales/en\.ftl:2\) can't be said: no value is given for \$amount"),
        ({"amount": "much"}, r"can't be said: 'much' is no number"),
        ({"amount": {"a": 1}}, r"can't be said: given a dict; allowed: text, number, date, list, true or false"),
    ],
)
def test_a_value_that_is_missing_or_unfit_is_named_with_the_phrases_place(load, values, said):
    phrases = load({"locales/en.ftl": "# the sum\nsum = { MONEY($amount) }"}).phrases

    with pytest.raises(PhraseFailed, match=said):
        phrases.phrase("sum", **values)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"locales/en.ftl": "a = A\n\nb = { $x"}, 'locales/en.ftl:3: no valid Fluent: Expected token: "}"'),
        ({"locales/en/x.ftl": "a = A\n\nthis is nothing\n"}, "locales/en/x.ftl:3: no valid Fluent: "),
        ({"locales/en.ftl": "a = A\nb = { MONY($x) }"}, "locales/en.ftl:2: b: no function MONY(); allowed: DATE, "),
        ({"locales/en.ftl": "a = { b }"}, "locales/en.ftl:1: a: there is no 'b' in 'en'"),
        ({"locales/en.ftl": "a = { -firm }"}, "locales/en.ftl:1: a: there is no '-firm' in 'en'"),
        ({"locales/en.ftl": "a = { b.c }\nb = B"}, "locales/en.ftl:1: a: 'b' has no attribute 'c' in 'en'"),
        ({"locales/en.ftl": "a = { b }\nb = { a }"}, "locales/en.ftl:1: a: refers to itself"),
        (
            {"locales/en/1.ftl": "a = A", "locales/en/2.ftl": "\na = A"},
            "locales/en/2.ftl:2: 'a' stands there twice, first in ",
        ),
        (
            {"locales/en.ftl": "a = A", "prompts/english/prompts.json": {"a": "A"}},
            "prompts/english/prompts.json:2: 'a' stands there twice, first in ",
        ),
        ({"locales/klingonese/x.ftl": "a = A"}, "x.ftl: 'klingonese' is no language; allowed: a tag such as hi-Latn"),
        ({"prompts/english/prompts.json": '{"a": "A",\n}'}, "prompts.json:2: no valid JSON: "),
        ({"prompts/english/prompts.json": '["a"]'}, "prompts.json:1: must be one object of keys and texts"),
        ({"prompts/english/prompts.json": {"a": "A", "b": ""}}, "prompts.json:3: b: the text is empty"),
        ({"prompts/english/prompts.json": {"a": {"b": "c"}}}, 'prompts.json:2: a: given {"b": "c"}; allowed: a text'),
        ({"prompts/english/prompts.json": {"a b": "c"}}, "prompts.json:2: 'a b' is no key; allowed: letters, digits"),
        ({"prompts/english/prompts.json": {"a": "{ $x"}}, "prompts.json:2: a: no valid Fluent: "),
        ({"prompts/english/prompts.json": '{"a": "A",\n"b": "x\\ud83d"}'}, "prompts.json:2: b: the text holds a null"),
        (
            {"prompts/english/prompts.json": '{"b": "x\\u0000"}'},
            "prompts.json:1: b: the text holds a null character or",
        ),
        ({"prompts/english/prompts.json": "[" * 100_000}, "prompts.json: can't be read as JSON: maximum recursion"),
        ({"prompts/english/prompts.json": f'{{"a": {"1" * 5000}}}'}, "prompts.json: can't be read as JSON: Exceeds"),
        ({"prompts/english/prompts.json": {"a": "{ " * 5000}}, "prompts.json:2: a: no valid Fluent: it is nested too"),
        ({"locales/en.ftl": f"a = {'{ ' * 5000}"}, "en.ftl: no valid Fluent: a message is nested too deeply"),
        ({"locales/en.ftl": "a = A\nb = B\0\n"}, "en.ftl:2: holds a null character"),
        ({"prompts/english/prompts.json": '{"a": "A",\n"a": "B"}'}, "prompts.json:2: 'a' stands there twice"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_file_and_line(load, files, problem):
    with pytest.raises(ConfigError) as caught:
        load(files)

    assert problem in str(caught.value)


def test_a_file_that_is_no_text_is_told(load, tmp_path):
    path = tmp_path / "locales" / "en.ftl"
    path.parent.mkdir()
    path.write_bytes(b"a = \xff\xfe")

    with pytest.raises(ConfigError, match=r"en\.ftl: can't be read: .*; it must be a text in UTF-8"):
        load({})


def test_a_language_with_phrases_that_the_tenant_does_not_list_is_told(load):
    phrases = load({"locales/bn.ftl": "a = A", "locales/en.ftl": "a = A"}).phrases

    assert "there are phrases in 'bn', which is not among the tenant's languages; add it to `languages`" in (
        phrases.warnings
    )


# -- what the tenant's files name --------------------------------------------------------------------------------------


def test_a_phrase_that_a_file_names_must_be_there(load):
    needs = [Needed("ask-size", "flows/home.yaml:7")]

    with pytest.raises(ConfigError, match=r"flows/home\.yaml:7: there is no phrase 'ask-size' in any language"):
        load({}, wanted=needs)


def test_a_phrase_that_a_file_names_gets_the_values_that_it_needs(load):
    needs = [Needed("sum", "flows/home.yaml:7", frozenset({"amount"}))]

    with pytest.raises(ConfigError, match=r"en\.ftl:1: sum: needs \$n, which flows/home\.yaml:7 does not give"):
        load({"locales/en.ftl": "sum = { $amount } { $n }"}, wanted=needs)


def test_what_a_language_lacks_is_told_by_language_and_place(load):
    loaded = load(
        {"locales/en.ftl": "a = A\nb = B", "locales/hi.ftl": "a = अ"},
        others=("hi", "hi-Latn"),
        wanted=[Needed("greeting", "flows/home.yaml:1"), Needed("b", "flows/home.yaml:2")],
    )

    lacking = {(tag, key) for tag, key, _ in loaded.missing}
    assert lacking == {("hi", "b"), ("hi-Latn", "a"), ("hi-Latn", "b")}, "Hinglish readers may not read Devanagari"


# -- in a tenant -------------------------------------------------------------------------------------------------------


class Greeter:
    """Answers with a phrase."""

    def __init__(self, tenant):
        self.tenant = tenant

    @hookimpl
    async def respond(self, turn):
        return Reply(self.tenant.phrase("hello", turn.language, name="Awa"))


GREETER = Plugin("greeter", hooks=Greeter)


async def test_a_reload_says_what_the_files_say_now(make_bot):
    bot = await make_bot(plugins=[GREETER], config='languages = ["en", "mr"]')
    folder = bot.folder / "tenants" / "acme"
    assert (await bot.say("hi")).text == bot.snapshot().phrases.text("apology"), "there is no such phrase yet"

    write(folder, {"prompts/marathi/prompts.json": {"hello": "नमस्कार { $name }"}})
    assert await bot.runtime.load("acme"), bot.runtime_of().error
    assert (await bot.say("hi", language="mr")).text == "नमस्कार Awa"

    write(folder, {"prompts/marathi/prompts.json": {"hello": "नमस्कार { $name"}})
    assert not await bot.runtime.load("acme")
    assert "prompts/marathi/prompts.json:2: hello: no valid Fluent" in bot.runtime_of().error
    assert (await bot.say("hi", language="mr")).text == "नमस्कार Awa", "the old one goes on serving"


async def test_the_apology_is_the_tenants_own_in_the_customers_language(make_bot):
    bot = await make_bot(plugins=[GREETER], config='languages = ["en", "fr"]')
    write(bot.folder / "tenants" / "acme", {"locales/fr.ftl": "apology = Oups !", "locales/en.ftl": "apology = Oops!"})
    assert await bot.runtime.load("acme"), bot.runtime_of().error

    assert (await bot.say("salut", language="fr")).text == "Oups !"
    assert (await bot.say("hello", language="en")).text == "Oops!"


# -- hookline check ----------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A workspace with one tenant that speaks two languages."""
    (tmp_path / "plugins").mkdir()
    tenant = tmp_path / "tenants" / "shop"
    write(
        tenant,
        {
            "tenant.toml": 'plugins = []\nlanguages = ["en", "mr"]\n',
            "locales/en.ftl": "hello = Hello\nbye = Bye\n",
            "locales/mr.ftl": "hello = नमस्कार\nbye = निरोप\n",
        },
    )
    monkeypatch.chdir(tmp_path)
    return tenant


def test_check_passes_a_tenant_that_says_everything_in_each_language(shop):
    result = CliRunner().invoke(check_command)

    assert result.exit_code == 0, result.output


def test_check_fails_for_a_phrase_that_one_language_lacks(shop):
    write(shop, {"locales/mr.ftl": "hello = नमस्कार\n"})

    result = CliRunner().invoke(check_command)

    assert result.exit_code == 1
    assert result.output == (
        "tenants/shop/locales/en.ftl:2: 'bye' is missing in 'mr'; "
        "write it, or take 'mr' out of the tenant's languages\n"
    )


def test_check_takes_a_tenants_folder_alone_also_outside_a_workspace(shop, tmp_path):
    (tmp_path / "plugins").rmdir()

    good = CliRunner().invoke(check_command, ["tenants/shop"])
    write(shop, {"locales/mr.ftl": "hello = नमस्कार\n"})
    bad = CliRunner().invoke(check_command, ["tenants/shop"])

    assert (good.exit_code, good.output) == (0, "phrases checked: shop\n")
    assert bad.exit_code == 1
    assert "'bye' is missing in 'mr'" in bad.output


def test_check_fails_for_phrases_that_can_not_be_read(shop):
    write(shop, {"locales/mr.ftl": "hello = { नमस्कार\n"})

    result = CliRunner().invoke(check_command)

    assert result.exit_code == 1
    assert result.output.startswith("tenants/shop/locales/mr.ftl:1: no valid Fluent: ")


@pytest.mark.parametrize(
    ("files", "line", "said"),
    [
        (
            {"en": "x-a = A\nx-b = B", "hi": "x-a = अ"},
            ("hi.ftl", 1),
            "has no 'x-b', which 'en' has; write it, in each language",
        ),
        (
            {"en": "x-a = { $n }", "hi": "# n\nx-a = { $m }"},
            ("hi.ftl", 2),
            "x-a: asks for $m, which no other language does; give it the name that the others use",
        ),
        ({"en": "x-a = { $n"}, ("en.ftl", 1), 'no valid Fluent: Expected token: "}"; mend it'),
        ({"en": "x-a = { NO($n) }"}, ("en.ftl", 1), "x-a: no function NO(); "),
        ({"english": "x-a = A"}, ("english.ftl", 1), "is no file of phrases; name it after a language"),
    ],
)
def test_check_compares_the_languages_that_a_plugin_brings(tmp_path, files, line, said):
    path = write_plugin("greeter", tmp_path / "plugins")
    package = path / "src" / "hookline_greeter"
    shutil.rmtree(package / "locales", ignore_errors=True)
    write(package, {f"locales/{tag}.ftl": text for tag, text in files.items()})

    problems = [p for p in check_files(Folder(path)) if p.path.suffix == ".ftl"]

    assert [(p.path.name, p.line) for p in problems][:1] == [line] or line in [(p.path.name, p.line) for p in problems]
    assert any(said in str(p) for p in problems), [str(p) for p in problems]


# -- language tags -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "tag", "script", "backwards"),
    [
        ("HI_latn", "hi-Latn", "Latn", False),
        ("hi", "hi", "Deva", False),
        ("en-in", "en-IN", "Latn", False),
        ("eng", "en", "Latn", False),
        ("ur", "ur", "Arab", True),
        ("ur-Latn", "ur-Latn", "Latn", False),
        ("he", "he", "Hebr", True),
        ("xx", "xx", "", False),
        ("hello there", "", "", False),
        ("", "", "", False),
    ],
)
def test_a_tag_has_one_spelling_a_script_and_a_direction(given, tag, script, backwards):
    assert languages.canonical(given) == tag
    assert languages.script(given) == script
    assert languages.right_to_left(given) is backwards


def test_a_language_is_named_in_itself_and_in_others():
    assert [languages.shown(tag) for tag in ("hi", "hi-Latn", "ta", "fr-SN")] == [
        "हिन्दी",
        "Hinglish",
        "தமிழ்",
        "français",
    ]
    assert languages.shown("ta", "fr") == "tamoul"
    assert [languages.named(name) for name in ("Tamil", "hinglish", "kn", "Bangla", "nonsense")] == [
        "ta",
        "hi-Latn",
        "kn",
        "bn",
        "",
    ]
