"""`hookline nlu`: how well intents are told, and what one message is about."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from hookline.place import Place, place_options

ALONE = "evaluation"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def nlu() -> None:
    """Intents: how well they are told, and what a message is about."""


@nlu.command("evaluate")
@click.option("--train", type=_FILE, help="Lines to learn from.  [default: the tenant's own intents]")
@click.option("--test", required=True, type=_FILE, help="Lines to measure on.")
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
@place_options(tenant=True, optional=True)
def evaluate(place: Place, tenant: str, train: Path | None, test: Path, as_json: bool) -> None:
    """Learn from --train and measure on --test, with the settings of --tenant, or else with the defaults.

    Lines are {"text": "...", "intent": "..."}, with null for what is about none of the intents.
    """
    if train is None and not tenant:
        tenant = place.one_tenant(tenant)
    arguments = {"train": str(train.absolute()) if train else "", "test": str(test.absolute())}
    with contextlib.ExitStack() as stack:
        if not tenant:
            place, tenant = stack.enter_context(_by_default()), ALONE
        with click.progressbar(length=1, label="measuring", show_eta=False, file=sys.stderr) as bar:

            def show(told: Mapping[str, Any]) -> None:
                bar.length = max(1, int(told["total"]))
                bar.update(int(told["done"]) - bar.pos)

            found = place.run("nlu.evaluate", tenant, arguments, progress=show)
            bar.update((bar.length or 1) - bar.pos)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(found)))


@nlu.command("try")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@place_options(tenant=True)
def try_(place: Place, tenant: str, text: str, as_json: bool) -> None:
    """What TEXT is about, best first, and which layer says so."""
    found = place.run("nlu.try", tenant, {"text": text})
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found:
        more = ", ".join(f"{key} {value}" for key, value in one.items() if key not in ("intent", "score", "layer"))
        click.echo(f"{one['score']:6.3f}  {one['intent']:28}  {one['layer']:12}{more}")
    if not found:
        click.echo("nothing is said in it, or the tenant declares no intents")


@nlu.command("entities")
@click.argument("text", default="")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@place_options(tenant=True)
def entities(place: Place, tenant: str, text: str, as_json: bool) -> None:
    """The facts in TEXT: name, value and the words it stands in; without TEXT the fields that are looked for."""
    found = place.run("nlu.entities", tenant, {"text": text})
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for field in found.get("fields", ()):
        click.echo(f"{field['name']:24}{field['kind']}")
    for one in found.get("entities", ()):
        value = json.dumps(one["value"], ensure_ascii=False)
        said = text[one["start"] : one["end"]] if one["name"] != "sentiment" else ""
        click.echo(f"{one['name']:24}{value:28}{one['unit']:10}{one['confidence']:5.2f}  {said}")


@contextlib.contextmanager
def _by_default() -> Iterator[Place]:
    """A tenant with the default settings, in a folder that is gone afterwards."""
    from hookline.catalogue import Catalogue

    installed = {plugin.name for plugin in Catalogue.load().plugins}
    enabled = [name for name in ("embeddings", "nlu") if name in installed]
    with tempfile.TemporaryDirectory(prefix="hookline-") as folder:
        root = Path(folder)
        (root / "tenants" / ALONE).mkdir(parents=True)
        text = f'title = "Evaluation"\n\n[plugins]\nenabled = {json.dumps(enabled)}\n'
        (root / "tenants" / ALONE / "tenant.toml").write_text(text, encoding="utf-8")
        yield Place(root / "tenants", root / "data", "")


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    training, outside = found["training"], found["out_of_scope"]
    seconds = found["seconds_per_message"]
    rows = [
        ("examples", f"{training['examples']} of {training['intents']} intents"),
        ("training", f"{training['seconds']:.1f} s{' (from the cache)' if training['cached'] else ''}"),
        ("embedder", training["embedder"] or "none: words alone"),
        ("messages", f"{found['messages']}, {outside['messages']} of them out of scope"),
        ("accuracy", _percent(found["accuracy"])),
        ("in scope", f"{_percent(found['in_scope_accuracy'])} told rightly"),
        ("  without refusing", _percent(found["in_scope_accuracy_without_refusing"])),
        ("macro F1", _percent(found["macro_f1"])),
        ("Matthews correlation", _figure(found["matthews_correlation"])),
        ("out of scope", f"precision {_percent(outside['precision'])}, recall {_percent(outside['recall'])}"),
        ("  F1", _percent(outside["f1"])),
        ("calibration error", _figure(found["calibration_error"])),
        ("time a message", f"{1000 * seconds['p50']:.2f} ms, 99 of 100 within {1000 * seconds['p99']:.2f} ms"),
        ("threshold", f"{found['threshold']:g}"),
    ]
    yield from (f"{name:24}{value}" for name, value in rows)
    for one in training["contradictions"]:
        yield f"contradiction           {one['text']!r} is given for {', '.join(one['intents'])}"
    if found["confusions"]:
        yield "most often mistaken:"
    for one in found["confusions"]:
        yield f"  {one['messages']:5}  {one['meant']} for {one['said']}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
