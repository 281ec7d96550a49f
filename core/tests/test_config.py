from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import attrs
import msgspec
import pytest

from hookline.catalogue import Catalogue
from hookline.config import find_tenant, find_tenants, load_tenant, parse_overrides
from hookline.errors import ConfigError, UnknownTenant
from hookline.plugin import Plugin
from hookline.settings import Secret

NONE = Secret("")


@attrs.frozen
class Onnx:
    engine: Literal["onnx"] = "onnx"
    threads: int = 1


@attrs.frozen
class Remote:
    url: str
    engine: Literal["remote"]
    key: Secret = NONE


class Disk(msgspec.Struct, tag="disk", tag_field="kind", kw_only=True):
    folder: str


class Cloud(msgspec.Struct, tag="cloud", tag_field="kind", kw_only=True):
    bucket: str
    region: str = "eu"


@attrs.frozen
class Weights:
    dense: float = 0.6
    words: Mapping[str, float] = attrs.Factory(dict)


@attrs.frozen
class RagConfig:
    top_k: Annotated[int, msgspec.Meta(ge=1, le=50)] = 5
    embedder: Onnx | Remote = attrs.Factory(Onnx)
    store: Disk | Cloud | None = None
    folders: tuple[str, ...] = ()
    weights: Weights = Weights()
    rerank: bool = False
    timeout: float | None = None
    languages: tuple[Literal["en", "hi"], ...] = ("en",)
    embedders: Mapping[str, Onnx | Remote] = attrs.Factory(dict)


@attrs.frozen
class LlmConfig:
    provider: Literal["ollama", "groq"] = "ollama"
    api_key: Secret = NONE
    model: str = "llama3:8b"
    url: str = "http://localhost:11434"


@attrs.frozen
class NeedyConfig:
    account: str
    size: int


@attrs.frozen
class CheckedConfig:
    low: float = 0.0
    high: float = attrs.field(default=1.0)

    @high.validator
    def _above(self, attribute, value):
        if value < self.low:
            raise ValueError("high must not be below low")


class NoHooks:
    def __init__(self, tenant):
        pass


CATALOGUE = Catalogue.of(
    [
        Plugin("rag", NoHooks, RagConfig),
        Plugin("llm", NoHooks, LlmConfig),
        Plugin("needy", NoHooks, NeedyConfig),
        Plugin("checked", NoHooks, CheckedConfig),
        Plugin("webchat", NoHooks),
    ]
)


@pytest.fixture
def acme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "tenants" / "acme"
    folder.mkdir(parents=True)

    def load(text: str, env: Mapping[str, str] | None = None, overrides=None, overlay=None):
        (folder / "tenant.toml").write_text(text, encoding="utf-8")
        return load_tenant(folder, CATALOGUE, env or {}, overrides or {}, overlay or {})

    return load


def problems(acme, text: str, **more) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        acme(text, **more)
    return str(caught.value).splitlines()


AT = "tenants/acme/tenant.toml"


def test_a_whole_file_is_decoded_into_settings_and_the_plugins_own_classes(acme):
    found = acme("""
        title = "Acme help"
        languages = ["en", "hi"]
        [history]
        store = "memory"
        [routes]
        "POST /api/ask" = "POST /ask"
        [wire."POST /api/ask".request]
        text = "message"
        [texts.en]
        apology = "Oops."
        [plugins]
        enabled = ["webchat", "rag"]
        [plugins.rag]
        top_k = 7
        timeout = 2
        folders = ["a", "b"]
        weights.words.roaming = 2.5
        [plugins.rag.embedder]
        engine = "remote"
        url = "http://127.0.0.1:1"
        [plugins.rag.store]
        kind = "cloud"
        bucket = "b1"
        [plugins.rag.embedders.small]
        engine = "onnx"
        threads = 2
    """)
    assert found.name == "acme"
    assert found.settings.plugins == ("webchat", "rag")
    assert found.settings.title == "Acme help"
    assert found.settings.history.store == "memory"
    assert found.settings.wire["POST /api/ask"].request == {"text": "message"}
    assert found.settings.text("apology") == "Oops."
    rag = found.plugins["rag"]
    assert (rag.top_k, rag.timeout, rag.folders) == (7, 2.0, ("a", "b"))
    assert rag.weights == Weights(words={"roaming": 2.5})
    assert rag.embedder == Remote("http://127.0.0.1:1", "remote")
    assert rag.store == Cloud(bucket="b1")
    assert rag.embedders == {"small": Onnx(threads=2)}
    assert list(found.plugins) == ["webchat", "rag"]
    assert found.warnings == ()


def test_plugins_may_be_a_plain_list_where_no_plugin_has_a_table(acme):
    assert acme('plugins = ["webchat", "rag"]').settings.plugins == ("webchat", "rag")


def test_a_list_of_plugins_besides_their_tables_is_explained_as_toml_does_not_allow_it(acme):
    assert problems(acme, 'plugins = ["rag"]\n[plugins.rag]\ntop_k = 1\n') == [
        (
            f"{AT}:2: TOML does not allow both plugins = [...] and [plugins.NAME]; "
            f'write a table [plugins] with enabled = ["..."] above them'
        )
    ]


def test_an_error_of_syntax_names_file_and_line(acme):
    assert problems(acme, 'plugins = ["rag"]\ntitle = "Acme\n') == [f"{AT}:2: illegal character '\\n'"]


def test_a_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load_tenant(Path("tenants/none"), CATALOGUE, {})
    assert str(caught.value) == (
        "tenants/none/tenant.toml: there is no such file; a tenant is a folder with a tenant.toml"
    )


def test_all_problems_are_told_at_once_each_with_line_tenant_key_given_and_allowed(acme):
    text = """titel = "Acme"
[history]
store = "sqll"
[limits]
message_chars = "many"
[plugins]
enabled = ["rag", "webchat"]
[plugins.rag]
top_kk = 3
rerank = "yes"
folders = "docs"
languages = ["en", "xx"]
weights.dense = true
[plugins.webchat]
colour = "red"
"""
    settings = "title, language, languages, debug, hosts, public_url, port, database"
    lines = problems(acme, text)
    assert lines[0].startswith(
        f"{AT}:1: tenant 'acme': titel: unknown key (did you mean 'title'?); allowed: plugins, {settings}"
    )
    assert lines[1:] == [
        f"{AT}:3: tenant 'acme': history.store: given 'sqll' (did you mean 'sql'?); allowed: 'sql', 'memory', 'none'",
        f"{AT}:5: tenant 'acme': limits.message_chars: given 'many'; allowed: an integer",
        (
            f"{AT}:9: tenant 'acme': plugins.rag.top_kk: unknown key (did you mean 'top_k'?); allowed: top_k, embedder, "
            f"store, folders, weights, rerank, timeout, languages, embedders"
        ),
        f"{AT}:10: tenant 'acme': plugins.rag.rerank: given 'yes'; allowed: true or false",
        f"{AT}:11: tenant 'acme': plugins.rag.folders: given 'docs'; allowed: a list",
        f"{AT}:12: tenant 'acme': plugins.rag.languages.1: given 'xx'; allowed: 'en', 'hi'",
        f"{AT}:13: tenant 'acme': plugins.rag.weights.dense: given true; allowed: a number",
        f"{AT}:15: tenant 'acme': plugins.webchat.colour: unknown key; allowed: no keys",
    ]


def test_types_are_strict_a_text_is_no_number_and_true_is_no_integer(acme):
    lines = problems(
        acme, '[plugins]\nenabled = ["rag"]\n[plugins.rag]\ntop_k = "3"\ntimeout = "1"\n[turns]\nattempts = true\n'
    )
    assert lines == [
        f"{AT}:7: tenant 'acme': turns.attempts: given true; allowed: an integer",
        f"{AT}:4: tenant 'acme': plugins.rag.top_k: given '3'; allowed: an integer",
        f"{AT}:5: tenant 'acme': plugins.rag.timeout: given '1'; allowed: a number",
    ]


def test_limits_in_the_annotations_are_kept(acme):
    assert problems(acme, '[plugins]\nenabled = ["rag"]\n[plugins.rag]\ntop_k = 0\n') == [
        f"{AT}:4: tenant 'acme': plugins.rag.top_k: given 0; allowed: `int` >= 1"
    ]


def test_the_classes_of_a_union_are_told_apart_by_their_tag(acme):
    head = '[plugins]\nenabled = ["rag"]\n'
    assert problems(acme, head + '[plugins.rag.embedder]\nengine = "onx"\n') == [
        (
            f"{AT}:4: tenant 'acme': plugins.rag.embedder.engine: given 'onx' (did you mean 'onnx'?); "
            f"allowed: 'onnx', 'remote'"
        )
    ]
    assert problems(acme, head + '[plugins.rag.embedder]\nengine = "remote"\nthreads = 2\n') == [
        f"{AT}:5: tenant 'acme': plugins.rag.embedder.threads: unknown key; allowed: url, engine, key",
        f"{AT}:3: tenant 'acme': plugins.rag.embedder.url: missing; allowed: text",
    ]
    assert problems(acme, head + '[plugins.rag.store]\nfolder = "x"\n') == [
        f"{AT}:3: tenant 'acme': plugins.rag.store: kind is missing; allowed: 'disk', 'cloud'"
    ]
    assert problems(acme, head + '[plugins.rag.embedders.small]\nengine = "onnx"\nthreds = 2\n') == [
        (
            f"{AT}:5: tenant 'acme': plugins.rag.embedders.small.threds: unknown key (did you mean 'threads'?); "
            f"allowed: engine, threads"
        )
    ]
    assert acme(head + "[plugins.rag.embedder]\nthreads = 4\n").plugins["rag"].embedder == Onnx(threads=4)


def test_required_keys_are_asked_for(acme):
    assert problems(acme, 'plugins = ["needy"]') == [
        f"{AT}:1: tenant 'acme': plugins.needy.account: missing; allowed: text",
        f"{AT}:1: tenant 'acme': plugins.needy.size: missing; allowed: an integer",
    ]
    assert problems(acme, 'title = "x"') == [f"{AT}: tenant 'acme': plugins: missing; allowed: a list of text"]


def test_a_plugins_own_checks_are_reported_at_its_table(acme):
    assert problems(acme, '[plugins]\nenabled = ["checked"]\n[plugins.checked]\nlow = 2.0\n') == [
        f"{AT}:3: tenant 'acme': plugins.checked: high must not be below low"
    ]


def test_a_plugin_that_is_not_installed_is_named_with_the_nearest_and_the_command(acme):
    assert problems(acme, 'plugins = ["rga"]') == [
        (
            f"{AT}:1: tenant 'acme': plugins: plugin 'rga' is not installed; did you mean 'rag'? "
            f"(installed: checked, llm, needy, rag, webchat); install it with: pip install hookline-rga"
        )
    ]


def test_a_table_for_a_plugin_that_is_not_enabled_is_an_error(acme):
    assert problems(acme, '[plugins]\nenabled = ["rag"]\n[plugins.llm]\nmodel = "x"\n[plugins.rgg]\nx = 1\n') == [
        f"{AT}:3: tenant 'acme': plugins.llm: 'llm' is not among the enabled plugins; enabled: rag",
        f"{AT}:5: tenant 'acme': plugins.rgg: 'rgg' is not among the enabled plugins (did you mean 'rag'?); enabled: rag",
    ]


def test_a_plugin_that_is_listed_twice_is_an_error(acme):
    assert problems(acme, 'plugins = ["rag", "rag"]') == [f"{AT}:1: tenant 'acme': plugins: 'rag' stands there twice"]


# -- the environment -------------------------------------------------------------------------------------------------

LLM = '[plugins]\nenabled = ["llm"]\n[plugins.llm]\n'


@pytest.mark.row("X28")
def test_a_reference_takes_the_variables_value_and_the_tenants_own_variable_wins(acme):
    text = (
        LLM + 'api_key = "${GROQ_API_KEY}"\nmodel = "${MODEL:-llama3:8b}"\nurl = "http://${HOST}:${PORT_NO:-80}/v1"\n'
    )
    found = acme(
        text, {"GROQ_API_KEY": "bare", "HOOKLINE_ACME_GROQ_API_KEY": "own", "HOST": "h", "HOOKLINE_OTHER_HOST": "x"}
    )
    llm = found.plugins["llm"]
    assert llm.api_key == Secret("own", "GROQ_API_KEY")
    assert llm.model == "llama3:8b"
    assert llm.url == "http://h:80/v1"
    assert found.warnings == ()


@pytest.mark.row("T61")
@pytest.mark.row("T62")
@pytest.mark.row("T60")
def test_switches_numbers_and_urls_are_read_from_the_environment(acme):
    text = 'plugins = []\ndebug = "${FLASK_DEBUG:-false}"\nport = "${PORT:-5000}"\ndatabase = "${DATABASE_URL:-sqlite:///chatbot.db}"\n'
    unset = acme(text).settings
    assert (unset.debug, unset.port, unset.database) == (False, 5000, "sqlite:///chatbot.db")
    given = acme(text, {"FLASK_DEBUG": "True", "PORT": "5050", "DATABASE_URL": "sqlite:///other.db"}).settings
    assert (given.debug, given.port, given.database) == (True, 5050, "sqlite:///other.db")


def test_an_unset_variable_takes_the_default_with_a_warning_that_names_tenant_key_and_variable(acme):
    found = acme(LLM + 'api_key = "${GROQ_API_KEY}"\nmodel = "${MODEL}"\n', {"MODEL": ""})
    llm = found.plugins["llm"]
    assert not llm.api_key
    assert llm.api_key.name == "GROQ_API_KEY"
    assert llm.model == "llama3:8b"
    assert found.warnings == (
        f"{AT}:4: tenant 'acme': plugins.llm.api_key: GROQ_API_KEY is unset: what needs it is off",
        f"{AT}:5: tenant 'acme': plugins.llm.model: MODEL is unset: the default is used",
    )


def test_an_unset_variable_that_must_be_a_number_is_a_problem_where_there_is_no_default(acme):
    text = '[plugins]\nenabled = ["needy"]\n[plugins.needy]\naccount = "${ACCOUNT}"\nsize = "${SIZE}"\n'
    assert problems(acme, text) == [
        f"{AT}:5: tenant 'acme': plugins.needy.size: SIZE is unset, and there is no default; set it, or write \"${{SIZE:-value}}\""
    ]
    found = acme(text, {"SIZE": "3"})
    assert found.plugins["needy"] == NeedyConfig("", 3)
    assert found.warnings == (f"{AT}:4: tenant 'acme': plugins.needy.account: ACCOUNT is unset: it is empty",)


def test_a_variable_with_a_wrong_value_is_named_and_its_value_is_not(acme):
    assert problems(acme, 'plugins = []\nport = "${PORT}"\n', env={"PORT": "s3cr3t-value"}) == [
        f"{AT}:2: tenant 'acme': port: given what ${{PORT}} is set to; allowed: an integer"
    ]


@pytest.mark.row("T54")
def test_a_secret_is_in_no_message_and_no_representation(acme):
    text = LLM + 'api_key = "${KEY}"\nprovider = "x${KEY}"\nmodell = "${KEY}"\n'
    with pytest.raises(ConfigError) as caught:
        acme(text, {"KEY": "sk-very-secret"})
    assert "sk-very-secret" not in str(caught.value)
    found = acme(LLM + 'api_key = "${KEY}"\n', {"KEY": "sk-very-secret"})
    assert "sk-very-secret" not in repr(found)
    assert str(found.plugins["llm"].api_key) == "Secret(KEY)"
    assert found.plugins["llm"].api_key.value == "sk-very-secret"


def test_a_secret_in_the_file_works_with_a_warning_that_does_not_repeat_it(acme):
    found = acme(LLM + 'api_key = "sk-abc"\n')
    assert found.plugins["llm"].api_key.value == "sk-abc"
    assert found.warnings == (
        (
            f"{AT}:4: tenant 'acme': plugins.llm.api_key: a secret stands in the file; "
            f'write "${{NAME}}" and set NAME outside of it'
        ),
    )


def test_a_secret_of_a_wrong_type_is_refused_without_repeating_it(acme):
    assert problems(acme, LLM + "api_key = 12345\n") == [
        f"{AT}:4: tenant 'acme': plugins.llm.api_key: given an integer; allowed: a reference like \"${{NAME}}\""
    ]


def test_two_dollars_keep_a_brace(acme):
    assert acme('plugins = []\ntitle = "$${NAME}"\n', {"NAME": "x"}).settings.title == "${NAME}"


def test_references_work_in_lists_and_tables(acme):
    found = acme(
        'plugins = []\nhosts = ["${HOST_A}", "${HOST_B}", "c"]\n[texts.en]\ngreeting = "Hi from ${CITY}"\n',
        {"HOST_A": "a", "CITY": "Pune"},
    )
    assert found.settings.hosts == ("a", "c")
    assert found.settings.text("greeting") == "Hi from Pune"
    assert found.warnings == (f"{AT}:2: tenant 'acme': hosts.1: HOST_B is unset: the default is used",)


# -- overrides and overlay -------------------------------------------------------------------------------------------


def test_an_override_wins_over_the_overlay_and_the_overlay_over_the_file(acme):
    text = '[history]\nstore = "memory"\nturns = 5\n[plugins]\nenabled = ["rag"]\n'
    found = acme(
        text,
        overlay={"history": {"turns": 7, "store": "none"}, "title": "Over"},
        overrides={"history.store": "sql", "plugins.rag.top_k": "9", "plugins.rag.rerank": "on", "debug": "true"},
    )
    assert found.settings.history.store == "sql"
    assert found.settings.history.turns == 7
    assert found.settings.title == "Over"
    assert found.settings.debug is True
    assert (found.plugins["rag"].top_k, found.plugins["rag"].rerank) == (9, True)


def test_lists_can_be_set_with_commas(acme):
    found = acme(
        'plugins = ["rag"]', overrides={"plugins": "webchat, rag", "languages": "en,hi", "plugins.rag.folders": "a,b"}
    )
    assert found.settings.plugins == ("webchat", "rag")
    assert found.settings.languages == ("en", "hi")
    assert found.plugins["rag"].folders == ("a", "b")


def test_problems_of_overrides_and_of_the_overlay_say_where_they_come_from(acme):
    lines = problems(
        acme,
        'plugins = ["rag"]',
        overrides={"history.stor": "sql", "plugins.rag.top_k": "x"},
        overlay={"history": {"store": "sqll"}},
    )
    assert lines == [
        (
            f"{AT} (changed in the admin pages): tenant 'acme': history.store: given 'sqll' (did you mean 'sql'?); "
            f"allowed: 'sql', 'memory', 'none'"
        ),
        f"{AT} (--set): tenant 'acme': history.stor: unknown key (did you mean 'store'?); allowed: store, turns",
        f"{AT} (--set): tenant 'acme': plugins.rag.top_k: given 'x'; allowed: an integer",
    ]


def test_an_overlay_reads_no_environment(acme):
    assert acme("plugins = []", {"PATHS": "x"}, overlay={"title": "${PATHS}"}).settings.title == "${PATHS}"


def test_set_needs_a_key_and_a_value():
    assert parse_overrides(["history.store=sql", "title=a=b"]) == {"history.store": "sql", "title": "a=b"}
    with pytest.raises(ConfigError, match=r"--set history: write --set KEY=VALUE, e.g. --set history.store=sql"):
        parse_overrides(["history"])


# -- what types can't say ----------------------------------------------------------------------------------------------


def test_values_that_fit_the_type_and_not_the_purpose_are_refused(acme):
    text = """plugins = []
port = 70000
[routes]
"/api/ask" = "POST /ask"
[wire."POST /api/aks".request]
text = "message"
[auth]
open_routes = ["ingest"]
secret = "${SHORT}"
access_seconds = 0
[cors]
allow_origins = ["shop.example"]
[turns]
limit = -1.0
"""
    assert problems(acme, text, env={"SHORT": "a short one"}) == [
        f"{AT}:2: tenant 'acme': port: given 70000; allowed: 0 to 65535",
        (
            f"{AT}:4: tenant 'acme': routes.\"/api/ask\": given '/api/ask'; allowed: a method and a path, "
            f'e.g. "POST /api/ask" = "POST /ask"'
        ),
        f"{AT}:5: tenant 'acme': wire.\"POST /api/aks\": unknown key (did you mean '/api/ask'?); allowed: /api/ask",
        (
            f"{AT}:8: tenant 'acme': auth.open_routes: given 'ingest'; allowed: a method and a path, "
            f'e.g. "POST /api/ingest"'
        ),
        (f"{AT}:9: tenant 'acme': auth.secret: has 11 bytes; at least 32 are needed, as `openssl rand -hex 32` gives"),
        f"{AT}:10: tenant 'acme': auth.access_seconds: given 0; allowed: 1 or more",
        (
            f"{AT}:12: tenant 'acme': cors.allow_origins: given 'shop.example'; allowed: \"*\", or scheme and host "
            f'without a path, e.g. "https://shop.example"'
        ),
        f"{AT}:14: tenant 'acme': turns.limit: given -1; allowed: 0 or more",
    ]


@pytest.mark.row("T64")
def test_cors_for_every_page_is_warned_about_unless_debug_is_on(acme):
    text = 'plugins = []\n{debug}\n[cors]\nallow_origins = ["*"]\n'
    assert acme(text.format(debug="")).warnings == (
        f"{AT}:4: tenant 'acme': cors.allow_origins: \"*\" lets every web page call this tenant; name the origins",
    )
    assert acme(text.format(debug="debug = true")).warnings == ()


# -- finding tenants -----------------------------------------------------------------------------------------------------


def test_tenants_are_the_folders_with_a_tenant_toml(tmp_path):
    for name in ("zeta", "acme"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tenant.toml").write_text("plugins = []")
    (tmp_path / "notes").mkdir()
    assert list(find_tenants(tmp_path)) == ["acme", "zeta"]
    assert find_tenant(tmp_path, "acme") == tmp_path / "acme"
    assert find_tenants(tmp_path / "nowhere") == {}


def test_a_tenant_that_is_not_there_is_named_with_the_nearest_and_the_place(tmp_path):
    (tmp_path / "telecom").mkdir()
    (tmp_path / "telecom" / "tenant.toml").write_text("plugins = []")
    with pytest.raises(UnknownTenant) as caught:
        find_tenant(tmp_path, "telcom")
    assert str(caught.value) == (
        f"no tenant 'telcom'; did you mean 'telecom'? Looked for {tmp_path}/telcom/tenant.toml (known there: telecom); "
        f"another folder is named by --tenants DIR or HOOKLINE_TENANTS"
    )


def test_a_name_that_can_not_be_a_tenants_is_refused(tmp_path):
    (tmp_path / "Acme Inc").mkdir()
    with pytest.raises(ConfigError, match="'Acme Inc' can't be a tenant's name; allowed: lower case letters"):
        load_tenant(tmp_path / "Acme Inc", CATALOGUE, {})


def test_what_no_parser_takes_is_an_error_of_the_file(acme):
    for text in (f"plugins = []\nport = {'9' * 5000}\n", f"plugins = {'[' * 3000}{']' * 3000}\n"):
        with pytest.raises(ConfigError, match=f"^{AT}: can't be read: ") as caught:
            acme(text)
        assert caught.value.files is not None, "a change of it is looked for"


@pytest.mark.parametrize("asks", ["check", "files", "phrases"])
def test_a_plugin_that_fails_at_its_files_is_named_and_puts_its_tenant_alone_out_of_service(tmp_path, asks):
    def ask(config, folder):
        raise KeyError("steps")

    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "tenant.toml").write_text('plugins = ["flows"]')
    with pytest.raises(ConfigError) as caught:
        load_tenant(tmp_path / "acme", Catalogue.of([Plugin("flows", object, **{asks: ask})]), {})
    assert "tenant 'acme': plugin 'flows' failed when it looked at its files: KeyError: 'steps'" in str(caught.value)
