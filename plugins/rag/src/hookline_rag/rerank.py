"""A second opinion on the order of the passages found.

"evidence" orders them by how sure the plugin is that each answers: which of the question's words a passage holds, in
its heading and in the sentences to quote, and how near it is.  A folder names a cross-encoder, a model that reads
question and passage together: `model.onnx` with `tokenizer.json`, as sentence-transformers and Optimum write them.
It is slower (some ten milliseconds a passage) and knows more; it needs the extra `hookline-rag[rerank]`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hookline.errors import ConfigError

if TYPE_CHECKING:
    from .index import Floats

EVIDENCE = "evidence"
_BATCH = 8
_LONGEST = 512  # tokens of question and passage together, unless the model's own config says less


class CrossEncoder:
    """A cross-encoder on onnxruntime; its calls are CPU work: run them in a thread.

    Raises `ConfigError` where the folder holds no model that can be used.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import onnxruntime
            import tokenizers
        except ImportError as error:
            raise ConfigError(
                f"plugins.rag.rerank = {str(folder)!r} needs onnxruntime and tokenizers; "
                f"install hookline-rag[rerank], or leave rerank empty"
            ) from error
        folder = folder.expanduser()
        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        for path in (model, tokenizer):
            if not path.is_file():
                raise ConfigError(
                    f"plugins.rag.rerank = {str(folder)!r}: there is no {path.name} in that folder; "
                    f"give a folder with model.onnx and tokenizer.json, {EVIDENCE!r}, or leave it empty"
                )
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # What onnxruntime and tokenizers raise has no common class.
            raise ConfigError(
                f"plugins.rag.rerank = {str(folder)!r}: the model can't be read ({type(error).__name__}: {error})"
            ) from error
        self._inputs = [one.name for one in self._session.get_inputs()]
        self._tokenizer.enable_truncation(_longest(folder), strategy="only_second")
        self._tokenizer.enable_padding()

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """How well each text answers, 0..1."""
        found: list[Any] = []
        for at in range(0, len(texts), _BATCH):
            encoded = self._tokenizer.encode_batch([(question, text) for text in texts[at : at + _BATCH]])
            given = {
                "input_ids": [one.ids for one in encoded],
                "attention_mask": [one.attention_mask for one in encoded],
                "token_type_ids": [one.type_ids for one in encoded],
            }
            feed = {name: np.asarray(given[name], np.int64) for name in self._inputs if name in given}
            logits = np.asarray(self._session.run(None, feed)[0], np.float32).reshape(len(encoded), -1)
            # One label is a score; of two the second is "relevant".
            raw = logits[:, 0] if logits.shape[1] == 1 else logits[:, -1] - logits[:, 0]
            found.append(1.0 / (1.0 + np.exp(-np.clip(raw, -30.0, 30.0))))
        return np.concatenate(found).astype(np.float32) if found else np.zeros(0, np.float32)


def _longest(folder: Path) -> int:
    try:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return min(_LONGEST, int(told.get("max_position_embeddings") or _LONGEST))
    except (OSError, ValueError, TypeError, AttributeError):
        return _LONGEST
