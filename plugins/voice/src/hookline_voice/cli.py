"""`hookline voice`: what is got once, so that serving downloads nothing."""

from __future__ import annotations

import importlib.util

import click

from .whisper import MISSING


@click.group("voice")
def voice() -> None:
    """Models that write speech down."""


@voice.command()
@click.argument("model")
def fetch(model: str) -> None:
    """Download a Whisper MODEL ("small", "large-v3-turbo", or OWNER/NAME of the Hugging Face hub) into the user's cache."""
    if importlib.util.find_spec("faster_whisper") is None:
        raise click.ClickException(MISSING)
    from faster_whisper.utils import available_models, download_model

    try:
        place = download_model(model)
    except ValueError:
        known = ", ".join(available_models())
        raise click.ClickException(f"{model!r} is no model; known: {known}, or OWNER/NAME of the hub") from None
    except Exception as error:  # noqa: BLE001 - the hub's library has an error of its own for each way of not getting it
        raise click.ClickException(f"{model!r} can't be fetched: {type(error).__name__}: {error}") from None
    click.echo(f"{model} is at {place}")
