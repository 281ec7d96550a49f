"""What is wrong with a flow is said when the config is loaded, with file and line."""

from __future__ import annotations

import pytest

import hookline_flows
from hookline.catalogue import Catalogue
from hookline.errors import ConfigError
from hookline.phrasecheck import check_tenants
from hookline_flows import checking, loading, needs

GOOD = """
slots:
  amount: {kind: money, min: 1000}
steps:
  - {ask: amount, text: {en: How much?}}
  - end: done
"""


@pytest.fixture
def problems(write, tmp_path):
    def find(text, **more):
        return checking.check(loading.read(write(tmp_path, {"loan": text, **more})))

    return find


def test_a_flow_without_faults_has_no_problems(problems):
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slots: {a: {kind: money}}\nsteps:\n  - {ask: amuont, text: {en: x}}\n  - {ask: a, text: {en: x}}\n",
         "flows/loan.yaml:3: step 'amuont': ask: there is no slot 'amuont'; known: a"),
        ("slots: {amount: {kind: money}}\nsteps:\n  - {ask: amuont, text: {en: x}}\n  - {ask: amount, text: {en: x}}\n", "(did you mean 'amount'?)"),
        ("slots: {a: {kind: monney}}\nsteps: [{end: done}]\n", "flows/loan.yaml:1: slots.a.kind: given 'monney' (did you mean 'money'?)"),
        ("steps:\n  - {say: {en: hi}, next: fin}\n  - {id: final, end: done}\n", "flows/loan.yaml:2: step 'say-1': next: there is no step 'fin'"),
        ("steps:\n  - {say: {en: hi}, next: last}\n  - {id: lost, say: {en: never}}\n  - {id: last, end: done}\n", "flows/loan.yaml:3: steps.lost: step 'lost' can't be reached"),
        ("steps:\n  - {id: a, say: {en: hi}}\n  - {id: b, say: {en: ho}, next: a}\n", "go round in a circle that never waits for the customer"),
        ("slots: {x: {kind: boolean}}\nsteps:\n  - {id: a, ask: x, text: {en: '?'}}\n  - {id: b, say: {en: again}, next: a}\n", "no way leads from a, b to an end; give the loop an exit"),
        ("slots: {x: {kind: text}}\nsteps: [{end: done}]\n", "flows/loan.yaml:1: slots.x: the slot is never filled; ask for it, `set` it, or name `entities` that fill it"),
        ("slots: {x: {kind: choice}}\nsteps:\n  - {ask: x, text: {en: '?'}}\n", "a choice needs choices"),
        ("steps:\n  - branch: [{when: amont > 3, go: z}]\n  - {id: z, end: done}\nslots: {amount: {kind: money, entities: [money]}}\n", "'amont > 3' is no CEL expression: 1:1: undeclared reference to 'amont' (did you mean 'amount'?)"),
        ("steps:\n  - {say: {en: 'You said {amont}'}}\nslots: {amount: {kind: money, entities: [money]}}\n", "{amont} is no slot, and nothing sets it (did you mean 'amount'?)"),
        ("steps:\n  - {flow: othr}\n", "there is no flow 'othr'"),
        ("steps:\n  - {say: {en: a}, ask: b}\n", "flows/loan.yaml:2: steps.0: a step needs exactly one of ask, confirm, say, set, branch, call, flow, handoff, task, timer, reference, end; this one has ask and say"),
        ("steps:\n  - {text: {en: a}}\n", "this one does nothing"),
        ("steps:\n  - {say: {en: a}, state: begun}\nstates: [begin]\n", "there is no state 'begun' (did you mean 'begin'?); states: begin"),
        ("steps:\n  - {say: {en: a}}\n  - {id: say-1, end: done}\n", "id: 'say-1' is already the step of flows/loan.yaml:2; ids must differ"),
        ("slots: {d: {kind: date, min: soon}}\nsteps:\n  - {ask: d, text: {en: x}}\n", 'slots.d.min: given \'soon\'; allowed: "today"'),
        ("slots: {n: {kind: number, min: 5, max: 2}}\nsteps:\n  - {ask: n, text: {en: x}}\n", "5 is above max, 2"),
        ("slots: {t: {kind: text, pattern: '(('}}\nsteps:\n  - {ask: t, text: {en: x}}\n", "allowed: a regular expression of RE2"),
        ("steps:\n  - {say: {en: x}, otherwise: say-1, again: {en: y}}\n", "a step with `say` has no `again`; it belongs to ask, confirm"),
        ("steps:\n  - timer: {kind: k, go: z}\n  - {id: z, end: done}\n", "give one of `after` and `at`"),
        ("steps: [{end: done}]\ntimeout: {after: soon}\n", "timeout.after: given 'soon'; allowed: a time like"),
        ("steps: [{end: done}]\nmigrate: {1: {a: b}}\n", "allowed: the number of an earlier version"),
        ("steps: [{end: done}]\non: [{go: end-1}]\n", "a transition needs intent, words, entity, says or when"),
        ("steps: [{end: done}]\nsteps: [{end: done}]\n", "given twice"),
        ("slots: {text: {kind: text}}\nsteps:\n  - {ask: text, text: {en: x}}\n", "slots.text: given 'text'; allowed: small letters"),
        ("extends: none.yaml\n", "there is no file none.yaml beside this one"),
        ("extends: loan.yaml\n", "a flow can't be its own base"),
        ("title: {en: x}\n", "a flow needs steps"),
        ("steps: [{end: done}\n", "no valid YAML"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_file_and_line(problems, text, said):
    found = "\n".join(problems(text))

    assert said in found
    assert "flows/loan.yaml" in found


def test_two_flows_that_begin_alike_are_a_problem(problems):
    flow = "starts: {intents: [buy]}\nsteps: [{end: done}]\n"

    assert "flow 'loan' begins with intent 'buy' too" in "\n".join(problems(flow, rent=flow))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps:\n  - {call: simulat}\n", "flows/loan.yaml:2: step 'call-1': call: no plugin has a function 'simulat' (did you mean 'simulate'?); functions: simulate"),
        ("slots: {n: {kind: number, check: {call: chek}}}\nsteps:\n  - {ask: n, text: {en: x}}\n", "slots.n.check: no plugin has a function 'chek'"),
        ("slots: {n: {kind: number, entities: [agee]}}\nsteps:\n  - {ask: n, text: {en: x}}\n", "nothing finds the fact 'agee' (did you mean 'age'?)"),
        ("starts: {intents: [by_house]}\nsteps: [{end: done}]\n", "there is no intent 'by_house' (did you mean 'buy_house'?); intents: buy_house"),
        ("steps:\n  - {say: {fr: Bonjour}}\n", "the text is missing in 'en', the tenant's language; given: fr"),
        ("identity: true\nsteps: [{end: done}]\n", "no plugin can ask for a proof of identity"),
        ("steps:\n  - {end: done, identity: true}\n", "flows/loan.yaml:2: step 'end-1': identity: no plugin can ask"),
    ],
)  # fmt: skip
def test_what_other_plugins_lack_is_named_at_the_start(write, tmp_path, text, said):
    home = write(tmp_path, {"loan": text})

    found = needs.started(
        loading.read(home),
        functions=["simulate"],
        entities=frozenset({"age"}),
        intents=frozenset({"buy_house"}),
        language="en",
        identity=False,
    )

    assert said in "\n".join(found)


async def test_a_faulty_flow_keeps_the_tenant_from_starting_and_the_old_one_serving(talk, write):
    bot = await talk({"loan": GOOD})
    write(bot.folder, {"loan": GOOD.replace("ask: amount", "ask: amonut")})

    assert not await bot.runtime.load("acme")

    assert (
        "flows/loan.yaml:5: step 'amonut': ask: there is no slot 'amonut' (did you mean 'amount'?)"
        in bot.runtime_of().error
    )
    assert bot.runtime_of().available


async def test_nlu_tells_which_facts_and_intents_there_are(talk):
    with pytest.raises(AssertionError, match=r"nothing finds the fact 'amonut'"):
        await talk(
            {"loan": GOOD.replace("min: 1000", "min: 1000, entities: [amonut]")},
            plugins=("nlu",),
            config='[plugins]\nenabled = ["nlu", "flows", "loopback"]\n',
        )


@pytest.mark.row("L65")
async def test_a_tenant_overrides_one_state_and_one_transition_of_another_flow(talk):
    base = """
    slots: {size: {kind: number}}
    steps:
      - {id: hello, say: {en: Hello.}}
      - {ask: size, text: {en: How large?}}
      - {id: bye, say: {en: Bye.}, next: last}
      - {id: last, end: done}
    on: [{words: [price], say: {en: Ten.}}]
    """
    own = """
    extends: _base.yaml
    starts: {words: [go]}
    steps:
      - {id: hello, say: {en: Welcome to us.}}
    on: [{words: [price], say: {en: Nine.}}]
    """
    bot = await talk({"_base": base, "own": own})

    assert (await bot.say("go")).text == "Welcome to us.\n\nHow large?"
    assert (await bot.say("price")).text == "Nine.\n\nHow large?"
    assert (await bot.say("3")).text == "Bye."


def test_a_phrase_that_is_nowhere_fails_the_load_with_its_place(write, tmp_path):
    home = write(tmp_path, {"loan": "steps:\n  - {say: no-such-phrase}\n"})

    (one,) = needs.needed(loading.read(home))

    assert (one.key, one.place) == ("no-such-phrase", "flows/loan.yaml:2")


async def test_a_missing_phrase_keeps_the_tenant_from_starting(talk):
    with pytest.raises(AssertionError, match="no-such-phrase"):
        await talk({"loan": "steps:\n  - {say: no-such-phrase}\n"})


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match=r"x\.yaml: can't be read"):
        loading.load(path)


def test_texts_that_lack_one_of_the_tenants_other_languages_are_told(write, tmp_path):
    text = "title: {en: x, fr: y}\nsteps:\n  - {say: {en: Hi, hi: नमस्ते}}\n  - {end: done, text: {en: Bye, hi: विदा, fr: Adieu}}\n"
    flows = loading.read(write(tmp_path, {"loan": text}))

    assert list(needs.untranslated(flows, ["en", "fr-CA", "hi", "hi-Latn"])) == [
        "flows/loan.yaml:3: step 'say-1': say: a text is missing in 'fr-CA', this first; write it, or take 'fr-CA' out of `languages`",
        "flows/loan.yaml:1: title: a text is missing in 'hi', this first; write it, or take 'hi' out of `languages`",
        "flows/loan.yaml:1: title: 3 texts are missing in 'hi-Latn', this first; write it, or take 'hi-Latn' out of `languages`",
    ]


async def test_a_tenant_whose_flow_lacks_a_text_in_its_second_language_does_not_start(talk):
    text = "title: {en: x}\nstarts: {words: [begin]}\nsteps:\n  - {say: {en: Hi, fr: Salut}}\n  - {end: done}\n"

    with pytest.raises(AssertionError, match=r"flows/loan\.yaml:1: title: a text is missing in 'fr'"):
        await talk({"loan": text}, config='languages = ["en", "fr"]')


def test_hookline_check_names_each_text_and_phrase_that_is_missing(write, tmp_path):
    flow = "title: {en: x, fr: y}\nstarts: {words: [begin]}\nsteps:\n  - {say: {en: Hi}}\n  - {say: greet}\n  - {end: done}\n"
    home = write(tmp_path, {"loan": flow}, {"en": "greet = Hello\n"})
    (home / "tenant.toml").write_text(
        'title = "T"\nlanguage = "en"\nlanguages = ["en", "fr"]\n[plugins]\nenabled = ["flows"]\n'
    )

    said = list(check_tenants([home], Catalogue.of([hookline_flows.plugin])))
    assert [line.rpartition("/acme/")[2] for line in said] == [
        "locales/en.ftl:1: 'greet' is missing in 'fr'; write it, or take 'fr' out of the tenant's languages",
        "flows/loan.yaml:4: a text is missing in 'fr'; write it, or take 'fr' out of the tenant's languages",
        "flows/loan.yaml:5: 'greet' is missing in 'fr'; write it, or take 'fr' out of the tenant's languages",
    ]
