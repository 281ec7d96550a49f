"""Runs a built model on onnxruntime, on the threads of the process.

A `Model` may be used by any number of threads at once, each run on one core.  `LoadedModels` is the process's: the
same content is loaded once, whoever asks for it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs
import numpy as np

from hookline.errors import HooklineError

from .cache import GRAPH, TOKENIZER, Manifest, ModelDamaged, read_model
from .embedder import Description, Health, Vectors, cleaned
from .words import pieces, words

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from hookline.compute import Compute

M = TypeVar("M")

BATCH_TEXTS = 64
BATCH_TOKENS = 512  # padded tokens in one run; more fall out of the processor's cache: 4096 are a quarter slower
COUNTED = 256  # texts that are counted in one go
LONG_TEXT = 100_000  # characters, from which on a text is counted in pieces: the tokenizer keeps much of each
CHARACTERS_PER_TOKEN = 64  # of a text, no more than this times `max_tokens` is looked at
FEW_PIECES = 2  # a word of the model's languages is rarely in more pieces


class Model:
    """A tokenizer and a session; the methods block and belong on a thread."""

    def __init__(self, manifest: Manifest, graph: bytes, tokenizer: bytes) -> None:
        # Imported here: the two take a quarter of a second, which a server without this kind need not wait.
        import onnxruntime
        from tokenizers import Tokenizer

        # Texts are tokenized on the calling thread: a pool of the library's own would fight for the same cores, and
        # complain when the process forks.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self.manifest = manifest
        self._tokenizer: Tokenizer = Tokenizer.from_str(tokenizer.decode("utf-8"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()  # it is done here, so that `count` sees all of a text
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # no two batches have the same shape
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """The token ids of each text, at most `max_tokens`, with the marks of start and end."""
        most = self.manifest.max_tokens
        limit = most * CHARACTERS_PER_TOKEN
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch_fast([cleaned(t[:limit]) for t in texts])]
        return [ids if len(ids) <= most else [*ids[: most - 1], ids[-1]] for ids in rows]

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is, all of it, without the marks of start and end."""
        counts = []
        for start in range(0, len(texts), COUNTED):
            parts = [list(pieces(cleaned(text), LONG_TEXT)) for text in texts[start : start + COUNTED]]
            flat = [part for some in parts for part in some]
            lengths = iter([len(e.ids) for e in self._tokenizer.encode_batch_fast(flat, add_special_tokens=False)])
            counts += [sum(next(lengths) for _ in some) for some in parts]
        return counts

    def run(self, rows: Sequence[Sequence[int]]) -> Vectors:
        """The vectors of texts given as token ids, in one run of the graph; best of about equal lengths."""
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1
        (vectors,) = self._session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": mask})
        return np.asarray(vectors, np.float32)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of the texts, all in this thread."""
        rows = self.tokenize(texts)
        vectors = np.empty((len(rows), self.manifest.dimension), np.float32)
        for batch in batches([len(row) for row in rows]):
            vectors[batch] = self.run([rows[i] for i in batch])
        return vectors

    def coverage(self, text: str) -> float:
        """The share of the text's words that the tokenizer knows whole or in few pieces; 1.0 without words.

        Low where the model can't read the language: unknown words have one vector for all, and words in many
        pieces mean nothing to it.
        """
        found = words(text)
        if not found:
            return 1.0
        unknown = self._tokenizer.token_to_id("[UNK]")
        encodings = self._tokenizer.encode_batch_fast([cleaned(word) for word in found], add_special_tokens=False)
        readable = sum(0 < len(e.ids) <= FEW_PIECES and unknown not in e.ids for e in encodings)
        return readable / len(found)


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices of texts of these lengths (tokens), so grouped that little is padding and no run is too large."""
    groups: list[list[int]] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if not groups or len(groups[-1]) == BATCH_TEXTS or (len(groups[-1]) + 1) * longest > BATCH_TOKENS:
            groups.append([])
            longest = lengths[index]  # they come longest first
        groups[-1].append(index)
    return groups


@attrs.define
class _Loaded:
    model: object
    users: int


class LoadedModels:
    """The models of this process, by the checksum of their graphs; each is loaded once and shared by its users."""

    def __init__(self) -> None:
        self._loaded: dict[str, _Loaded] = {}
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def acquire(self, folder: Path) -> Model:
        """The folder's model; blocks.  Raises `ModelMissing` or `ModelDamaged`.  Give it back with `release`."""
        manifest, contents = read_model(folder)

        def make() -> Model:
            try:
                return Model(manifest, contents[GRAPH], contents[TOKENIZER])
            except HooklineError:
                raise
            except Exception as error:  # neither library has an error class of its own for a bad file
                raise ModelDamaged(
                    f"the model at {folder} can't be loaded ({error}): run `hookline model fetch --force`"
                ) from error

        return self.share(manifest.files[GRAPH], make)

    def share(self, key: str, make: Callable[[], M]) -> M:
        """The model of that content, made by the first who asks; the others wait.  Give it back with `release`."""
        with self._lock:
            loaded = self._loaded.get(key)
            if loaded is None:
                loaded = self._loaded[key] = _Loaded(make(), 0)
            loaded.users += 1
            return cast("M", loaded.model)

    def release(self, model: object) -> None:
        """Say that one user less needs the model; after the last it is let go."""
        with self._lock:
            key = next(key for key, loaded in self._loaded.items() if loaded.model is model)
            self._loaded[key].users -= 1
            if self._loaded[key].users == 0:
                del self._loaded[key]

    def tell_once(self, text: str) -> bool:
        """Whether this is the first time in this process that the text is to be told."""
        with self._lock:
            first = text not in self._told
            self._told.add(text)
            return first

    def __len__(self) -> int:
        return len(self._loaded)


class OnnxEmbedder:
    """Vectors from a model of this process; questions on the interactive threads, passages on the batch ones."""

    def __init__(self, models: LoadedModels, model: Model, compute: Compute) -> None:
        self._models = models
        self._model = model
        self._compute = compute

    async def embed(self, texts: Sequence[str], query: bool) -> Vectors:
        """Passages go run by run, so that other tenants' get their turn and a cancelled call ends soon."""
        if query:
            return await self._compute.run(self._model.embed, texts)
        rows = await self._compute.batch(self._model.tokenize, texts)
        vectors = np.empty((len(rows), self._model.manifest.dimension), np.float32)
        waiting = iter(batches([len(row) for row in rows]))

        async def work() -> None:
            for batch in waiting:
                vectors[batch] = await self._compute.batch(self._model.run, [rows[i] for i in batch])

        await asyncio.gather(*(work() for _ in range(max(1, (os.cpu_count() or 1) // 2))))
        return vectors

    async def count(self, texts: Sequence[str]) -> list[int]:
        """By the model's own tokenizer."""
        return await self._compute.batch(self._model.count, texts)

    async def describe(self) -> Description:
        """From the model's manifest."""
        manifest = self._model.manifest
        return Description(manifest.id, manifest.dimension, manifest.max_tokens, manifest.languages)

    async def health(self) -> Health:
        """Always ok: what is loaded runs."""
        return Health("ok", self._model.manifest.id)

    async def close(self) -> None:
        """Give the model back."""
        self._models.release(self._model)
