"""Files that are no flows: each gets clear lines with file and line, and never a traceback."""

from __future__ import annotations

import re

import pytest

from hookline_flows import checking, loading, needs

ASKED = "slots: {a: {kind: number}}\nsteps:\n  - {ask: a, text: {en: A?}}\n  - {end: done}\n"
SLOT = "slots: {n: {%s}}\nsteps:\n  - {ask: n, text: {en: x}}\n"
STEP = "steps:\n  - {%s}\n  - {id: z, end: done}\n"


@pytest.fixture
def problems(write, tmp_path):
    def find(text, **more):
        flows = loading.read(write(tmp_path, {**more}))
        (tmp_path / "tenants" / "acme" / "flows" / "loan.yaml").write_text(text, encoding="utf-8", newline="")
        flows = loading.read(tmp_path / "tenants" / "acme")
        list(needs.needed(flows))
        return checking.check(flows)

    return find


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "loan.yaml:1: a flow needs steps", id="nothing"),
        pytest.param("- a\n- b\n", "loan.yaml:1: given a list; allowed: a table", id="a list"),
        pytest.param("steps:\n\t- {end: done}\n", "loan.yaml:2: no valid YAML: found character that cannot start any token; indent with spaces, not with tabs", id="tabs"),
        pytest.param('steps:\n  - {say: {en: "hi}}\n', "no valid YAML: found unexpected end of stream", id="a quote that is not closed"),
        pytest.param("slots:\n  a: {kind: number}\n  a: {kind: text}\nsteps: [{end: x}]\n", "loan.yaml:3: slots.a: given twice, first in line 2", id="a key twice"),
        pytest.param("steps: [*nope]\n", "loan.yaml:1: no valid YAML: found undefined alias", id="an alias of nothing"),
        pytest.param("slots: {a: &n {kind: number}, b: {<<: *n, kind: text}}\nsteps: [{end: x}]\n", "slots.b.<<: anchors can't be merged into a table; write its keys out", id="a merged anchor"),
        pytest.param("steps: &s\n  - {say: {en: hi}, replies: *s}\n", "nested too deeply; at most 60 levels are allowed", id="an alias in itself"),
        pytest.param("".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}' if n else 'x'] * 9)}]\n" for n in range(9)), "more than 100000 values, each use of an anchor counted; write less", id="aliases that multiply"),
        pytest.param("steps: !!python/object/apply:os.system ['echo hi']\n", "steps: given the tag !!python/object/apply:os.system; allowed: plain values without tags", id="a tag that runs code"),
        pytest.param("steps: !mine [{end: done}]\n", "steps: given the tag !mine", id="a tag of one's own"),
        pytest.param("steps:\n  - say: " + "[" * 3000 + "]" * 3000, "nested too deeply", id="deep lists"),
        pytest.param("steps: " + "{a: " * 2000 + "1" + "}" * 2000, "nested too deeply", id="deep tables"),
        pytest.param(f"{ASKED}---\n{ASKED}", "loan.yaml:5: no valid YAML: but found another document", id="two documents"),
        pytest.param("steps: [{say: {en: 'a\0b'}}]\n", "loan.yaml:1: no valid YAML: the sign '\\x00' is not allowed", id="a control character"),
        pytest.param("steps: [{say: {en: '" + "x" * 1_100_000 + "'}}]\n", "at most 1000000 are allowed", id="an enormous text"),
        pytest.param("steps:\n" + "".join(f"  - {{say: {{en: hello {n}}}}}\n" for n in range(1200)), "steps: there are 1200; allowed: 1000; make several flows of them", id="very many steps"),
        pytest.param("steps: {a: {end: done}}\n", "loan.yaml:1: steps: given a table; allowed: a list", id="steps as a table"),
        pytest.param("steps: [ask]\n", "steps.0: given 'ask'; allowed: a table", id="a step as a text"),
        pytest.param(f"{ASKED}tittle: {{en: x}}\n", "loan.yaml:5: tittle: unknown key (did you mean 'title'?)", id="a mistyped key"),
        pytest.param(f"version: one\n{ASKED}", "version: given 'one'; allowed: an integer", id="a version in letters"),
        pytest.param(f"version: 0\n{ASKED}", "version: given 0; allowed: 1 or more", id="version 0"),
        pytest.param(STEP % "branch: [{when: 'a >', go: z}]", "branch.0.when: 'a >' is no CEL expression: 1:4: Syntax error: mismatched input '<EOF>'", id="half an expression"),
        pytest.param("slots: {a: {kind: number, entities: [x]}}\n" + STEP % "branch: [{when: 'a = 3', go: z}]", "; == compares", id="= for =="),
        pytest.param(STEP % "branch: [{when: '1 + 1', go: z}]", "'1 + 1' is never true or false, but a number; compare it with something", id="a number as a condition"),
        pytest.param(STEP % "set: {b: '__import__(\"os\")'}", "undeclared reference to '__import__'", id="code as an expression"),
        pytest.param(STEP % f"set: {{b: '{'1+' * 1500}1'}}", "the expression has 3001 characters; at most 2000 are allowed", id="a long expression"),
        pytest.param(STEP % f"set: {{b: '{'(' * 900}1{')' * 900}'}}", "is no CEL expression: Expression recursion limit exceeded", id="a deep expression"),
        pytest.param(STEP % "set: {b: 12}", "steps.0.set.b: given 12; allowed: text", id="a number as an expression"),
        pytest.param(STEP % "set: {now: '1'}", "set.now: given 'now'; allowed: small letters", id="a name that is taken"),
        pytest.param(STEP % "call: f, into: today", "into: given 'today'; allowed: small letters", id="a result in a name that is taken"),
        pytest.param(f"{ASKED}given: [Amount-X]\n", "given: given 'Amount-X'; allowed: small letters", id="a given name that expressions can't use"),
        pytest.param(f"{ASKED}on: [{{words: [x], set: {{now: '1'}}}}]\n", "on.0.set.now: given 'now'", id="a transition that sets what is taken"),
        pytest.param(STEP % "flow: loan", "step 'flow-1': flow: 'loan' begins itself in a circle", id="a flow in itself"),
        pytest.param(STEP % "say: 12", "say: given 12; allowed: a text, texts by language", id="a number as a text"),
        pytest.param(STEP % "say: {text: {en: x}, whn: 'true'}", "say: Object contains unknown field `whn`", id="a mistyped key in a text"),
        pytest.param(STEP % "timer: {after: 3 hours, say: {en: x}}", 'a time is written like "30m", "48h", "7d"', id="a time in words"),
        pytest.param(STEP % "timer: {after: 3h, say: {en: {x: y}}}", "timer.say: allowed: the key of a phrase", id="a text that is none"),
        pytest.param("steps:\n  - {id: end, say: {en: hi}}\n", "step 'end': id: given 'end', which means the end of the flow", id="a step called end"),
        pytest.param(f"extends: /etc/passwd\n{ASKED}", "extends: given '/etc/passwd'; allowed: the name of a file beside this one", id="a base elsewhere"),
        pytest.param(f"extends: ../flows/_base.yaml\n{ASKED}", "allowed: the name of a file beside this one", id="a base above"),
        pytest.param(SLOT % "kind: date, min: 2026-13-45", "min: given '2026-13-45'; allowed: \"today\"", id="a day that is none"),
        pytest.param(SLOT % "kind: number, max: .inf", "max: given inf; allowed: a number", id="no bound"),
        pytest.param(SLOT % "kind: text, min_chars: -1", "min_chars: given -1; allowed: 0 or more", id="fewer than no characters"),
        pytest.param(SLOT % "kind: text, min_chars: 9, max_chars: 8", "max_chars: given 8; allowed: 9 or more", id="bounds the wrong way round"),
        pytest.param(SLOT % "kind: text, pattern: '(?=a)b'", "allowed: a regular expression of RE2 (invalid perl operator: (?=)", id="a pattern of other engines"),
        pytest.param(SLOT % "kind: number, pattern: 'a'", "a slot of kind number has no pattern; it belongs to text", id="a pattern of a number"),
        pytest.param(SLOT % "kind: text, whole: true", "a slot of kind text has no whole", id="a whole text"),
        pytest.param(SLOT % "kind: choice, choices: {a: {label: {en: Same}}, b: {words: [same]}}", "choices.b: 'same' means 'a' too, so that it chooses neither", id="two choices alike"),
        pytest.param(f"{ASKED}starts: {{words: ['?!']}}\n", "starts.words: given '?!'; allowed: a word or phrase that people can write", id="no word"),
        pytest.param(STEP % "branch: [{go: z}, {when: 'true', go: z}]", "branch.0: what has no `when` is always taken, and the arms below it never; put it last", id="an arm below what is always taken"),
        pytest.param(STEP % "task: {titel: {en: x}}", "steps.0.task.titel: unknown key (did you mean 'title'?)", id="a mistyped key in a task"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_by_file_and_line(problems, text, said):
    found = problems(text)

    assert said in "\n".join(found)
    assert all(re.match(r"flows/loan\.yaml(:\d+)?: ", line) for one in found for line in one.split("\n"))


def test_flows_that_begin_one_another_are_named_once(problems):
    found = problems("steps: [{flow: rent}]\n", rent="steps: [{flow: loan}]\n")

    assert found == ["flows/loan.yaml:1: step 'flow-1': flow: 'loan' and rent begin one another in a circle; end one with a step of its own"]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"\ufeff{ASKED}", id="a byte order mark"),
        pytest.param(ASKED.replace("\n", "\r\n"), id="lines of Windows"),
        pytest.param("slots: {d: {kind: date, max: 2026-12-31}}\nsteps: [{ask: d, text: {en: A?}}]\n", id="a day without quotes"),
        pytest.param("slots: {a: &n {kind: number}, b: *n}\nsteps: [{ask: a, text: {en: A?}}, {ask: b, text: {en: B?}}]\n", id="an anchor in its place"),
        pytest.param("slots: {a: {kind: choice, choices: {yes: {}, no: {}}}}\nsteps: [{ask: a, text: {no: Hva?}}]\n", id="words that YAML takes for true and false"),
    ],
)  # fmt: skip
def test_what_only_looks_wrong_is_fine(problems, text):
    assert problems(text) == []
