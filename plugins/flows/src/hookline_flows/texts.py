"""What a flow says: phrases by key, or texts that stand in the file; with the values of its slots in them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import phonenumbers

from hookline import formats
from hookline.errors import HooklineError

from .choices import Forms
from .model import Flow, Slot, Text

if TYPE_CHECKING:
    from hookline.tenant import Tenant

VOICE = "voice"
_FIELD = re.compile(r"\{\s*\$?([A-Za-z_][A-Za-z0-9_-]*)\s*\}")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def is_key(text: Text) -> bool:
    """Whether a text is the key of a phrase, and not the words themselves."""
    return isinstance(text, str) and bool(_KEY.fullmatch(text))


@attrs.frozen(eq=False)
class Texts:
    """The words of one snapshot of a tenant."""

    tenant: Tenant
    forms: dict[int, Forms] = attrs.Factory(dict)

    def say(self, text: Text, language: str, values: Mapping[str, Any], channel: str = "") -> str:
        """The text in the language (or the nearest), spoken where the channel is a telephone.  Never raises: what can't be
        said is logged, and is what of it there is."""
        if isinstance(text, str):
            if not is_key(text):
                return self._filled(text, values)
            return self.phrase(text, language, values, channel)
        tags = [language, language.split("-", maxsplit=1)[0], self.tenant.settings.language, "en"]
        found = next((text[tag] for tag in tags if tag in text), next(iter(text.values()), ""))
        return self._filled(found, values)

    def phrase(self, key: str, language: str, values: Mapping[str, Any], channel: str = "") -> str:
        """The phrase of the key."""
        asked = f"{key}.voice" if channel == VOICE else key
        try:
            return self.tenant.phrase(asked, language, **values)
        except HooklineError as error:
            self.tenant.log.warning("a phrase could not be said", phrase=key, language=language, reason=str(error))
            return ""

    def label(self, flow: Flow, slot: Slot, value: str, language: str) -> str:
        """What the button of a choice says."""
        choice = slot.choices.get(value)
        if choice is None or not choice.label:
            return str(value).replace("_", " ").capitalize() if str(value).islower() else str(value)
        return self.say(choice.label, language, {}) or str(value)

    def name(self, name: str, slot: Slot | None, language: str) -> str:
        """What the customer knows a slot as."""
        if slot is not None and slot.name:
            return self.say(slot.name, language, {}) or name
        if self.tenant.has_phrase(f"slot-{name}"):
            return self.phrase(f"slot-{name}", language, {})
        return name.replace("_", " ").replace("-", " ")

    def shown(self, flow: Flow, slot: Slot, value: Any, language: str) -> str:
        """A value as the customer reads it."""
        if value is None:
            return "–"
        if slot.kind == "choice":
            return self.label(flow, slot, value, language)
        if slot.kind == "list":
            return ", ".join(self.label(flow, slot, one, language) for one in value)
        if slot.kind == "boolean":
            return self.phrase("flows-yes" if value else "flows-no", language, {})
        if slot.kind == "money":
            return formats.money(value, self.tenant.settings, words=True)
        if slot.kind == "number":
            return formats.number(value, self.tenant.settings)
        if slot.kind == "duration":
            return self.phrase("flows-duration", language, {"count": value, "unit": slot.unit or "months"})
        if slot.kind == "date":
            return formats.date(dt.date.fromisoformat(str(value)[:10]), language)
        if slot.kind == "file":
            return str(value.get("name") or value.get("media_type", "")) if isinstance(value, Mapping) else str(value)
        if slot.kind == "phone":
            return dialled(str(value), formats.region(self.tenant.settings))
        return str(value)

    def values(self, flow: Flow, slots: Mapping[str, Any], others: Mapping[str, Any], language: str) -> dict[str, Any]:
        """What texts may name: slots by their names, a choice's label as name_label, results of functions flattened."""
        found: dict[str, Any] = {}
        for name, value in others.items():
            _flatten(name, value, found)
        for name, slot in flow.slots.items():
            value = slots.get(name)
            found[name] = self._worded(flow, slot, value, language)
            if slot.kind == "choice":
                found[f"{name}_label"] = "" if value is None else self.label(flow, slot, value, language)
            if slot.kind == "list" and slot.choices:
                found[f"{name}_label"] = [self.label(flow, slot, one, language) for one in value or ()]
        return found

    def _worded(self, flow: Flow, slot: Slot, value: Any, language: str) -> Any:
        if value is None:
            return ""
        if slot.kind == "date":
            return dt.date.fromisoformat(str(value)[:10])
        if slot.kind == "money":
            return Decimal(str(value))
        if slot.kind == "file":
            return str(value.get("name", "")) if isinstance(value, Mapping) else str(value)
        return value

    def _filled(self, text: str, values: Mapping[str, Any]) -> str:
        """A text that stands in the file, with `{name}` filled in."""
        return _FIELD.sub(lambda m: self._written(values.get(m[1], "")), text)

    def _written(self, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (int, float, Decimal)):
            return formats.number(float(value), self.tenant.settings)
        if isinstance(value, dt.date):
            return formats.date(value, self.tenant.settings.language)
        if isinstance(value, (list, tuple)):
            return ", ".join(self._written(one) for one in value)
        return str(value)

    def choices(self, flow: Flow, slot: Slot) -> Forms | None:
        """The forms in which the choices of a slot may be said: values, labels in all languages, words."""
        if not slot.choices:
            return None
        known = self.forms.get(id(slot))
        if known is None:
            languages = dict.fromkeys([self.tenant.settings.language, *self.tenant.settings.languages, "en"])
            known = Forms.of(
                {
                    value: [*self._labels(flow, slot, value, list(languages)), *choice.words]
                    for value, choice in slot.choices.items()
                }
            )
            self.forms[id(slot)] = known
        return known

    def _labels(self, flow: Flow, slot: Slot, value: str, languages: Sequence[str]) -> list[str]:
        label = slot.choices[value].label
        if isinstance(label, Mapping):
            return list(label.values())
        return [self.label(flow, slot, value, language) for language in languages] if label else []


def dialled(number: str, region: str) -> str:
    """A telephone number as it is dialled where the tenant is: "77 123 45 67", and from abroad "+33 6 12 34 56 78"."""
    try:
        found = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return number
    home = phonenumbers.region_code_for_number(found) == region
    written = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(found, written)


def _flatten(name: str, value: Any, into: dict[str, Any], depth: int = 0) -> None:
    """The values in a result by their path: result.offer.rate is `result_offer_rate`."""
    if isinstance(value, Mapping):
        for key, item in value.items() if depth < 4 else ():
            if re.fullmatch(r"[A-Za-z0-9_-]+", str(key)):
                _flatten(f"{name}_{key}", item, into, depth + 1)
    elif isinstance(value, (list, tuple)):
        into[name] = [str(one) for one in value if not isinstance(one, (Mapping, list, tuple))]
    else:
        into[name] = "" if value is None else value
