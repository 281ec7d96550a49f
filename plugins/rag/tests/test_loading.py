"""Files of a kind go where their loader says, and must hold what the metadata schema demands."""

from __future__ import annotations

import json

import pytest

from hookline.errors import ConfigError
from hookline_rag.loading import Loader, schema_path

CONFIG = """
[plugins.rag]
metadata_schema = "metadata_schema.yaml"
namespaces = ["inventory", "sales", "insurance", "faq"]
[plugins.rag.loaders.inventory]
files = ["inventory*.csv"]
namespace = "inventory"
[plugins.rag.loaders.faq]
files = ["faqs.json"]
namespace = "faq"
tags = ["support"]
[plugins.rag.loaders.insurance]
files = ["insurance/*"]
namespace = "insurance"
category = "insurance"
[plugins.rag.loaders.sales]
files = ["*.md"]
namespace = "sales"
"""
SCHEMA = """
inventory:
  required: [model, price]
  types: {price: number}
insurance:
  required: [category]
"""


@pytest.fixture
def data(tmp_path):
    """A data folder with a file of each kind; one row of the inventory lacks its price."""
    folder = tmp_path / "data"
    (folder / "insurance").mkdir(parents=True)
    (folder / "inventory.csv").write_text("Model,Price,Fuel\nSwift,650000,petrol\nAlto,,petrol\nDzire,800000,diesel\n")
    faqs = [{"question": "Where is the service centre?", "answer": "In Pune, near the station."},
            {"question": "How long does delivery take?", "answer": "Delivery takes four weeks."}]  # fmt: skip
    (folder / "faqs.json").write_text(json.dumps(faqs))
    (folder / "insurance" / "cover.txt").write_text("The basic cover pays for damage done to other people's cars.")
    (folder / "pitch.md").write_text("# Why us\n\nWe have sold cars in this town for forty years.\n")
    return folder


async def loaded(service, bot, folder):
    runs = service(bot).runs
    return await runs.wait(await runs.take_in([folder]), lambda row: None, pause=0.02)


@pytest.fixture
def dealer(library, tmp_path):
    async def make(schema: str = SCHEMA):
        bot = await library(CONFIG)
        folder = bot.tenant("rag").folder
        (folder / "metadata_schema.yaml").write_text(schema)
        return bot

    return make


@pytest.mark.row("A175")
async def test_each_kind_of_file_lands_in_its_namespace_and_the_same_again_adds_nothing(dealer, service, data):
    bot = await dealer()

    first = await loaded(service, bot, data)
    again = await loaded(service, bot, data)

    assert first.told["namespaces"] == {"faq": 1, "insurance": 1, "inventory": 1, "sales": 1}
    assert (first.told["ingested"], first.told["failed"]) == (4, [])
    assert (again.told["ingested"], again.told["unchanged"]) == (0, 4)
    rows = {row.source: row for row in await service(bot).store.documents("")}
    assert len(rows) == 4
    assert {name: row.namespace for name, row in rows.items()} == {
        "inventory.csv": "inventory", "faqs.json": "faq", "cover.txt": "insurance", "pitch.md": "sales",
    }  # fmt: skip
    assert rows["faqs.json"].tags == ["support"]
    assert rows["cover.txt"].meta["category"] == "insurance"
    assert "800000" in (await bot.say("What is the price of the Dzire?")).text
    assert "Pune" in (await bot.say("Where is the service centre?")).text


@pytest.mark.row("A176")
async def test_a_row_without_required_metadata_is_not_found_and_named_with_its_file(dealer, service, data):
    bot = await dealer()

    run = await loaded(service, bot, data)

    assert run.told["notes"] == [
        "inventory.csv: row 3 lacks price, though metadata_schema.yaml demands it; it is left out"
    ]
    found = await service(bot).find("Alto", namespace="inventory")
    assert not any("Alto" in one.row.text for one in found.candidates)


@pytest.mark.row("A176")
async def test_a_file_that_lacks_it_altogether_fails_and_the_others_go_on(dealer, service, data):
    bot = await dealer("sales: {required: [valid_for]}\n")

    run = await loaded(service, bot, data)

    assert run.told["failed"] == [
        "pitch.md: lacks valid_for, though metadata_schema.yaml demands it; mend it in the file"
    ]
    assert run.told["ingested"] == 3


def test_a_loader_takes_files_by_name_or_by_path():
    loader = Loader(("inventory*.csv", "insurance/*"))

    assert loader.takes("data/Inventory_2026.csv")
    assert loader.takes("data/insurance/cover.pdf")
    assert not loader.takes("data/cover.pdf")
    assert not loader.takes("my-inventory.csv.txt")


def test_a_schema_that_is_named_and_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"metadata_schema names .*none\.yaml, which is no file; correct the name"):
        schema_path(tmp_path, "none.yaml")
