"""`[plugins.llm]`: presets, keys, and what is refused."""

from __future__ import annotations

import pytest

from hookline.catalogue import Catalogue
from hookline.config import load_tenant
from hookline.errors import ConfigError
from hookline_llm import plugin
from hookline_llm.config import PRESETS, Config, Provider


def load(tmp_path, text, env=None):
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "tenant.toml").write_text(f'[plugins]\nenabled = ["llm"]\n{text}', encoding="utf-8")
    return load_tenant(folder, Catalogue.of([plugin]), env=env or {})


def test_by_default_no_model_is_asked(tmp_path):
    assert load(tmp_path, "").plugins["llm"].chain == ()


def test_ollama_needs_no_key_and_runs_llama3_8b_on_this_machine():
    ollama = Config(chain=("ollama",)).complete["ollama"]

    assert (ollama.kind, ollama.host, ollama.model) == ("ollama", "http://127.0.0.1:11434", "llama3:8b")


@pytest.mark.row("T37")
def test_groq_is_known_by_name(tmp_path):
    text = '[plugins.llm]\nchain = ["groq"]\n[plugins.llm.providers.groq]\napi_key = "${GROQ_API_KEY}"\n'

    groq = load(tmp_path, text, {"GROQ_API_KEY": "gsk-1"}).plugins["llm"].complete["groq"]

    assert (groq.kind, groq.base_url, groq.model) == ("openai", "https://api.groq.com/openai/v1", "llama3-8b-8192")
    assert groq.api_key.value == "gsk-1"


@pytest.mark.row("T59")
@pytest.mark.parametrize("table", ["", '[plugins.llm.providers.groq]\napi_key = "${GROQ_API_KEY}"\n'])
def test_groq_without_its_key_is_an_error_that_names_the_variable_and_the_file(tmp_path, table):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f'[plugins.llm]\nchain = ["groq"]\n{table}')

    assert "GROQ_API_KEY" in str(caught.value)
    assert "tenant.toml" in str(caught.value)
    assert "tenant 'acme': plugins.llm" in str(caught.value)


@pytest.mark.row("T59")
def test_with_ollama_no_key_is_needed(tmp_path):
    text = '[plugins.llm]\nchain = ["ollama"]\n'

    assert load(tmp_path, text).plugins["llm"].usable == ("ollama",)


def test_a_fallback_whose_variable_is_unset_is_left_out_with_a_warning(tmp_path):
    text = '[plugins.llm]\nchain = ["ollama", "groq"]\n[plugins.llm.providers.groq]\napi_key = "${GROQ_API_KEY}"\n'

    loaded = load(tmp_path, text)

    assert loaded.plugins["llm"].usable == ("ollama",)
    assert loaded.plugins["llm"].left_out == {"groq": "provider 'groq' needs GROQ_API_KEY, which is unset"}
    assert any("GROQ_API_KEY is unset" in warning for warning in loaded.warnings)


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_names_a_kind_and_an_address(name):
    preset = PRESETS[name]

    address = {"ollama": preset.host, "openai": preset.base_url, "bedrock": f"https://{preset.region}"}[preset.kind]
    assert address.startswith("http")
    assert preset.region or preset.kind != "bedrock"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('chain = ["grok"]', "provider 'grok' is not known (did you mean 'groq'?)"),
        ('chain = ["ollama", "ollama"]', "chain names a provider twice"),
        ('chain = ["vllm"]', "provider 'vllm' has no model; write model under [plugins.llm.providers.vllm]"),
        ('chain = []\n[plugins.llm.providers.mine]\nkind = "openai"\nmodel = "m"', "given base_url ''"),
        ('chain = []\n[plugins.llm.providers.llm]\nkind = "ollama"', "can't be called 'llm'"),
        ('chain = []\n[plugins.llm.providers.ollama]\nkind = "olama"', "did you mean 'ollama'?"),
        ("chain = []\n[plugins.llm.providers.ollama]\nfirst_token = 0", "plugins.llm.providers.ollama.first_token"),
        ('chain = []\n[plugins.llm.providers.ollama]\nmodell = "x"', "unknown key (did you mean 'model'?)"),
    ],
)
def test_what_can_not_work_is_refused_with_its_place_and_remedy(tmp_path, text, told):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"[plugins.llm]\n{text}\n")

    assert told in str(caught.value)


def test_a_server_of_ones_own_needs_a_kind_an_address_and_a_model():
    mine = Provider(kind="openai", base_url="http://10.0.0.7:8000/v1", model="qwen")

    assert Config(chain=("mine",), providers={"mine": mine}).usable == ("mine",)
