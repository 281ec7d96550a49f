"""`.env` files, and the variables of the reference systems: each is taken, a tenant's own wins, secrets are masked."""

from __future__ import annotations

import attrs
import pytest

from hookline.catalogue import Catalogue
from hookline.config import load_tenant
from hookline.dotenv import load_project, read_dotenv
from hookline.errors import ConfigError
from hookline.plugin import Plugin
from hookline.settings import Secret

# What the reference documents name, and the checklist rows that list them.
NAMES = {
    "telecom": ["GROQ_API_KEY", "DATABASE_URL", "FLASK_DEBUG", "PORT"],
    "property_loans": [
        "DJANGO_SECRET_KEY", "DJANGO_DEBUG", "OPENAI_API_KEY", "WHATSAPP_API_KEY", "WHATSAPP_PHONE_NUMBER_ID",
        "WHATSAPP_BUSINESS_ACCOUNT_ID", "WHATSAPP_VERIFY_TOKEN",
    ],
    "automotive": [
        "LLM_PROVIDER", "OPENAI_API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "BEDROCK_LLM_MODEL_ID",
        "PINECONE_API_KEY", "PINECONE_INDEX_NAME", "CRM_WEBHOOK_URL", "CRM_PROVIDER", "RM_NAME", "RM_PHONE", "RM_EMAIL",
        "WEBSITE_URL", "TOLL_FREE_NUMBER", "ESCALATION_CONTACTS", "SERVICE_MILESTONES", "FOLLOWUP_INTERVALS",
        "DATABASE_URL", "JWT_SECRET", "JWT_ALGORITHM", "JWT_EXPIRE_MINUTES", "WHATSAPP_API_URL", "WHATSAPP_API_TOKEN",
        "WHATSAPP_PHONE_NUMBER_ID", "EMAIL_PROVIDER", "SENDGRID_API_KEY", "AWS_SES_REGION", "EMAIL_FROM",
        "RATE_LIMIT_REQUESTS", "RATE_LIMIT_WINDOW_SECONDS", "ENABLE_MULTI_TENANT", "DEFAULT_TENANT_ID",
    ],
    "tokosel": [
        "GOOGLE_API_KEY", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_NUMBER", "PUBLIC_URL",
        "BANK_WEBSITE_URL",
    ],
    "financial": [
        "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_WHATSAPP_NUMBER", "TWILIO_VOICE_NUMBER",
        "TWILIO_WORKSPACE_SID", "TWILIO_WORKFLOW_SID", "TWILIO_CONVERSATION_SERVICE_SID",
    ],
}  # fmt: skip
NO_SECRET = Secret("")
EACH = [(tenant, name) for tenant, names in NAMES.items() for name in names]


@attrs.frozen
class Config:
    """A secret, a text and a number, each from the environment."""

    secret: Secret = NO_SECRET
    text: str = ""
    number: int = 0


CATALOGUE = Catalogue.of([Plugin("probe", hooks=lambda tenant: object(), config=Config)])


@pytest.fixture
def tenant(tmp_path):
    def make(name, config):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "tenant.toml").write_text(f'[plugins]\nenabled = ["probe"]\n[plugins.probe]\n{config}\n')
        return folder

    return make


@pytest.mark.row("X28")
@pytest.mark.parametrize(("name", "variable"), EACH)
def test_each_variable_of_the_reference_systems_is_taken_and_the_tenants_own_wins(tenant, name, variable):
    folder = tenant(name, f'secret = "${{{variable}}}"\ntext = "<${{{variable}:-default}}>"')
    own = f"HOOKLINE_{name.upper()}_{variable}"

    def loaded(env):
        config = load_tenant(folder, CATALOGUE, env)
        return config.plugins["probe"], config.warnings

    assert loaded({variable: "plain"})[0] == Config(Secret("plain", variable), "<plain>")
    assert loaded({variable: "plain", own: "own"})[0] == Config(Secret("own", variable), "<own>")
    assert loaded({own: "own"})[0].secret.value == "own"
    other = loaded({variable: "plain", f"HOOKLINE_OTHER_{variable}": "theirs"})[0]
    assert other.secret.value == "plain", "another tenant's is not mine"
    unset, warnings = loaded({})
    assert (unset.secret.value, unset.text) == ("", "<default>")
    assert any(variable in warning for warning in warnings), "what is off says which variable it lacks"


@pytest.mark.row("X28")
@pytest.mark.parametrize(("name", "variable"), EACH)
def test_no_message_shows_a_variables_value(tenant, name, variable):
    folder = tenant(name, f'secret = "${{{variable}}}"\nnumber = "${{{variable}}}"')
    for env in ({variable: "hush-hush-7"}, {f"HOOKLINE_{name.upper()}_{variable}": "hush-hush-7"}):
        with pytest.raises(ConfigError) as refused:
            load_tenant(folder, CATALOGUE, env)
        assert variable in str(refused.value)
        assert "hush-hush-7" not in str(refused.value)
    probe = load_tenant(tenant(name, f'secret = "${{{variable}}}"'), CATALOGUE, {variable: "hush-hush-7"})
    assert "hush-hush-7" not in repr(probe)


def test_the_environment_wins_over_the_tenants_file_which_wins_over_the_default(tenant):
    folder = tenant("acme", 'text = "${A:-a} ${B:-b} ${C:-c}"')
    (folder / ".env").write_text("A=file\nB=file\nHOOKLINE_ACME_B=own\nexport D=4\n")
    assert load_tenant(folder, CATALOGUE, {"A": "environment"}).plugins["probe"].text == "environment own c"
    assert load_tenant(folder, CATALOGUE, {"A": ""}).plugins["probe"].text == "a own c", "empty means unset"


def test_the_file_of_the_project_is_added_where_the_environment_lacks_it(tmp_path):
    (tmp_path / ".env").write_text("HOOKLINE_PORT=5050\nGROQ_API_KEY=from-file\n")
    environment = {"GROQ_API_KEY": "from-environment"}
    load_project(environment, tmp_path)
    assert environment == {"GROQ_API_KEY": "from-environment", "HOOKLINE_PORT": "5050"}
    before = dict(environment)
    load_project(environment, tmp_path / "elsewhere")
    assert environment == before


def test_texts_are_taken_as_they_are(tmp_path):
    (tmp_path / ".env").write_text(
        "\ufeff# a comment\nA=pa$$word${HOME}\nB='single $X'  # why\nC=\"two\\nlines\"\nexport D = d\nE=\nF\n"
        'G={"role": "RM", "phone": "+91 1"}\nH=हिन्दी\n',
        encoding="utf-8",
    )
    assert read_dotenv(tmp_path / ".env") == {
        "A": "pa$$word${HOME}",
        "B": "single $X",
        "C": "two\nlines",
        "D": "d",
        "E": "",
        "G": '{"role": "RM", "phone": "+91 1"}',
        "H": "हिन्दी",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"A=1\nthis is nothing = at all '\n", ":2: not understood; write NAME=value"),
        (b"A=\xff\xfe\n", ": can't be read: 'utf-8' codec can't decode"),
        (b"A=a\x00b\n", ": the value of 'A' has a null character; remove it"),
    ],
)
def test_a_file_that_can_not_be_read_says_where(tmp_path, content, said):
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        read_dotenv(file)
    assert str(refused.value).startswith(f"{file}{said}")


def test_a_folder_of_that_name_is_no_file(tmp_path):
    (tmp_path / ".env").mkdir()
    assert read_dotenv(tmp_path / ".env") == {}
