"""Gupshup: the key and the apps; its callbacks can be set by partners' keys alone, so they are said rather than set.

Source: docs.gupshup.io, GET /sm/api/v1/template/list/{app}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from .doctoring import ask
from .reading import objects_at, text_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookline.examination import Examination, Finding


async def examine(about: Examination) -> AsyncIterator[Finding]:
    """Ask Gupshup for the templates of each app, which tells of the key and the app too."""
    config = about.config
    for name, number in config.numbers.items():
        url = f"{config.gupshup.url}/sm/api/v1/template/list/{quote(number.id, safe='')}"
        told = await ask(about, "GET", url, headers={"apikey": config.gupshup.api_key.value})
        said = text_at(told.body, "message")[:200] or "no reason given"
        if told.status in (401, 403):
            yield about.error(
                f"gupshup.api_key is not good (Gupshup answers {told.status}: {said}): copy it from the app's settings"
            )
            return
        if not told.ok or text_at(told.body, "status") != "success":
            yield about.error(
                f"number {name}: Gupshup has no app {number.id!r} for this key ({told.status}: {said}); `id` is the app's name"
            )
            continue
        yield about.ok(f"gupshup.api_key is good, and the app {number.id} is there")
        if not number.phone:
            yield about.error(f"number {name}: phone is not set: Gupshup needs it as the source of what is sent")
        approved = {
            text_at(one, "id") for one in objects_at(told.body, "templates") if text_at(one, "status") == "APPROVED"
        }
        if config.window.template and config.window.template not in approved:
            yield about.error(
                f"window.template: the app {number.id} has no approved template with the id {config.window.template!r}"
            )
    if about.change:
        yield about.warning("Gupshup lets only partners' keys set a callback: paste it as said above")
