"""`hookline new plugin`: what it makes is sound at once, and what it refuses it says clearly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hookline import models
from hookline.check import Folder, check_folders
from hookline.scaffold import check_name, new_group

ROOT = Path(__file__).parent.parent.parent


def invoke(*arguments):
    return CliRunner().invoke(new_group, ["plugin", *map(str, arguments)])


def run(folder, *command):
    """Run a tool on the plugin as its author would, with the plugin importable."""
    paths = {"PYTHONPATH": str(folder / "src"), "MYPYPATH": str(folder / "src")}
    result = subprocess.run(
        [sys.executable, "-m", *map(str, command)], env=os.environ | paths, capture_output=True, text=True, cwd=folder
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    parent = tmp_path_factory.mktemp("somewhere")
    result = invoke("order_status", "--folder", parent)
    assert result.exit_code == 0, result.output
    return parent / "order_status"


def test_a_new_plugin_has_the_one_shape(made):
    files = sorted(str(path.relative_to(made)) for path in made.rglob("*") if path.is_file())

    assert files == [
        "README.md",
        "pyproject.toml",
        "src/hookline_order_status/__init__.py",
        "src/hookline_order_status/config.py",
        "src/hookline_order_status/hooks.py",
        "src/hookline_order_status/py.typed",
        "src/hookline_order_status/service.py",
        "tests/test_contract.py",
        "tests/test_hooks.py",
        "tests/test_service.py",
    ]


def test_a_new_plugin_passes_the_check(made):
    assert check_folders([Folder(made)]) == []


@pytest.mark.slow
def test_a_new_plugin_passes_its_own_tests(made):
    said = run(made, "pytest", "-q", "-p", "no:cacheprovider")

    assert " passed" in said.splitlines()[-1]
    assert "failed" not in said


@pytest.mark.slow
def test_a_new_plugin_passes_the_linters(made):
    config = ROOT / "pyproject.toml"

    run(made, "ruff", "check", "--no-cache", "--config", config, "--config", "src=['src']", ".")
    run(made, "ruff", "format", "--no-cache", "--config", config, "--check", ".")
    run(made, "mypy", "--config-file", config, "--cache-dir", made.parent / "mypy", "src")


def test_a_name_with_a_keyword_or_many_words_makes_a_sound_plugin_too(tmp_path):
    for name in ("class", "a", "x2", "follow_up_reminders"):
        assert invoke(name, "--folder", tmp_path).exit_code == 0

    assert check_folders([Folder(path) for path in tmp_path.iterdir()]) == []


def test_in_a_workspace_the_plugin_lands_among_the_others(tmp_path, monkeypatch):
    (tmp_path / "plugins" / "other").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "plugins" / "other")

    result = invoke("weather")

    assert result.exit_code == 0
    assert result.output.startswith(f"made {tmp_path}/plugins/weather\n")
    assert "pytest" not in (tmp_path / "plugins/weather/pyproject.toml").read_text()


def test_outside_a_workspace_the_place_must_be_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = invoke("weather")

    assert result.exit_code == 1
    assert "no folder plugins/ here or above; say where: hookline new plugin NAME --folder DIR" in result.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Order-Status", "'Order-Status' is no plugin name: small letters, digits and single underscores, a letter first; "
         "'order_status' would do"),
        ("order__status", "a letter first; 'order_status' would do"),
        ("2fa", "a letter first; 'fa' would do"),
        ("übersetzung", "a letter first; 'bersetzung' would do"),
        ("___", "small letters, digits and single underscores, a letter first"),
        ("hookline-rag", "'hookline-rag': the name is the plugin's alone, the prefix is added; leave it out"),
        ("tenant_acme", "the prefix is added; leave it out"),
        ("a" * 31, f"is too long: its tables begin with it; at most 30 characters; '{'a' * 30}' would do"),
        ("core", "'core' already means something in Hookline; take another word"),
        ("api", "'api' already means something in Hookline; take another word"),
    ],
)  # fmt: skip
def test_a_name_that_can_not_be_is_refused_with_the_reason_and_one_that_can(tmp_path, name, said):
    result = invoke(name, "--folder", tmp_path)

    assert result.exit_code == 1
    assert said in result.output.replace("\n", " ")
    assert list(tmp_path.iterdir()) == []


def test_no_table_of_the_core_could_belong_to_a_plugin():
    prefixes = {name.partition("_")[0] for name in models.metadata.tables if "_" in name}

    for prefix in prefixes:
        with pytest.raises(Exception, match="already means something"):
            check_name(prefix)


def test_what_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "weather").mkdir()

    result = invoke("weather", "--folder", tmp_path)

    assert result.exit_code == 1
    assert f"{tmp_path}/weather is already there; choose another name, or remove it first" in result.output


def test_where_nothing_can_be_written_nothing_is_left(tmp_path):
    (tmp_path / "file").write_text("")

    result = invoke("weather", "--folder", tmp_path / "file" / "plugins")

    assert result.exit_code == 1
    assert "weather can't be made: Not a directory; name another place with --folder" in result.output
