"""A Whisper of random weights in CTranslate2's format: it understands nothing, and runs the whole of the real path."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

LANGUAGES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te "
    "fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps "
    "tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su"
).split()
_WIDTH, _HEADS, _MELS, _SEEN, _SAID = 32, 2, 80, 1500, 448


def make(folder: Any) -> Any:
    """Write the model into the folder, and return it."""
    from ctranslate2.specs import WhisperSpec
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{tag}|>" for tag in LANGUAGES)]
    marks += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    marks += [f"<|{n * 0.02:.2f}|>" for n in range(1501)]
    tokenizer.add_special_tokens([AddedToken(mark, special=True) for mark in marks])
    ident = tokenizer.token_to_id
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))

    spec = WhisperSpec(1, _HEADS, 1, _HEADS)
    random = np.random.default_rng(1)
    _fill(spec, random, tokenizer.get_vocab_size())
    spec.register_vocabulary([tokenizer.id_to_token(n) for n in range(tokenizer.get_vocab_size())])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [ident("<|endoftext|>")]
    spec.config.lang_ids = [ident(f"<|{tag}|>") for tag in LANGUAGES]
    spec.config.alignment_heads = [[0, 0]]
    spec.validate()
    spec.save(str(folder))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": _MELS}))
    return folder


def _fill(spec: Any, random: Any, words: int) -> None:
    """Random weights, each of the shape that its layer has."""

    def weights(*shape: int) -> Any:
        return (random.standard_normal(shape) * 0.05).astype(np.float32)

    def linear(layer: Any, out: int, into: int) -> None:
        layer.weight, layer.bias = weights(out, into), weights(out)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(_WIDTH, dtype=np.float32), np.zeros(_WIDTH, dtype=np.float32)

    def attention(layer: Any, *sizes: int) -> None:
        norm(layer.layer_norm)
        for part, size in zip(layer.linear, sizes, strict=True):
            linear(part, size, _WIDTH)

    def feed_forward(layer: Any) -> None:
        norm(layer.layer_norm)
        linear(layer.linear_0, _WIDTH, _WIDTH)
        linear(layer.linear_1, _WIDTH, _WIDTH)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = weights(_WIDTH, _MELS, 3), weights(_WIDTH)
    encoder.conv2.weight, encoder.conv2.bias = weights(_WIDTH, _WIDTH, 3), weights(_WIDTH)
    encoder.position_encodings.encodings = weights(_SEEN, _WIDTH)
    norm(encoder.layer_norm)
    for layer in encoder.layer:
        attention(layer.self_attention, 3 * _WIDTH, _WIDTH)
        feed_forward(layer.ffn)
    decoder.embeddings.weight = weights(words, _WIDTH)
    decoder.position_encodings.encodings = weights(_SAID, _WIDTH)
    decoder.projection.weight = weights(words, _WIDTH)
    norm(decoder.layer_norm)
    for layer in decoder.layer:
        attention(layer.self_attention, 3 * _WIDTH, _WIDTH)
        attention(layer.attention, _WIDTH, 2 * _WIDTH, _WIDTH)
        feed_forward(layer.ffn)
