"""`hookline llm`: what models there are, what they were used for, which prompts they get."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from hookline.place import Place, place_options


@click.group()
def llm() -> None:
    """Language models: usage and cost, Ollama's models, the prompts."""


@llm.command("usage")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3660), help="How many days back.")
@place_options(tenant=True)
def usage(place: Place, tenant: str, days: int) -> None:
    """Requests, tokens and cost by day and model."""
    found = place.run("llm.usage", tenant, {"days": days})
    click.echo(f"{'day':12}{'model':44}{'requests':>9}{'prompt':>10}{'answer':>10}{'cost':>10}")
    for row in found["rows"]:
        _line(row["day"], f"{row['provider']}/{row['model']}", row)
    _line("", "in all", found["total"])
    for period, one in found["budget"].items():
        if one["limit"]:
            click.echo(f"budget a {period}: {one['spent']:.4f} of {one['limit']:g} spent")


@llm.command("models")
@click.option("--provider", default="", help="Which Ollama of the config.  [default: the first]")
@place_options(tenant=True)
def models(place: Place, tenant: str, provider: str) -> None:
    """The models that the Ollama of the config has."""
    for one in place.run("llm.models", tenant, {"provider": provider}):
        click.echo(f"{one['name']:32}{one['bytes'] / 1e9:8.1f} GB  {one['parameters']:8}{one['quantisation']}")


@llm.command("pull")
@click.argument("model", default="")
@click.option("--provider", default="", help="Which Ollama of the config.  [default: the first]")
@place_options(tenant=True)
def pull(place: Place, tenant: str, provider: str, model: str) -> None:
    """Have Ollama fetch MODEL (default: the one of the config)."""
    with click.progressbar(length=1, label="pulling", file=sys.stderr) as bar:

        def show(told: Mapping[str, Any]) -> None:
            bar.label = str(told["status"])[:40]
            if told["total"]:
                bar.length = int(told["total"])
                bar.update(int(told["done"]) - bar.pos)

        done = place.run("llm.pull", tenant, {"provider": provider, "model": model}, progress=show)
    click.echo(f"{done['model']} is there")


@llm.command("prompts")
@place_options(tenant=True)
def prompts(place: Place, tenant: str) -> None:
    """The prompts by type and language, with the file that each comes from."""
    for one in place.run("llm.prompts", tenant):
        click.echo(f"{one['type']:24}{one['language']:8}{one['file']}")


def _line(day: str, model: str, row: Mapping[str, Any]) -> None:
    click.echo(
        f"{day:12}{model:44}{row['requests']:>9}{row['prompt_tokens']:>10}{row['answer_tokens']:>10}{row['cost']:>10.4f}"
    )
