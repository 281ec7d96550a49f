"""The page where staff look after a tenant's own records."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

pytestmark = [pytest.mark.service("chromium"), pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "correct horse battery staple"
DENIED = r"status of 4\d\d|username fields|ERR_FAILED"  # what a browser says of requests that fail
CUSTOMERS = "number,name,phone,language\n" + "".join(
    f"C{n:03},Customer {n},+9198000{n:05},{'hi' if n % 2 else 'en'}\n" for n in range(1, 121)
)
LOANS = (
    "number,customer,kind,principal,outstanding,emi,due,months\nLN1001,C001,home,500000,432000.5,8500,2026-12-05,60\n"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bank(serve, tmp_path_factory):
    """A server with the records of a bank, and its staff."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "tenants/acme").mkdir(parents=True)
    (folder / "tenants/acme/tenant.toml").write_text(
        'title = "Acme Bank"\n[ratelimit]\nrequests = 0\n[plugins]\nenabled = ["tenant_financial"]\n'
    )
    server = await serve(folder / "tenants", folder / "data")
    await server.staff("supervisor", "Asha Rao")
    await server.staff("viewer", "Vera Look")
    for name, text in (("customer", CUSTOMERS), ("loan", LOANS)):
        (folder / f"{name}.csv").write_text(text)
        await hookline(server, "records", "import", name, str(folder / f"{name}.csv"))
    return server


async def hookline(server, *arguments):
    process = await asyncio.create_subprocess_exec(
        *server._hookline(*arguments), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, (out, err)
    return out.decode()


@pytest.fixture
def enter(bank, visit):
    """Sign in and open the page: `page = await enter("asha", "#tenant_financial/loan")`."""

    async def go(who, where="", **options):
        person = await visit(f"{bank.url}/records{where}", forgiven=DENIED, **options)
        page = person.page
        await page.locator("#email").fill(f"{who}@acme.example")
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#password").press("Enter")
        await expect(page.get_by_role("tab").first).to_be_visible()
        return person

    return go


async def test_records_are_found_narrowed_ordered_and_shown_on_demand(enter, axe):
    page = (await enter("asha")).page
    await expect(page.get_by_role("tab", name="Customers")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_text("100 of 120")).to_be_visible()
    assert await axe(page) == []
    await page.get_by_role("button", name="Show more").click()
    await expect(page.get_by_text("120 records")).to_be_visible()
    await page.get_by_role("searchbox", name="Search").fill("customer 11")
    await expect(page.get_by_text("11 records")).to_be_visible()
    await page.get_by_role("button", name="Name").click()
    await expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    assert "q=customer+11" in page.url
    await page.get_by_role("combobox", name="Risk").select_option("High")
    await expect(page.get_by_text("Nothing fits.")).to_be_visible()
    await page.get_by_role("button", name="Clear search and filters").click()
    await expect(page.get_by_text("100 of 120")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")


async def test_a_record_is_made_changed_and_deleted_with_the_keyboard(enter, axe):
    person = await enter("asha", "#tenant_financial/customer")
    page = person.page
    await page.get_by_role("button", name="New").focus()
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="New: Customers")
    await form.get_by_label("Number").fill("X1")
    await form.get_by_label("Phone").fill("12")
    await page.keyboard.press("Enter")
    await expect(form.get_by_role("alert")).to_have_text("Something is not right yet: see below.")
    await expect(form.get_by_text("given 'X1'; allowed: C and at least three digits, C001")).to_be_visible()
    await expect(form.get_by_text("is missing")).to_be_visible()
    await expect(form.get_by_label("Number")).to_be_focused()
    await expect(form.get_by_label("Number")).to_have_attribute("aria-invalid", "true")
    assert await axe(page) == []
    await form.get_by_label("Number").fill("C900")
    await form.get_by_label("Name").fill("Ravi <b>Kumar</b>")
    await form.get_by_label("Phone").fill("98765 43210")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Saved.")).to_be_visible()

    await page.get_by_role("searchbox", name="Search").fill("C900")
    await expect(page.get_by_role("cell", name="Ravi <b>Kumar</b>")).to_be_visible()
    await expect(page.get_by_role("cell", name="+919876543210")).to_be_visible()
    await page.get_by_role("button", name="Open C900").click()
    form = page.get_by_role("dialog", name="Customers: C900")
    await expect(form.get_by_label("Number")).to_have_attribute("readonly", "")
    await page.keyboard.press("Escape")
    await expect(form).to_be_hidden()
    assert await person.focus() == "Open C900"
    await page.keyboard.press("Enter")
    await form.get_by_role("button", name="Delete").click()
    await expect(form.get_by_text("Delete C900? This can't be undone.")).to_be_visible()
    await form.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("Nothing fits.")).to_be_visible()


async def test_what_two_change_at_once_is_lost_by_neither(bank, enter):
    page = (await enter("asha", "#tenant_financial/loan")).page
    await page.get_by_role("button", name="Open LN1001").click()
    form = page.get_by_role("dialog")
    await expect(form.get_by_label("Outstanding")).to_have_value("432000.50")
    await form.get_by_label("Months left").fill("59")

    made = await hookline(bank, "key", "create", "--name", "other", "--role", "supervisor")
    headers = {"X-API-Key": re.search(r"\bhk_\S+", made)[0]}
    loans = f"{bank.url}/api/v1/records/tenant_financial/loan"
    async with aiohttp.ClientSession(headers=headers) as http:
        row = (await (await http.get(loans)).json())["records"][0]
        answer = await http.patch(f"{loans}/{row['id']}", json={"version": row["version"], "emi": "9000"})
        assert answer.status == 200

    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("alert")).to_contain_text("Somebody has changed this record while you were writing.")
    await expect(form.get_by_text(re.compile(r"Now: .*9,000"))).to_be_visible()
    await expect(form.get_by_label("Months left")).to_have_value("59")
    await form.get_by_role("button", name="Save mine over it").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    async with aiohttp.ClientSession(headers=headers) as http:
        row = (await (await http.get(loans)).json())["records"][0]
    assert (row["months"], row["emi"], row["version"]) == (59, "9000.00", 3)


async def test_a_file_is_looked_at_first_and_its_mistakes_are_named(bank, enter, axe):
    page = (await enter("asha", "#tenant_financial/customer")).page
    file = bank.tenants.parent / "more.csv"
    file.write_text("number;name;phone\nC500;Élodie Sarr;98765 00000\nC50x;Nobody;\nC001;Customer 1;+919800000001\n")
    await page.get_by_role("button", name="Import").click()
    form = page.get_by_role("dialog", name="Import into Customers")
    await form.get_by_label("File").set_input_files(file)
    await expect(form.get_by_text("1 new, 0 changed, 1 unchanged.")).to_be_visible()
    await expect(form.get_by_role("listitem")).to_have_text(
        "Line 3, Number: given 'C50x'; allowed: C and at least three digits, C001"
    )
    assert await axe(page) == []
    await form.get_by_role("button", name="Import the others").click()
    await expect(page.get_by_text("Imported: 1 new, 0 changed.")).to_be_visible()
    await page.get_by_role("searchbox", name="Search").fill("élodie")
    await expect(page.get_by_role("cell", name="Élodie Sarr")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Export").click()
    text = (await (await download.value).path()).read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["number,name,phone,email,language,risk", "C500,Élodie Sarr,'+919876500000,,,low"]


async def test_who_may_only_look_finds_nothing_to_change_things_with(enter):
    page = (await enter("vera", "#tenant_financial/customer")).page
    await expect(page.get_by_role("button", name="Open C001")).to_be_visible()
    assert await page.get_by_role("button", name="New").count() == 0
    assert await page.get_by_role("button", name="Import").count() == 0
    await page.get_by_role("button", name="Open C001").click()
    form = page.get_by_role("dialog")
    await expect(form.get_by_label("Name")).to_have_attribute("readonly", "")
    assert await form.get_by_role("button", name="Save").count() == 0


@pytest.mark.parametrize(
    ("width", "scheme", "locale", "search"),
    [(360, "dark", "fr-FR", "Rechercher"), (768, "light", "hi-IN", "खोजें"), (1440, "dark", "en-GB", "Search")],
)
async def test_the_page_fits_every_screen_light_and_dark_in_each_language(enter, axe, width, scheme, locale, search):
    page = (await enter("asha", "#tenant_financial/loan", width=width, color_scheme=scheme, locale=locale)).page
    await expect(page.get_by_role("button", name="LN1001")).to_be_visible()
    await expect(page.get_by_role("searchbox", name=search)).to_be_visible()
    wide = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
    assert await axe(page) == []
    await page.get_by_role("button", name="LN1001").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await axe(page) == []


async def test_one_record_is_counted_as_one_and_stands_in_line(enter):
    page = (await enter("asha", "#tenant_financial/customer", locale="fr-FR")).page
    await expect(page.get_by_role("button", name="C001")).to_be_visible()
    tops = await page.locator("tbody tr").first.locator("td").evaluate_all(
        """cells => cells.filter((one) => one.textContent.trim()).map((cell) => {
            const words = document.createRange();
            words.selectNodeContents(cell.querySelector("button, .clip") ?? cell);
            return words.getBoundingClientRect().bottom;
        })"""
    )  # fmt: skip
    assert len(tops) > 2
    assert max(tops) - min(tops) <= 4, "what stands in a line is read in a line"
    await page.get_by_role("searchbox", name="Rechercher").fill("C001")
    await expect(page.get_by_text("1 fiche", exact=True)).to_be_visible()


async def test_a_server_that_fails_is_said_and_asked_again(enter):
    page = (await enter("asha", "#tenant_financial/customer")).page
    await page.route("**/api/v1/records/**", lambda route: route.abort())
    await page.get_by_role("searchbox", name="Search").fill("C002")
    await expect(page.get_by_role("alert")).to_contain_text("The server can't be reached just now.")
    await page.unroute("**/api/v1/records/**")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("button", name="Open C002")).to_be_visible()
