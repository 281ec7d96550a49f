"""The pages where people sign in and where accounts, keys and the audit log are looked after."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "marble otter tram seven"
DENIED = r"status of 40[01349]|username fields"  # what a browser says of every refused request


@pytest.fixture
def hire(server):
    """Make an account on the command line: `await hire("asha@example.com", "admin")`."""

    async def make(email, role, *more):
        where = ["--tenant", server.tenant, "--tenants", str(server.tenants), "--data", str(server.data)]
        command = [sys.executable, "-m", "hookline", "user", "create", email, "--role", role, "--password-stdin", *more]
        done = await asyncio.to_thread(
            subprocess.run, [*command, *where], input=PASSWORD, text=True, capture_output=True
        )
        assert done.returncode == 0 or "there is an account" in done.stderr, done.stderr

    return make


@pytest.fixture
def enter(server, visit):
    """Open a page that asks who one is, and sign in there: `person = await enter("/admin/", "asha@example.com")`."""

    async def go(path, email, **options):
        person = await visit(f"{server.url}{path}", forgiven=DENIED, **options)
        page = person.page
        await expect(page).to_have_url(re.compile(r"/login\?next="))
        await page.locator("#email").fill(email)
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#password").press("Enter")
        await expect(page).to_have_url(re.compile(re.escape(path.partition("#")[0])))
        return person

    return go


@pytest.mark.row("L61")
async def test_the_page_asks_who_one_is_and_comes_back(server, visit, hire, axe):
    await hire("asha@example.com", "admin", "--name", "Asha Rao")
    person = await visit(f"{server.url}/admin/", forgiven=DENIED)
    page = person.page
    await expect(page).to_have_url(f"{server.url}/login?next=%2Fadmin%2F")
    assert await person.focus() == "INPUT"
    assert await axe(page) == []
    await page.keyboard.type("asha@example.com")
    await page.keyboard.press("Tab")
    await page.keyboard.type("not the password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    assert await axe(page) == []
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{server.url}/admin/")
    await expect(page.get_by_text("Asha Rao")).to_be_visible()
    assert await page.evaluate("document.cookie") == ""
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(page).to_have_url(re.compile("/login"))
    await page.goto(f"{server.url}/admin")
    await expect(page).to_have_url(re.compile("/login"))


async def test_an_account_is_made_gets_a_password_by_its_link_another_role_and_an_end(server, visit, hire, enter, axe):
    await hire("asha@example.com", "admin", "--name", "Asha Rao")
    page = (await enter("/admin", "asha@example.com")).page
    await page.get_by_role("button", name="New account").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("E-mail address").fill("ravi@example.com")
    await form.get_by_label("Name").fill("Ravi <b>Kumar</b>")
    await form.get_by_role("button", name="Create").click()
    link = page.get_by_role("dialog").get_by_label("Link for a password")
    url = await link.input_value()
    assert url.startswith(f"{server.url}/login?token=")
    assert await axe(page) == []
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    row = page.get_by_role("listitem").filter(has_text="ravi@example.com")
    await expect(row).to_contain_text("Ravi <b>Kumar</b>")
    await expect(row).to_contain_text("No password yet")

    ravi = (await visit(url, forgiven=DENIED, locale="fr-FR")).page
    await ravi.locator("#password").fill("velours comète échelle neuf")
    await ravi.get_by_role("button", name="Enregistrer et se connecter").click()
    await expect(ravi.get_by_role("heading", name="ravi@example.com")).to_be_visible()
    await expect(ravi.get_by_text("Cette page est réservée aux admins.")).to_be_visible()

    await row.get_by_label("Role of Ravi").select_option("supervisor")
    await expect(page.get_by_role("status")).to_have_text("Saved.")
    await row.get_by_role("button", name="Deactivate").click()
    doubt = page.get_by_role("dialog")
    await expect(doubt).to_contain_text("Deactivate Ravi <b>Kumar</b>?")
    await doubt.get_by_role("button", name="Deactivate").click()
    await expect(row).to_contain_text("Deactivated")
    await ravi.reload()
    await expect(ravi).to_have_url(re.compile("/login"))

    await page.get_by_label("Role of Asha Rao").select_option("viewer")
    await expect(page.get_by_role("alert")).to_contain_text("this is the only admin")
    await expect(page.get_by_label("Role of Asha Rao")).to_have_value("admin")


async def test_a_key_is_shown_once_and_revoked_and_the_log_tells_and_holds(server, hire, enter, axe):
    await hire("asha@example.com", "admin", "--name", "Asha Rao")
    page = (await enter("/admin#keys", "asha@example.com")).page
    await page.get_by_role("button", name="New API key").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Whose key it is").fill("warehouse")
    await form.get_by_label("Scopes").fill("rag:read")
    await form.get_by_role("button", name="Create").click()
    shown = page.locator("dialog#shown").get_by_role("textbox")
    key = await shown.input_value()
    assert key.startswith("hk_")
    await page.keyboard.press("Escape")
    assert key not in await page.content()
    row = page.get_by_role("listitem").filter(has_text="warehouse")
    await expect(row).to_contain_text("rag:read")
    assert await axe(page) == []
    answer = await page.request.get(f"{server.url}/rag/documents", headers={"X-API-Key": key})
    assert answer.status == 200
    await row.get_by_role("button", name="Revoke: warehouse").click()
    await page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(row).to_contain_text("revoked")
    answer = await page.request.get(f"{server.url}/rag/documents", headers={"X-API-Key": key})
    assert answer.status == 401

    await page.get_by_role("tab", name="API keys").press("ArrowRight")
    await expect(page.get_by_role("tab", name="Audit log")).to_be_focused()
    rows = page.get_by_role("row")
    await expect(rows.nth(1)).to_contain_text("key.revoked")
    await expect(rows.nth(1)).to_contain_text("Asha Rao")
    await page.get_by_role("button", name="Check the log").click()
    await expect(page.get_by_role("status")).to_contain_text("none missing, none changed")
    assert await axe(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_fits_a_phone_in_hindi(hire, enter, axe, scheme):
    await hire("asha@example.com", "admin", "--name", "Asha Rao")
    options = {"width": 360, "height": 740, "locale": "hi-IN", "color_scheme": scheme}
    page = (await enter("/admin", "asha@example.com", **options)).page
    for tab in ("खाते", "API कुंजियाँ", "ऑडिट लॉग", "मेरा खाता"):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.get_by_role("tabpanel")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        assert await axe(page) == []


async def test_one_changes_ones_own_password_and_documents_are_managed_without_a_key(server, visit, hire, enter):
    await hire("kavi@example.com", "admin")
    person = await enter("/admin#mine", "kavi@example.com")
    page = person.page
    await page.get_by_label("Old password").fill("wrong")
    await page.get_by_label("New password").fill("velvet comet ladder nine")
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_role("alert")).to_contain_text("old_password: is not the password of this account")
    await page.get_by_label("Old password").fill(PASSWORD)
    await page.get_by_role("button", name="Change password").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password is changed")

    documents = (await visit(f"{server.url}/rag/knowledge", beside=person, forgiven=DENIED)).page
    await expect(documents.get_by_role("tablist")).to_be_visible()
    await documents.locator("#new-tags").fill("signed in")
    given = {"name": "kiosk.md", "mimeType": "text/markdown", "buffer": b"# Kiosk\n\nThe kiosk opens at six."}
    await documents.locator("#files").set_input_files(given)
    await expect(documents.locator(".list li").filter(has_text="Kiosk").locator(".badge.live")).to_be_visible()

    stranger = (await visit(f"{server.url}/rag/knowledge", forgiven=DENIED)).page
    await stranger.get_by_role("link", name="Sign in").click()
    await expect(stranger).to_have_url(f"{server.url}/login?next=%2Frag%2Fknowledge")


async def test_the_pages_of_staff_lead_to_each_other_and_show_each_role_its_own(server, hire, enter, axe):
    await hire("asha@example.com", "admin", "--name", "Asha Rao")
    await hire("vic@example.com", "viewer")
    for email, own in (("asha@example.com", "Administration"), ("vic@example.com", "My account")):
        page = (await enter("/admin/", email)).page
        await page.get_by_role("button", name="Pages").press("ArrowDown")
        links = page.get_by_role("navigation", name="Pages").get_by_role("link")
        await expect(links).to_have_text(["Knowledge", own])
        await expect(links.first).to_be_focused()
        await expect(links.last).to_have_attribute("aria-current", "page")
        assert await axe(page) == []
        await page.keyboard.press("Escape")
        await expect(links.first).to_be_hidden()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{server.url}/rag/knowledge")
        await expect(page.get_by_role("button", name="Pages")).to_be_visible()
