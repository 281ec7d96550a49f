"""The tables of the documentation name what there is: keys with their defaults, commands, variables, states, figures."""

from __future__ import annotations

import contextlib
import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import attrs
import msgspec
import pytest

from hookline import auth, metrics, settings
from hookline.catalogue import Catalogue
from hookline.config import load_tenant

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "core" / "README.md", *sorted(DOCS.glob("*.md"))]
PLUGINS = sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))
FENCE = re.compile(r"^```.*?^```[ ]*$", re.MULTILINE | re.DOTALL)

Fields = dict[str, Any]
REQUIRED = object()


def fields_of(kind: type[Any]) -> Fields:
    """The keys of a config class with their defaults; a nested record is a table of its own."""
    if issubclass(kind, msgspec.Struct):
        found = {
            field.name: REQUIRED if field.required else default_of(field) for field in msgspec.structs.fields(kind)
        }
    else:
        found = {}
        for field in attrs.fields(kind):
            default = field.default
            if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class that attrs types as a function
                default = default.factory()
            found[field.name] = REQUIRED if default is attrs.NOTHING else default
    return found


def default_of(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def is_record(value: Any) -> bool:
    return attrs.has(type(value)) and not isinstance(value, settings.Secret)


def plain(value: Any) -> Any:
    if isinstance(value, settings.Secret):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def tables_of(prefix: str, kind: type[Any]) -> dict[str, Fields]:
    """The class's table by its TOML name, and those of the records in it."""
    found: dict[str, Fields] = {prefix: {}}
    for name, default in fields_of(kind).items():
        if is_record(default):
            found |= tables_of(f"{prefix}.{name}" if prefix else name, type(default))
        else:
            found[prefix][name] = default
    return found


def all_tables() -> dict[str, Fields]:
    found = tables_of("", settings.Settings)
    found['wire."METHOD /path"'] = fields_of(settings.Wire)
    found["ids.KIND"] = fields_of(settings.IdFormat)
    for folder in PLUGINS:
        found |= tables_of(f"plugins.{folder.name}", importlib.import_module(f"hookline_{folder.name}").plugin.config)
    llm, embeddings = (
        importlib.import_module("hookline_llm.config"),
        importlib.import_module("hookline_embeddings.config"),
    )
    found["plugins.llm.providers.NAME"] = fields_of(llm.Provider)
    trust = importlib.import_module("hookline_identity.config").Trust
    found["plugins.identity.trust.CHANNEL"] = fields_of(trust)
    found["plugins.whatsapp.numbers.NAME"] = fields_of(importlib.import_module("hookline_whatsapp.config").Number)
    found["plugins.rag.loaders.NAME"] = fields_of(importlib.import_module("hookline_rag.loading").Loader)
    for model in get_args(embeddings.ModelConfig):
        found[f"plugins.embeddings.models.NAME, kind {model.__struct_config__.tag}"] = fields_of(model)
    voice = importlib.import_module("hookline_voice.config")
    for table, kinds in (("transcribers", voice.TranscriberConfig), ("speakers", voice.SpeakerConfig)):
        for kind in get_args(kinds):
            found[f"plugins.voice.{table}.NAME, kind {kind.__struct_config__.tag}"] = fields_of(kind)
    return found


def read_tables(page: Path) -> dict[str, dict[str, str]]:
    """The tables `| key | meaning | default |` below headings that name a TOML table: key and default as written."""
    found: dict[str, dict[str, str]] = {}
    heading, inside = "", False
    for line in FENCE.sub("", page.read_text(encoding="utf-8")).splitlines():
        if title := re.match(r"#+ (.*)$", line):
            named, kind = re.search(r"`\[(.+?)\]`", title[1]), re.search(r"kind `([\w-]+)`", title[1])
            heading = (named[1] + (f", kind {kind[1]}" if kind else "")) if named else ""
        inside = line == "| key | meaning | default |" or (inside and line.startswith("|"))
        if inside and line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            found.setdefault(heading, {})[cells[0].strip("`")] = cells[2]
    return found


def test_the_tables_of_tenants_md_name_every_key_with_its_default() -> None:
    documented = read_tables(DOCS / "tenants.md")
    expected = all_tables()
    assert set(documented) == {name for name, fields in expected.items() if fields}
    for table, fields in expected.items():
        rows = documented.get(table, {})
        assert set(rows) == set(fields), f"[{table}]"
        for key, default in fields.items():
            written = rows[key]
            if default is REQUIRED:
                assert written == "required", f"[{table}] {key}: {written}"
            else:
                assert tomllib.loads(f"x = {written.strip('`')}")["x"] == plain(default), f"[{table}] {key}: {written}"


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_a_plugins_readme_names_every_key_with_its_default(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    prefix = f"plugins.{folder.name}"
    mine = [fields for name, fields in all_tables().items() if name == prefix or name.startswith(f"{prefix}.")]
    keys = {key for fields in mine for key in fields}
    missing = {key for key in keys if not re.search(rf"`[^`\n]*\b{key}\b[^`\n]*`", text)}
    assert not missing, f"plugins/{folder.name}/README.md does not name {', '.join(sorted(missing))}"
    for key, written in readme_defaults(text):
        defaults = [plain(fields[key]) for fields in mine if key in fields]
        assert not defaults or written in defaults, f"{key}: {written!r} is not {defaults}"


def readme_defaults(text: str) -> Iterator[tuple[str, Any]]:
    """Key and default of the rows that write it as TOML, also where one row has several keys with as many defaults."""
    for line in FENCE.sub("", text).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        keys = re.findall(r"`(\w+)`", cells[0])
        defaults = re.findall(r"`([^`]+)`", cells[-1])
        if len(cells) in (3, 4) and len(keys) == len(defaults):
            for key, default in zip(keys, defaults, strict=True):
                with contextlib.suppress(tomllib.TOMLDecodeError):
                    yield key, tomllib.loads(f"x = {default}")["x"]


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_the_examples_of_a_plugins_readme_load(folder: Path, tmp_path: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert examples
    for number, example in enumerate(examples):
        tenant = tmp_path / f"tenant{number}"
        tenant.mkdir()
        tables = tomllib.loads(example)["plugins"]
        whole = example if "enabled" in tables else f"{example}\n[plugins]\nenabled = {json.dumps(list(tables))}\n"
        (tenant / "tenant.toml").write_text(whole, encoding="utf-8")
        load_tenant(tenant, Catalogue.load(), {"GROQ_API_KEY": "gsk-of-a-test"})


def test_every_environment_variable_and_command_that_there_is_is_in_operations_md() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "core" / "src").rglob("*.py"))
    for_tests = {"HOOKLINE_FAILPOINT", "HOOKLINE_TEST_POSTGRES"}
    variables = set(re.findall(r'["$ ](HOOKLINE_[A-Z]+(?:_[A-Z]+)*)\b', source)) - for_tests
    assert "HOOKLINE_DATA" in variables
    assert {name for name in variables if f"`{name}`" not in text} == set()
    listed = subprocess.run([BIN / "hookline", "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  ([a-z]+)  ", listed.partition("Commands:")[2], re.MULTILINE)
    assert commands
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in commands if f"hookline {name}" not in pages] == []


def test_the_states_that_operations_md_explains_are_those_that_there_are() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    models = (ROOT / "core" / "src" / "hookline" / "models.py").read_text(encoding="utf-8")
    for line in re.findall(r"^# state: ([a-z |]+)\.", models, re.MULTILINE)[:2]:
        for state in line.split(" | "):
            assert f"| `{state}` |" in text, state


def test_the_roles_that_security_md_names_are_those_that_there_are() -> None:
    text = (DOCS / "security.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == sorted(
        auth.ROLES, key=["viewer", "agent", "supervisor", "admin"].index
    )


def test_every_figure_is_in_operations_md() -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    for figure in metrics.REGISTRY.collect():
        name = f"{figure.name}_total" if figure.type == "counter" else figure.name
        assert f"| `{name}` |" in text, name
