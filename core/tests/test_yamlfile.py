"""YAML files of tenants: strict, and wrong with file and line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest

from hookline.errors import ConfigError
from hookline.yamlfile import located, parse, read


@attrs.frozen
class Step:
    """A step."""

    say: str
    tries: int = 3


@attrs.frozen
class File:
    """A file of steps by name."""

    steps: Mapping[str, Step]
    title: str = ""


def test_a_file_becomes_the_class_and_keys_are_what_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "flow.yaml"
    path.write_text("title: Prêt\nsteps:\n  NO: {say: non}\n  1:\n    say: un\n    tries: 2\n", encoding="utf-8")
    assert read(path, File) == File({"NO": Step("non"), "1": Step("un", 2)}, "Prêt")


def test_every_place_has_its_line() -> None:
    _, line = located("title: x\nsteps:\n  a:\n    say: hi\n", "f.yaml", File)
    assert [line("title"), line("steps", "a"), line("steps", "a", "say"), line("steps", "b")] == [1, 3, 4, 2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("steps:\n  a: {say: 5}\n", "f.yaml:2: steps.a.say: given 5; allowed: text"),
        ("steps:\n  a: {say: hi}\n  a: {say: ho}\n", "f.yaml:3: steps.a: given twice, first in line 2"),
        ("steps: {}\nwhat: 1\n", "f.yaml:2: what: unknown key"),
        ("title: x\n", "steps: missing"),
        ("steps: [\n", "f.yaml:2: no valid YAML"),
        ("steps: {a: !!python/object:os.system {}}\n", "f.yaml:1: "),
        ("- 1\n", "f.yaml:1: "),
        ("", "steps: missing"),
        ("a\x00b", "no valid YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(text, "f.yaml", File)
    assert told in str(raised.value)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.yaml: there is no such file"):
        read(tmp_path / "gone.yaml", File)
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match=r"bytes\.yaml: can't be read"):
        read(tmp_path / "bytes.yaml", File)
