"""Each sample tenant's conversation files walk every step and every way of its flows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
TENANTS = sorted(path.parent.name for path in ROOT.glob("tenants/*/flows") if any(path.glob("*.yaml")))


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_conversations_of_a_tenant_walk_its_flows_whole(tenant: str) -> None:
    command = [sys.executable, "-m", "hookline", "flows", "coverage", tenant, "--tenants", str(ROOT / "tenants")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert " steps, " in done.stdout
