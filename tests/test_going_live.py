"""What the tenants' READMEs say of going live on WhatsApp: the variables, addresses and words in it are those that work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VARIABLES = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")


def section(tenant: str) -> str:
    """What its README says under the heading."""
    text = (ROOT / "tenants" / tenant / "README.md").read_text(encoding="utf-8")
    return text.split("## Going live on WhatsApp\n", 1)[1].split("\n## ", 1)[0]


def shown(tenant: str, tmp_path: Path, **variables: str) -> dict[str, str]:
    """`hookline tenant show`, with these variables alone."""
    command = [sys.executable, "-m", "hookline", "tenant", "show", tenant, "--all", "--json", "--data", str(tmp_path)]
    kept = {name: value for name, value in os.environ.items() if not VARIABLES.fullmatch(name)}
    done = subprocess.run(command, cwd=ROOT, env={**kept, **variables}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {one["key"]: one["value"] for one in json.loads(done.stdout)}


@pytest.mark.slow
@pytest.mark.row("L56")
@pytest.mark.row("L67")
def test_the_lender_s_steps_name_what_its_config_reads(tmp_path):
    text = section("property_loans")
    for step in ("Meta", "Business Manager", "Templates", "Credentials", "webhook"):
        assert re.search(rf"^\d\. \*\*[^*]*{step}", text, re.MULTILINE), step
    named = sorted(set(VARIABLES.findall(text)))
    assert len(named) == 6
    given = {name: f"value-of-{name.lower()}" for name in named} | {"USE_WHATSAPP_SIMULATOR": "False"}
    told = shown("property_loans", tmp_path, **given)
    assert told["plugins.whatsapp.simulator"] == "false"
    assert told["plugins.whatsapp.meta.account"] == '"value-of-whatsapp_business_account_id"'
    assert told["plugins.whatsapp.numbers.main.id"] == '"value-of-whatsapp_phone_number_id"'
    for key, name in (("access_token", "API_KEY"), ("app_secret", "APP_SECRET"), ("verify_token", "VERIFY_TOKEN")):
        assert told[f"plugins.whatsapp.meta.{key}"] == f"(set by WHATSAPP_{name})"
    assert told["plugins.whatsapp.window.template"] == '"loan_follow_up"'
    assert "`loan_follow_up`" in text
    assert told["port"] == "8000"
    assert "ngrok http 8000" in text
    assert "<public_url>/webhook/" in text
    assert told['routes."POST /webhook/"'] == '"POST /whatsapp/webhook"'


@pytest.mark.slow
@pytest.mark.row("K92")
@pytest.mark.row("K93")
def test_the_bank_s_steps_name_the_sandbox_and_what_its_config_reads(tmp_path):
    text = section("tokosel")
    assert "`join knew-depth`" in text
    assert "`+1 415 523 8886`" in text
    block = re.search(r"```text\n(.+?)```", text, re.DOTALL)
    assert block
    given = dict(line.strip().split("=", 1) for line in block[1].splitlines() if line.strip())
    told = shown("tokosel", tmp_path, **given)
    assert told["public_url"] == f'"{given["PUBLIC_URL"]}"'
    assert told["plugins.whatsapp.provider"] == '"twilio"'
    assert told["plugins.whatsapp.simulator"] == "false"
    assert told["plugins.whatsapp.numbers.main.id"] == '"+14155238886"'
    assert told["plugins.whatsapp.twilio.auth_token"] == "(set by TWILIO_AUTH_TOKEN)"
    assert f"ngrok http {told['port']}" in text
    assert "`<PUBLIC_URL>/whatsapp/webhook`" in text
    assert "POST" in text
