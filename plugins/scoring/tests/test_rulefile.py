"""Rules as a tenant writes them: read strictly, each mistake told with file and line; and what the README says of them."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path

import pytest

from hookline.signing import signed_headers
from hookline_scoring.config import Config, Custom, HubSpot, Zoho
from hookline_scoring.mapping import Mapping, MappingError
from hookline_scoring.rulefile import check, load, rules_file
from hookline_scoring.rules import Said, TurnScore, decayed, evaluate
from hookline_scoring.session import Session

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
TODAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("intents:\n  BUY: much\n", "scoring.yaml:2: intents.BUY: given 'much'; allowed: a number"),
        ("intents:\n  BUY: 300\n", "scoring.yaml:2: intents.BUY: given 300; allowed: `float` <= 100.0"),
        ("intents:\n  BUY: 1\n  FINANCE: 2\n  BUY: 3\n", "scoring.yaml:4: intents.BUY: given twice, first in line 2"),
        ("intents: {BUY: 1, buy: 2}\n", "scoring.yaml:1: intents: 'buy' stands there twice"),
        ("bonus: []\n", "scoring.yaml:1: bonus: unknown key (did you mean 'bonuses'?)"),
        (
            "bonuses:\n  - name: x\n    points: 1\n    knwon: [model]\n",
            "scoring.yaml:4: bonuses.0.knwon: unknown key (did you mean 'known'?)",
        ),
        (
            "bonuses:\n  - {name: x, points: 1}\n",
            "scoring.yaml:2: bonuses.0: the bonus 'x' names neither known nor intents, so nothing can earn it",
        ),
        ("bonuses:\n\n  - {points: 1, known: [a]}\n", "scoring.yaml:3: bonuses.0.name: missing; allowed: text"),
        ("thresholds: {hot: 50, warm: 60}\n", "scoring.yaml:1: thresholds: warm (60) must be below hot (50)"),
        ("\ncumulative: {average: 70}\n", "scoring.yaml:2: cumulative: average and peak are shares of 100"),
        ("mode: qualification\n", "mode is qualification, but qualification.required names nothing"),
        ("mode: sales\n", "scoring.yaml:1: mode: given 'sales'; allowed: 'lead', 'qualification'"),
        ("sentiment: {angry: -5}\n", "scoring.yaml:1: sentiment.angry: given 'angry'; allowed: "),
        ("intents: {BUY: 1\n", "scoring.yaml:2: no valid YAML: "),
        (
            "intents: {BUY: !!python/object/apply:os.getcwd []}\n",
            "scoring.yaml:1: intents.BUY: given the tag !!python/object/apply:os.getcwd; allowed: plain values",
        ),
        ("- BUY\n", "scoring.yaml:1: given a list; allowed: a table"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, said):
    (tmp_path / "scoring.yaml").write_text(text)
    problems = list(check(Config(rules="scoring.yaml"), tmp_path))
    assert any(said in problem for problem in problems), problems


async def test_a_tenant_with_bad_rules_does_not_start_and_one_that_serves_goes_on(dealer):
    bot = await dealer()
    file = bot.folder / "tenants" / "acme" / "scoring.yaml"
    file.write_text("intents: {BUY: lots}\n")
    assert not await bot.runtime.load("acme")
    assert "scoring.yaml:1: intents.BUY: given 'lots'; allowed: a number" in bot.runtime_of().error
    assert (await bot.ask("BUY")).scores[0].value == 30


def test_a_file_that_is_not_there_is_named(tmp_path):
    [problem] = check(Config(rules="points.yaml"), tmp_path)
    assert problem.endswith("points.yaml: there is no such file; `rules` in [plugins.scoring] names it")


def test_keys_are_what_stands_there(tmp_path):
    file = tmp_path / "r.yaml"
    file.write_text("intents: {NO: 5, 42: 7}\n")
    assert load(file).by_intent == {"no": ("NO", 5), "42": ("42", 7)}


def test_an_empty_file_has_every_default(tmp_path):
    file = tmp_path / "r.yaml"
    file.write_text("# nothing yet\n")
    rules = load(file)
    assert (rules.thresholds.hot, rules.cumulative.peak, rules.decay.per_day) == (70, 40, 2)


def test_a_tenant_without_rules_counts_what_every_customer_may_tell():
    rules = load(rules_file(Config(), None))
    said = Said("", {"phone": "+919876543210", "budget": 500_000, "timeline": "today"}, messages=5)
    found = evaluate(rules, said, dt.date(2026, 11, 21), private=("phone",))
    assert [one.line() for one in found.reasons] == [
        "+20 contact provided", "+20 budget mentioned: 500000", "+20 immediate timeline: today", "+10 5 messages or more",
    ]  # fmt: skip
    assert all({"en", "fr", "hi"} <= set(bonus.name) for bonus in rules.bonuses)


def test_the_readmes_rules_and_its_worked_example(tmp_path):
    first, second = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    file = tmp_path / "r.yaml"
    file.write_text(first)
    rules = load(file)
    known = [{"model": "Swift"}, {"budget": 1_600_000}, {"phone": "+919876543210"}]
    session, facts, values = Session(), {}, []
    for n, one in enumerate(known):
        facts |= one
        found = evaluate(rules, Said("BUY", facts, messages=n + 1), TODAY)
        session = session.after(rules, TurnScore(found.value, ()), 0.0)
        values.append(found.value)
    assert values == [45, 60, 70]
    assert session.score(rules) == pytest.approx(63)
    assert decayed(session.score(rules), 0.0, 10 * 86400.0, rules.decay) == pytest.approx(51.5, abs=0.05)
    file.write_text(second)
    assert [one.name for one in load(file).qualification.required] == ["property", "amount"]


def test_the_readmes_receiver_takes_what_is_signed_and_nothing_else():
    [code] = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    scope: dict = {}
    exec(code, scope)
    now, body = time.time(), b'{"event": "lead"}'
    headers = signed_headers("s", "lead-1", body, now)
    assert scope["is_ours"]("s", headers, body)
    assert not scope["is_ours"]("other", headers, body)
    assert not scope["is_ours"]("s", headers, body + b" ")
    assert not scope["is_ours"]("s", {}, body)
    assert not scope["is_ours"]("s", {**headers, "webhook-id": "lead-2"}, body)
    assert not scope["is_ours"]("s", signed_headers("s", "lead-1", body, now - 600), body)


# -- the mapping -------------------------------------------------------------------------------------------------------

LEAD = {"name": "Asha Rao", "last_name": "Rao", "score": 71.6, "priority": "hot", "email": "", "fields": {"budget": 5}}


def test_an_expression_alone_keeps_its_type_and_what_is_empty_is_left_out():
    told = Mapping.of(
        {
            "a": "{score}", "b": "{score|int}", "c": "Score {score|int} ({priority|upper})", "d": "{email}",
            "e": "{email|or:none}", "f": "{fields.budget}", "g": "{fields.nothing}", "h": "{name|max:4}", "i": "fixed",
            "j": "{origin.utm_source|or:direct}",
        }
    ).of_lead(LEAD)  # fmt: skip
    assert told == {
        "a": 71.6, "b": 72, "c": "Score 72 (HOT)", "e": "none", "f": 5, "h": "Asha", "i": "fixed", "j": "direct",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{surname}", "a lead has no 'surname'; allowed: id, name,"),
        ("{name|shout}", "no filter 'shout'; allowed: or, max"),
        ("{name|max:x}", "no filter 'max:x'"),
        ("{name", "a brace is open; write {name}"),
    ],
)
def test_an_expression_that_can_not_be_is_refused(text, said):
    with pytest.raises(MappingError, match=re.escape(said)):
        Mapping.of({"x": text})
    with pytest.raises(ValueError, match=re.escape(said)):
        HubSpot(fields={"x": text})


def test_a_tenants_fields_come_over_the_usual_ones():
    told = Zoho(fields={"Description": "", "Hookline_Score": "{score}"}).mapping().of_lead({**LEAD, "source": "widget"})
    assert told == {"Last_Name": "Rao", "Lead_Source": "widget", "Hookline_Score": 71.6}
    assert Custom().mapping().fields == ()
