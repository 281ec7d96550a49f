"""Models of sentence-transformers, on torch in this process; an extra, because torch is large.

Nothing is downloaded: a model is a folder, or a name in the user's Hugging Face cache.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .cache import ModelDamaged, ModelMissing
from .embedder import Description, Health, Vectors, cleaned, unit

if TYPE_CHECKING:
    from hookline.compute import Compute

    from .config import TransformersConfig
    from .onnx_engine import LoadedModels

COUNTED = 256  # texts that are counted in one go
_CONTENT = (".safetensors", ".bin", ".json", ".txt", ".model")  # the files that decide what the vectors are


class TransformersModel:
    """A loaded model; the methods block, and may be called from any thread."""

    def __init__(self, name: str, folder: Path, digest: str) -> None:
        # The library warns of texts that are longer than the model reads; here that is every day.
        logging.getLogger("transformers.tokenization_utils_base").setLevel(logging.ERROR)
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        torch.set_num_threads(1)  # the lanes have the threads
        self._model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        self._model.eval()
        self.max_tokens = int(self._model.max_seq_length or 0)
        self.dimension = int(self._model.get_embedding_dimension())
        self.id = f"sentence-transformers-{name}-{digest[:12]}-{self.dimension}"

    def embed(self, texts: Sequence[str], query: bool, batch: int) -> Vectors:
        """The vectors of the texts, with the model's own prompts for questions and passages."""
        encode = self._model.encode_query if query else self._model.encode_document
        found = encode(
            [cleaned(text) for text in texts], batch_size=batch, convert_to_numpy=True, show_progress_bar=False
        )
        return unit(np.asarray(found, np.float32).reshape(len(texts), self.dimension))

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is, all of it, without the marks of start and end."""
        counts: list[int] = []
        for start in range(0, len(texts), COUNTED):
            some = [cleaned(text) for text in texts[start : start + COUNTED]]
            rows = self._model.tokenizer(some, add_special_tokens=False, truncation=False, verbose=False)["input_ids"]
            counts += [len(row) for row in rows]
        return counts


def load(model: str, models: LoadedModels) -> TransformersModel:
    """The model, loaded once a process by its content; blocks.  Raises `ModelMissing` or `ModelDamaged`."""
    folder = find(model)
    digest = _digest(folder)
    name = folder.name if Path(model).is_dir() else model.replace("/", "-")

    def make() -> TransformersModel:
        try:
            return TransformersModel(name, folder, digest)
        except ModuleNotFoundError:
            raise
        except Exception as error:  # the libraries raise what they like for a bad file
            raise ModelDamaged(f"the model at {folder} can't be loaded ({error})") from error

    return models.share(f"sentence-transformers:{name}:{digest}", make)


def find(model: str) -> Path:
    """The model's folder on this machine."""
    path = Path(model).expanduser()
    if path.is_dir():
        if not (path / "config.json").is_file() and not (path / "modules.json").is_file():
            raise ModelMissing(f"the folder {path} holds no model of sentence-transformers (no modules.json)")
        return path
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    name = model if "/" in model else f"sentence-transformers/{model}"
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise ModelMissing(
            f"there is no folder {model!r}, and no model of that name in the Hugging Face cache of this machine: "
            f"get it with `hf download {name}`, or name a folder"
        ) from error


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _CONTENT and "onnx" not in path.parts and "openvino" not in path.parts:
            total.update(str(path.relative_to(folder)).encode())
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


class TransformersEmbedder:
    """Vectors from a model of this process; questions on the interactive threads, passages on the batch ones."""

    def __init__(
        self, models: LoadedModels, model: TransformersModel, compute: Compute, config: TransformersConfig
    ) -> None:
        self._models = models
        self._model = model
        self._compute = compute
        self._config = config

    async def embed(self, texts: Sequence[str], query: bool) -> Vectors:
        """Batch by batch, so that other tenants' get their turn and a cancelled call ends soon."""
        lane = self._compute.run if query else self._compute.batch
        vectors = np.empty((len(texts), self._model.dimension), np.float32)
        # Texts of like length together: a batch takes as long as its longest text.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        size = self._config.batch
        for start in range(0, len(order), size):
            part = order[start : start + size]
            vectors[part] = await lane(self._model.embed, [texts[at] for at in part], query, size)
        return vectors

    async def count(self, texts: Sequence[str]) -> list[int]:
        """By the model's own tokenizer."""
        return await self._compute.batch(self._model.count, texts)

    async def describe(self) -> Description:
        """The id holds the checksum of the model's files."""
        model = self._model
        return Description(model.id, model.dimension, model.max_tokens, self._config.languages)

    async def health(self) -> Health:
        """Always ok: what is loaded runs."""
        return Health("ok", self._model.id)

    async def close(self) -> None:
        """Give the model back."""
        self._models.release(self._model)
