"""What is said, in five languages: whole in each, in its own letters; a sixth is a folder and a word in the config."""

from __future__ import annotations

import json
import re

import pytest
from structlog.testing import capture_logs

from tenant_property_loans.models import customer

from .conftest import CONFIG, TENANT

PACKS = {"english": "Latn", "hindi": "ऀ-ॿ", "kannada": "ಀ-೿", "tamil": "஀-௿", "telugu": "ఀ-౿"}


def pack(language, folder=TENANT):
    return json.loads((folder / "prompts" / language / "prompts.json").read_text(encoding="utf-8"))


@pytest.mark.row("L60")
@pytest.mark.row("L08")
@pytest.mark.row("L17")
def test_each_language_has_all_prompts_none_empty_and_in_its_own_script():
    english = pack("english")
    for language, letters in PACKS.items():
        mine = pack(language)
        assert set(mine) == set(english), language
        for key, text in mine.items():
            bare = re.sub(r"\{[^}]*\}", "", text) if key != "city-name" else "" if language == "english" else text
            assert text.strip(), (language, key)
            assert key == "city-name" or bare.strip(), (language, key)
            if language != "english":
                assert re.search(f"[{letters}]", text), (language, key)
                assert not re.search("[A-Za-z]{4,}", bare) or key == "city-name", (language, key, bare)
            assert re.findall(r"\$(\w+)", text).sort() == re.findall(r"\$(\w+)", english[key]).sort()


@pytest.mark.row("L60")
def test_each_prompt_of_a_language_names_the_values_that_the_english_one_does():
    english = pack("english")
    for language in PACKS:
        for key, text in pack(language).items():
            assert set(re.findall(r"\$(\w+)", text)) == set(re.findall(r"\$(\w+)", english[key])), (language, key)


@pytest.mark.row("L60")
def test_there_is_a_folder_for_each_language_of_the_config():
    assert sorted(path.name for path in (TENANT / "prompts").iterdir() if path.is_dir()) == sorted(PACKS)


MARATHI = {
    "greeting": "नमस्कार! मी गृह लोन्सचा सहायक आहे. तुमच्या मालमत्तेवर किती कर्ज मिळू शकते ते मी सांगू शकतो.",
    "ask-property": "तुमच्याकडे कोणती मालमत्ता आहे? ती काय आहे, कोणत्या शहरात आहे आणि आज तिची किंमत अंदाजे किती आहे ते सांगा.",
    "ask-property-type": "ती कोणत्या प्रकारची मालमत्ता आहे?",
    "ask-city": "मालमत्ता कोणत्या शहरात आहे?",
    "ask-value": "आज मालमत्तेची किंमत अंदाजे किती आहे? उदाहरणार्थ: 1.5 कोटी.",
    "ask-requirement": "तुम्हाला किती पैसे हवे आहेत, आणि कशासाठी?",
    "property-noted": 'धन्यवाद. मी नोंदवले: { $property_type_label }, { $city }, किंमत { MONEY($worth, words: "yes") }.',
    "type-house": "घर",
}


@pytest.mark.row("L64")
async def test_a_folder_and_a_tag_in_the_config_are_a_sixth_language_and_what_it_lacks_is_said_in_english(make_lender):
    def change(folder):
        (folder / "prompts" / "marathi").mkdir()
        written = json.dumps(MARATHI, ensure_ascii=False)
        (folder / "prompts" / "marathi" / "prompts.json").write_text(written, encoding="utf-8")
        old = '"kn", "ta", "te"]'
        assert old in CONFIG
        return CONFIG.replace(old, '"kn", "ta", "te", "mr"]', 1)

    lender = await make_lender(change=change)
    told = ("नमस्कार, मला माझ्या घरावर कर्ज हवे आहे", "पुण्यात आहे", "त्याची किंमत दीड कोटी आहे")
    said = [await lender.say(text) for text in told]

    assert said[0] == f"{MARATHI['greeting']}\n\n{MARATHI['ask-city']}"
    assert said[1] == MARATHI["ask-value"]
    assert "मी नोंदवले: घर" in said[2]
    assert MARATHI["ask-requirement"] in said[2]
    assert (await lender.one(customer)).language == "mr"

    with capture_logs() as logs:
        assert "What do you need the money for?" in await lender.say("६० लाख")
    missing = [one for one in logs if one["event"] == "a phrase is missing: another language is used"]
    assert ("ask-purpose", "mr", "en") in [(one["phrase"], one["language"], one["used"]) for one in missing]
