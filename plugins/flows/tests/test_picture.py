"""Pictures of flows, which ways were walked, and what staff see of a conversation's flow."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from textwrap import dedent
from xml.etree import ElementTree as ET

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer

from hookline.app import KEYS, make_app
from hookline_flows import loading, picturewords
from hookline_flows.coverage import begun_outside, covered, walked_in
from hookline_flows.model import ACTIONS, Flow
from hookline_flows.picture import draw
from hookline_flows.picturewords import Told

FLOW = """
version: 3
title: {en: Loan <simulation>}
starts: {words: [simulate]}
states: [asking, offer]
slots:
  amount: {kind: money, min: 100, name: {en: Amount}}
  note: {kind: text, optional: true}
steps:
  - {ask: amount, text: {en: How much?}, state: asking}
  - {ask: note, text: {en: Anything else?}, state: asking}
  - {id: work, call: compute, with: {amount: amount}, into: result, otherwise: sorry, state: offer}
  - {id: fork, branch: [{when: result.good, go: fine}, {go: sorry}]}
  - {id: fine, say: {en: "Fine & good."}, next: confirm, state: offer}
  - {id: sorry, say: {en: Sorry.}, next: finish}
  - {id: confirm, confirm: {en: Right?}, state: offer}
  - {id: later, timer: {after: 24h, go: remind}}
  - {id: finish, end: done}
  - {id: remind, say: {en: Still there?}, next: finish}
on:
  - {words: [price], go: finish}
"""
SVG = "{http://www.w3.org/2000/svg}"
NAMES = {"svg": SVG.strip("{}")}


@pytest.fixture
def loan(tmp_path):
    file = tmp_path / "loan.yaml"
    file.write_text(dedent(FLOW), encoding="utf-8")
    return loading.load(file)


# -- pictures --------------------------------------------------------------------------------------------------------


def boxes(svg):
    root = ET.fromstring(svg)
    return {one.get("data-step"): one for one in root.iterfind("svg:g", NAMES)}


def test_a_picture_has_every_step_in_the_order_of_the_file_and_stays_the_same(loan):
    svg = draw("loan", loan.flow)
    assert list(boxes(svg)) == ["*", *(step.id for step in loan.flow.steps), "end"]
    tops = [float(one.find("svg:rect", NAMES).get("y")) for one in boxes(svg).values()]
    assert tops == sorted(tops)
    assert svg == draw("loan", loan.flow)


def test_ways_that_skip_steps_are_drawn_beside_them_with_their_conditions(loan):
    root = ET.fromstring(draw("loan", loan.flow))
    labels = ["".join(one.itertext()) for one in root.iterfind("svg:text[@class='label']", NAMES)]
    assert any(label.startswith("result.good") for label in labels)
    assert {"price", "else", "after 24h"} <= {re.sub(r"^(.*)\1$", r"\1", label) for label in labels}
    ways = [one for one in root.iterfind("svg:path", NAMES) if "way" in one.get("class", "")]
    assert any("late" in one.get("class") for one in ways)
    tracks = [re.search(r"H(\d+)V", one.get("d")) for one in ways]
    beside = [found[1] for found in tracks if found]
    assert len(beside) >= 5


def test_ways_beside_each_other_never_share_a_track(loan):
    root = ET.fromstring(draw("loan", loan.flow))
    spans: dict[str, list[tuple[float, float]]] = {}
    for one in root.iterfind("svg:path", NAMES):
        found = re.fullmatch(r"M\d+ ([\d.]+)H(\d+)V([\d.]+)H\d+", one.get("d", ""))
        if found:
            spans.setdefault(found[2], []).append(tuple(sorted((float(found[1]), float(found[3])))))
    for track in spans.values():
        track.sort()
        assert all(first[1] < second[0] for first, second in itertools.pairwise(track)), track


def test_the_live_step_and_the_way_walked_stand_out(loan):
    svg = draw("loan", loan.flow, live="work", walked={("amount", "answer"), ("note", "skip")})
    marked = {ident: one.get("class").split() for ident, one in boxes(svg).items()}
    assert [ident for ident, classes in marked.items() if "live" in classes] == ["work"]
    assert [ident for ident, classes in marked.items() if "walked" in classes] == ["amount", "note"]
    assert svg.count('class="way walked"') == 2


def test_what_a_file_says_is_text_in_the_picture(tmp_path):
    file = tmp_path / "odd.yaml"
    file.write_text('steps:\n  - {id: "<script>&", say: {en: "</text><script>alert(1)</script>"}}\n', encoding="utf-8")
    svg = draw('"><script>', loading.load(file).flow)
    root = ET.fromstring(svg)
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    assert "<script>&" in boxes(svg)


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("fr", ["Crédit (version 3)", "Combien ?", "à tout moment", "sinon", "après 24h", "fin"]),
        ("hi-Latn", ["Crédit (संस्करण 3)", "Combien ?", "कभी भी", "नहीं तो", "24h बाद", "अंत"]),
        ("sw", ["Crédit (version 3)", "Combien ?", "at any time", "else", "after 24h", "end"]),
    ],
)
def test_a_picture_says_what_customers_read_in_the_language_of_who_looks(loan, language, wanted):
    told = Told(language, "Crédit", lambda text: "Combien ?" if text == {"en": "How much?"} else "")
    texts = ["".join(one.itertext()) for one in ET.fromstring(draw("loan", loan.flow, told=told)).iter(f"{SVG}text")]
    assert [word for word in wanted if not any(word in text for text in texts)] == []


def test_each_kind_of_step_has_its_words_in_each_language():
    english = picturewords._WORDS["en"]
    assert {*ACTIONS} <= {*english}
    for language, words in picturewords._WORDS.items():
        assert words.keys() == english.keys(), language
        assert [key for key in words if words[key].count("{}") != english[key].count("{}")] == [], language


# -- what was walked -------------------------------------------------------------------------------------------------


def test_what_was_never_walked_is_named_with_its_line(loan):
    walked = {
        ("amount", "answer"),
        ("note", "answer"),
        ("work", "next"),
        ("fork", "0"),
        ("fine", "next"),
        ("confirm", "yes"),
    }
    walked |= {("later", "next"), ("finish", "end")}
    places = {step.id: loan.place("steps", step.id) for step in loan.flow.steps}
    found = covered("loan", loan.flow, walked, places)
    assert (found.steps, found.steps_walked, found.whole) == (10, 8, False)
    assert found.missing == (
        "loan.yaml:11: step 'note': the way 'skip' (skipped) to 'work' is never taken",
        "loan.yaml:12: step 'work': the way 'otherwise' to 'sorry' is never taken",
        "loan.yaml:13: step 'fork': the way '1' (else) to 'sorry' is never taken",
        "loan.yaml:15: step 'sorry' is never reached",
        "loan.yaml:16: step 'confirm': the way 'no' to 'confirm' is never taken",
        "loan.yaml:19: step 'remind' is never reached",
        "loan: the way at any time (price) to 'finish' is never taken",
    )


def test_an_answer_known_before_is_an_answer_and_a_way_at_any_time_is_wanted_once(loan):
    walked = {("amount", "known"), ("note", "skip"), ("note", "known"), ("note", "on:0")}
    missing = covered("loan", loan.flow, walked).missing
    assert not any("'amount'" in text or "'note'" in text or "at any time" in text for text in missing)


TWICE = """
slots: {a: {kind: text}, b: {kind: text}}
steps:
  - {ask: a, text: {en: "A?"}, on: [{intent: busy, go: later}]}
  - {ask: b, text: {en: "B?"}, on: [{intent: busy, go: later}]}
  - {id: fin, end: done}
  - {id: later, say: {en: Later.}, next: fin}
on:
  - {intent: busy, go: later}
"""


def test_ways_that_are_equal_are_walked_one_by_one(tmp_path):
    file = tmp_path / "twice.yaml"
    file.write_text(TWICE, encoding="utf-8")
    flow = loading.load(file).flow
    walked = {("a", "answer"), ("a", "on:1"), ("b", "answer"), ("fin", "end"), ("later", "next")}

    assert covered("twice", flow, walked).missing == (
        "step 'b': the way 'on:2' (busy) to 'later' is never taken",
        "twice: the way at any time (busy) to 'later' is never taken",
    )
    assert covered("twice", flow, walked | {("b", "on:2"), ("b", "on:0")}).whole


def test_paths_of_several_turns_and_flows_are_put_together():
    payloads = [{"path": [["a", "one", "answer"], ["b", "x", "next"]]}, {"flow": "a"}, {"path": [["a", "two", "yes"]]}]
    assert walked_in(payloads) == {"a": {("one", "answer"), ("two", "yes")}, "b": {("x", "next")}}


# -- what staff see --------------------------------------------------------------------------------------------------


@pytest.fixture
async def staff(talk, office):
    office.functions["compute"] = lambda amount: {"good": True}
    bot = await talk({"loan": FLOW})
    app = make_app(bot.runtime)
    client = TestClient(TestServer(app))
    await client.start_server()

    async def ask(path, role="agent", status=200):
        _, key = await app[KEYS].create("acme", role, role)
        answer = await client.get(f"/t/acme{path}", headers={"X-API-Key": key})
        assert answer.status == status, await answer.text()
        return await answer.json() if "json" in answer.content_type else await answer.text()

    yield bot, ask
    await client.close()


async def conversation_of(bot, who="alice"):
    return (await bot.tenant().conversations.open("loopback", who))[0]


@pytest.mark.row("L07")
async def test_the_history_of_a_conversation_names_the_states_it_went_through_in_order(staff):
    bot, ask = staff
    for text in ("simulate", "5000", "none", "yes"):
        await bot.say(text)
    ident = await conversation_of(bot)
    told = await ask(f"/api/v1/flows/conversations/{ident}")
    gone = [
        (one["step"], one["state"])
        for event in told["history"]
        for one in event.get("path", ())
        if one["edge"] != "ask"
    ]
    states = [state for n, (_, state) in enumerate(gone) if state and state not in [s for _, s in gone[:n]]]
    assert states == ["asking", "offer"]
    assert [step for step, _ in gone][:2] == ["amount", "note"]
    assert next(event["kind"] for event in told["history"]) == "started"
    assert told["history"][-1]["kind"] == "ended"
    assert (told["stack"], told["last"]["outcome"]) == ([], "done")


async def test_where_a_conversation_is_and_what_was_found_out_is_told_to_agents(staff):
    bot, ask = staff
    await bot.say("simulate")
    await bot.say("5000")
    ident = await conversation_of(bot)
    [live] = (await ask("/api/v1/flows/conversations"))["conversations"]
    assert (live["id"], live["flow"], live["step"]) == (ident, "loan", "note")
    told = await ask(f"/api/v1/flows/conversations/{ident}")
    [frame] = told["stack"]
    assert (frame["title"], frame["step"], frame["state"], frame["waiting"]) == (
        "Loan <simulation>",
        "note",
        "asking",
        "ask",
    )
    amount = frame["slots"][0]
    assert (amount["label"], amount["filled"], "5000" in amount["value"]) == ("Amount", True, True)
    svg = await ask(f"/api/v1/flows/loan/picture?step=note&conversation={ident}")
    marked = {step: one.get("class").split() for step, one in boxes(svg).items()}
    assert ("live" in marked["note"], "walked" in marked["amount"]) == (True, True)
    [panel] = await bot.snapshot().hooks.console_panels((await bot.tenant().conversations.get(ident)).conversation)
    assert (panel.element, panel.data["id"], panel.data["stack"]) == ("hookline-flow-panel", ident, told["stack"])


async def test_a_conversation_that_was_in_no_flow_has_no_panel(staff):
    bot, _ask = staff
    await bot.hear("hello")
    known = await bot.tenant().conversations.get(await conversation_of(bot))
    assert list(await bot.snapshot().hooks.console_panels(known.conversation)) == []


async def test_viewers_see_the_flows_and_no_conversations(staff):
    _bot, ask = staff
    told = await ask("/api/v1/flows?language=en", role="viewer")
    assert [(one["name"], one["title"], one["version"], one["words"]) for one in told["flows"]] == [
        ("loan", "Loan <simulation>", 3, ["simulate"])
    ]
    await ask("/api/v1/flows/conversations", role="viewer", status=403)
    missing = await ask("/api/v1/flows/lone/picture", role="viewer", status=404)
    assert missing["detail"] == "there is no flow 'lone'; flows: loan"
    assert (await ask("/api/v1/flows/conversations/nobody", status=404))["detail"] == "there is no such conversation"


# -- the command line ------------------------------------------------------------------------------------------------

TINY = """
starts: {words: [order]}
slots:
  size: {kind: choice, choices: {small: {label: {en: Small}}, large: {label: {en: Large}}}}
  note: {kind: text}
steps:
  - {ask: size, text: {en: Which size?}}
  - branch: [{when: size == "large", go: note}, {go: done}]
  - {ask: note, text: {en: Any wish?}}
  - {id: done, end: ordered, text: {en: "One {size_label}, thank you."}}
  - {id: remind, say: {en: Still there?}}
timeout: {after: 2h, go: remind}
"""
CONVERSATION = """
name: a small one
turns:
  - {say: order, expect: {text: Which size}}
  - {say: small, expect: {text: thank you}}
"""
WHOLE = """
name: a large one, and one that is forgotten
turns:
  - {say: order, who: a}
  - {say: large, who: a}
  - {say: no sugar, who: a, expect: {text: Large}}
  - {say: order, who: b}
  - {after: 3h, who: b, expect: {text: Still there}}
"""


@pytest.fixture
def hookline(tmp_path):
    home = tmp_path / "tenants" / "cafe"
    for name, text in {
        "tenant.toml": '[plugins]\nenabled = ["flows"]\n',
        "flows/order.yaml": dedent(TINY),
        "conversations/small.yaml": CONVERSATION,
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")

    def run(*arguments, said=""):
        command = [sys.executable, "-m", "hookline", "flows", *arguments, "--tenants", str(tmp_path / "tenants")]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, input=said, cwd=tmp_path, encoding="utf-8"
        )

    run.home = home
    return run


@pytest.mark.slow
def test_the_command_line_draws_a_flow(hookline, tmp_path):
    done = hookline("draw", "order")
    assert (done.returncode, done.stdout.strip()) == (0, "order.svg: 5 steps"), done.stderr
    assert "size" in boxes((tmp_path / "order.svg").read_text(encoding="utf-8"))
    wrong = hookline("draw", "ordre")
    assert wrong.returncode == 2
    assert "there is no flow 'ordre'; flows: order; or name a file.yaml" in wrong.stderr


@pytest.mark.slow
def test_the_command_line_says_what_the_conversations_never_walk(hookline):
    done = hookline("coverage", "cafe")
    assert done.returncode == 1
    lines = done.stdout.strip().splitlines()
    assert lines[0] == "order: 3 of 5 steps, 3 of 6 ways"
    assert "  flows/order.yaml:9: step 'note' is never reached" in lines
    (hookline.home / "conversations/whole.yaml").write_text(WHOLE, encoding="utf-8")
    done = hookline("coverage", "cafe")
    assert (done.returncode, done.stdout.strip()) == (0, "order: 5 of 5 steps, 6 of 6 ways"), done.stdout + done.stderr


@pytest.mark.slow
def test_the_command_line_plays_a_flow_of_the_tenant_and_a_file_of_ones_own(hookline, tmp_path):
    done = hookline("run", "order", said="large\nno sugar\n")
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert all(
        text in said
        for text in ("Which size?", "[Small]  [Large]", "Any wish?", "One Large, thank you.", "ended: ordered")
    )
    (tmp_path / "tea.yaml").write_text('steps:\n  - {end: drunk, text: {en: "A tea."}}\n', encoding="utf-8")
    done = hookline("run", "tea.yaml")
    assert "A tea." in done.stdout, done.stderr
    assert not (hookline.home / "flows" / "tea.yaml").exists()


def test_a_flow_that_no_message_begins_is_begun_outside():
    def flow(**parts):
        return msgspec.convert({"steps": [{"end": "done"}], **parts}, Flow)

    flows = {
        "call": flow(),
        "chat": flow(starts={"words": ["begin"]}, steps=[{"flow": "part"}]),
        "part": flow(),
    }
    assert begun_outside(flows) == {"call"}
