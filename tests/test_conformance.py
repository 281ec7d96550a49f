"""What goes out fits the providers' published descriptions; needs them in HOOKLINE_SPECS, as the repository does not hold them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "conformance" / "run.py"


def conformance(*arguments):
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], check=False, capture_output=True, text=True, timeout=600
    )


@pytest.mark.slow
@pytest.mark.service("specs")
def test_nothing_that_we_send_is_refused():
    done = conformance(os.environ["HOOKLINE_SPECS"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(" requests, 0 refused")


def test_a_folder_without_descriptions_is_said(tmp_path):
    assert conformance().returncode == 2
    done = conformance(str(tmp_path))
    assert (done.returncode, done.stdout.partition(";")[0]) == (2, f"conformance: no description in {tmp_path}")
