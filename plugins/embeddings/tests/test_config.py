"""What `[plugins.embeddings]` may say."""

from __future__ import annotations

import tomllib

import msgspec
import pytest

from hookline_embeddings.config import Config, HashingConfig, OllamaConfig, OnnxConfig


def decode(text):
    return msgspec.convert(tomllib.loads(text), Config)


def test_each_kind_is_decoded_into_its_class():
    config = decode("""
        [models.minilm]
        kind = "onnx"
        model = "all-MiniLM-L6-v2"
        [models.words]
        kind = "hashing"
        dimension = 512
        [models.many]
        kind = "ollama"
        model = "bge-m3"
        languages = ["en", "hi"]
    """)

    assert config.named == {
        "minilm": OnnxConfig(model="all-MiniLM-L6-v2"),
        "words": HashingConfig(dimension=512),
        "many": OllamaConfig(model="bge-m3", languages=("en", "hi")),
    }


def test_without_models_there_is_one_named_default():
    assert decode("").named == {"default": OnnxConfig(model="all-MiniLM-L6-v2")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[models.x]\nkind = "word2vec"', "Invalid value 'word2vec' - at `$.models[...].kind`"),
        ('[models.x]\nkind = "onnx"\nmodel = "e5"', "unknown model 'e5'; allowed: all-MiniLM-L6-v2"),
        ('[models.x]\nkind = "hashing"\nsize = 3', "Object contains unknown field `size`"),
        ('[models.x]\nkind = "hashing"\ndimension = 3', "Expected `int` >= 64"),
        ('[models.x]\nkind = "ollama"', "Object missing required field `model`"),
        ('[models.x]\nmodel = "e5"', "Object missing required field `kind`"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(text, said):
    with pytest.raises(msgspec.ValidationError) as refused:
        decode(text)

    assert said in str(refused.value)
