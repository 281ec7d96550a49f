"""Built models on disk: one folder each, with a manifest that says what belongs in it.

The cache is the machine's, not a server's: `$HOOKLINE_CACHE`, else the platform's folder for caches.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
import msgspec

from hookline.errors import HooklineError

from .recipe import Recipe

MANIFEST = "manifest.json"
GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"


class ModelMissing(HooklineError):
    """The model is not in the cache; run `hookline model fetch`."""


class ModelDamaged(HooklineError):
    """The model's folder does not hold what its manifest says; run `hookline model fetch --force`."""


@attrs.frozen
class Manifest:
    """What a model's folder holds: the model's facts, and the sha256 of each file by name."""

    id: str
    package: str
    version: str
    dimension: int
    max_tokens: int
    languages: tuple[str, ...]
    files: Mapping[str, str]


def cache_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Where models are cached for this user; the folder need not exist."""
    if chosen := environment.get("HOOKLINE_CACHE"):
        return Path(chosen).expanduser()
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "hookline"
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "hookline" / "Cache"
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hookline"


def model_folder(cache: Path, recipe: Recipe) -> Path:
    """The folder of one built model below the cache."""
    return cache / "models" / recipe.id


def read_model(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    """The manifest and its files' contents, every byte checked; raises `ModelMissing` or `ModelDamaged`."""
    try:
        encoded = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        raise ModelMissing(f"no model at {folder}: run `hookline model fetch`") from None
    try:
        manifest = msgspec.json.decode(encoded, type=Manifest)
    except msgspec.DecodeError as error:
        raise _damaged(folder / MANIFEST, f"is not a manifest ({error})") from error
    contents: dict[str, bytes] = {}
    for name in (GRAPH, TOKENIZER):
        try:
            contents[name] = (folder / name).read_bytes()
        except OSError as error:
            raise _damaged(folder / name, f"can't be read ({error.strerror})") from error
        if sha256(contents[name]) != manifest.files.get(name):
            raise _damaged(folder / name, "does not have the checksum in its manifest")
    return manifest, contents


def sha256(content: bytes) -> str:
    """The content's SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _damaged(path: Path, what: str) -> ModelDamaged:
    return ModelDamaged(f"{path} {what}: run `hookline model fetch --force`")
