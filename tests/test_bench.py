"""The benchmarks run: each figure is printed beside its limit.  What it says is for `make bench`, never for a test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RUN = Path(__file__).parents[1] / "bench" / "run.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    "figure",
    [
        "accept",
        "turns",
        "answer",
        "growth",
        "tenants",
        "ingest",
        "first",
        "cold",
        "profile",
        "languages",
        "flows",
        "whatsapp",
    ],
)
def test_the_benchmark_prints_the_figure_beside_its_limit(figure):
    command = [sys.executable, str(RUN), figure, "--seconds", "0.3", "--rounds", "1", "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["name"] for row in rows} == {figure}
    assert all(row["ours"] for row in rows)
    assert any(row["limit"] and row["ratio"] for row in rows)


def test_an_unknown_figure_is_named_with_those_there_are():
    done = subprocess.run([sys.executable, str(RUN), "speed"], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert (
        "unknown: speed; figures are accept, turns, answer, growth, tenants, ingest, first, cold, profile, languages, flows, whatsapp"
        in done.stderr
    )
