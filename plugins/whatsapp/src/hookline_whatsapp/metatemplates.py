"""Meta: whether the template that goes out outside of the window is there, approved, in each language, with the parameters it gets.

Source: the published description business-messaging-api (v23.0), GET /{WABA-ID}/message_templates?name=.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from .outgoing import template_code
from .reading import objects_at, text_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from hookline.examination import Examination, Finding

    from .doctoring import Answer

_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Asking(Protocol):
    """Asks the Graph API."""

    about: Examination

    async def get(self, path: str, query: Mapping[str, str], token: str = "") -> Answer:
        """The answer; raises `Unanswered`."""


async def examine(asking: Asking, accounts: Sequence[str]) -> AsyncIterator[Finding]:
    """Look for `window.template` in the accounts."""
    about, name = asking.about, asking.about.config.window.template
    found: list[Mapping[str, Any]] = []
    for account in accounts:
        told = await asking.get(f"{account}/message_templates", {"name": name})
        if not told.ok:
            yield about.warning(f"window.template: the templates of WhatsApp account {account} can't be looked at")
            return
        found += [one for one in objects_at(told.body, "data") if text_at(one, "name") == name]
    if not accounts:
        yield about.warning(
            "window.template: no WhatsApp account can be looked at, so nothing is known of the template"
        )
    elif not found:
        yield about.error(
            f"window.template: there is no template {name!r}; make it in WhatsApp Manager, or correct the name"
        )
    else:
        for finding in _languages(about, {text_at(one, "language"): one for one in found}):
            yield finding


def _languages(about: Examination, there: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    window, settings = about.config.window, about.settings
    good = []
    for language in settings.languages or (settings.language,):
        code = template_code(window.languages, language)
        what = f"window.template: {window.template!r} in {code}"
        if code not in there:
            yield about.error(
                f"{what} is not there (there is: {', '.join(sorted(there))}): what is written in {language!r} would be refused (132001); "
                f'translate it, or say {language} = "…" in window.languages'
            )
            continue
        state, wanted = text_at(there[code], "status"), _parameters(there[code])
        if state != "APPROVED":
            yield about.error(
                f"{what} is {state}: Meta sends approved templates alone (132015); WhatsApp Manager says why"
            )
        elif len(wanted) != len(window.variables):
            yield about.error(
                f"{what} has {len(wanted)} parameters, and window.variables has {len(window.variables)} (132000)"
            )
        else:
            good.append(code)
    if good:
        yield about.ok(f"window.template: {window.template!r} is approved in {', '.join(dict.fromkeys(good))}")


def _parameters(template: Mapping[str, Any]) -> set[str]:
    """The names or numbers of the places in the template's body."""
    bodies = [one for one in objects_at(template, "components") if text_at(one, "type").upper() == "BODY"]
    return {found for one in bodies for found in _PLACE.findall(text_at(one, "text"))}
