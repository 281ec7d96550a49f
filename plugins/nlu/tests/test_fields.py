"""A tenant's entities.yaml: what it may say, and how a mistake in it is named."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from hookline.errors import ConfigError
from hookline_nlu.extractor import Extractor, Place
from hookline_nlu.fields import load

NOW = dt.datetime(2026, 11, 21, 14, 0)


def written(folder, text):
    path = folder / "entities.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fields:\n  city: {kind: lst}\n", "entities.yaml:2: fields.city.kind: given 'lst' (did you mean 'list'?)"),
        (
            "fields:\n  city:\n    kind: list\n    valuse: {}\n",
            "entities.yaml:4: fields.city.valuse: unknown key (did you mean 'values'?)",
        ),
        (
            "fields:\n  city: {kind: list}\n",
            "entities.yaml:2: fields.city: a list needs values, or a file with a column",
        ),
        (
            "fields:\n  x: {kind: list, values: {a: b}}\n",
            "entities.yaml:2: fields.x.values.a: given 'b'; allowed: a list",
        ),
        (
            "fields:\n  x: {kind: pattern, pattern: '('}\n",
            "entities.yaml:2: fields.x: pattern: given '('; allowed: a regular expression",
        ),
        ("fields:\n  x: {kind: money, cued: true}\n", "entities.yaml:2: fields.x: cued needs cues"),
        ("fields:\n  x: {kind: flag}\n", "entities.yaml:2: fields.x: a flag needs when or unless"),
        (
            "fields:\n  x: {kind: scale, min: 5, max: 1, cues: [y]}\n",
            "entities.yaml:2: fields.x: a scale needs min below max",
        ),
        ("fields:\n  x: {kind: list, fuzzy: 200, values: {a: []}}\n", "entities.yaml:2: fields.x.fuzzy"),
        ("fields:\n  x: {kind: money}\n  x: {kind: date}\n", "entities.yaml:3: fields.x: given twice, first in line 2"),
        ("fields: [\n", "entities.yaml:2: no valid YAML"),
        ("fields:\n  a b: {kind: money}\n", "fields.a b: a field's name has letters, digits and _ only"),
        ("without: [money, mony]\n", "without: no preset has a field mony"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path, text, message):
    with pytest.raises(ConfigError) as raised:
        load(("money",), written(tmp_path, text))

    assert message in str(raised.value)


def test_all_mistakes_are_named_at_once(tmp_path):
    text = "fields:\n  a: {kind: x}\n  b: {kind: y}\n"

    with pytest.raises(ConfigError) as raised:
        load((), written(tmp_path, text))

    assert [line.split(": ")[1] for line in str(raised.value).splitlines()] == ["fields.a.kind", "fields.b.kind"]


@pytest.mark.row("A21")
def test_the_values_of_a_list_come_from_a_csv_file(tmp_path):
    models = ["Altura", "Brisk", "Corvo", "Dune XL", "Elan", "Fjord 4", "Gale", "Hexa-7", "Indra", "Juno EV"]
    rows = [f"{name},{name[:2]}-code|the {name}" for name in models]
    (tmp_path / "inventory.csv").write_text("\n".join(["model,other", *rows]), encoding="utf-8")
    path = written(tmp_path, "fields: {model: {kind: list, file: inventory.csv, column: model, synonyms: other}}")
    reader = Extractor(load((), path), Place())

    for name in models:
        for said in (name, name.upper(), name.lower(), f"is the {name}, in red, there?"):
            assert [(e.name, e.value) for e in reader.extract(said, NOW)] == [("model", name)]
        assert reader.extract(f"super{name.lower()}like", NOW) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fields: {m: {kind: list, file: no.csv, column: m}}", "no.csv can't be read"),
        ("fields: {m: {kind: list, file: a.csv, column: n}}", "has no column 'n'; its columns are m"),
        (
            "fields: {m: {kind: list, file: ../a.csv, column: m}}",
            "given '../a.csv'; allowed: a file in the tenant's folder",
        ),
        ("fields: {m: {kind: list, file: a.csv}}", "column is missing"),
    ],
)
def test_a_csv_file_that_does_not_fit_is_named(tmp_path, text, message):
    (tmp_path / "a.csv").write_text("m\nx\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"entities\.yaml") as raised:
        load((), written(tmp_path, text))

    assert message in str(raised.value)


def test_a_tenants_field_replaces_the_presets_and_others_can_be_left_out(tmp_path):
    path = written(tmp_path, "without: [number]\nfields:\n  city: {kind: list, values: {Springfield: []}}\n")
    reader = Extractor(load(("money", "places"), path), Place())

    found = {e.name: e.value for e in reader.extract("42 people from Springfield and Pune", NOW)}

    assert found == {"city": "Springfield"}


def test_a_tenants_own_ids_and_texts(tmp_path):
    path = written(
        tmp_path,
        """
fields:
  loan_id: {kind: pattern, pattern: '\\bLN-\\d{6}\\b'}
  policy: {kind: pattern, pattern: '\\d{10}', cues: [policy], cued: true, personal: true}
  complaint: {kind: text, after: [complaint is, my problem is]}
""",
    )
    reader = Extractor(load(("contact", "money"), path), Place())

    found = {
        e.name: e.value
        for e in reader.extract("Loan ln-123456, policy 9876543210. My problem is the noise at night.", NOW)
    }

    assert found == {"loan_id": "ln-123456", "policy": "******3210", "complaint": "the noise at night"}


def test_a_pattern_that_never_ends_is_given_up(tmp_path):
    path = written(tmp_path, "fields: {x: {kind: pattern, pattern: '(a+)+b'}}")

    assert Extractor(load((), path), Place()).extract("a" * 5000, NOW) == []


def test_the_readmes_example_is_read_and_does_what_it_says(tmp_path):
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    example = next(
        block for block in re.findall(r"^```yaml\n(.*?)^```", readme, re.MULTILINE | re.DOTALL) if "loan_id" in block
    )
    (tmp_path / "inventory.csv").write_text("model,other_names\nAltura,alt|al-tura\n", encoding="utf-8")
    reader = Extractor(load(("money", "time"), written(tmp_path, example)), Place())

    found = reader.extract("the alt for 12 lakh over 5 years, LN-123456, from plateau, 4 out of 5, no account", NOW)

    assert {e.name: e.value for e in found} == {
        "model": "Altura",
        "budget": 1_200_000,
        "duration": 60,
        "loan_id": "LN-123456",
        "branch": "Dakar Plateau",
        "satisfaction": 4,
        "has_account": False,
    }
