"""What a provider's refusal of a message means: never again, later, slower, or only as a template.

Sources: Meta's "Error codes" and Twilio's error dictionary, as published in November 2026; Gupshup's "Error codes" name Meta's or their
own.  An unknown code is judged by the HTTP status.
"""

from __future__ import annotations

from typing import Literal

from hookline.errors import GiveUp, ServiceUnavailable

Meaning = Literal["permanent", "temporary", "throttled", "window", "opted_out"]

_META: dict[Meaning, tuple[int, ...]] = {
    "window": (131047,),
    "opted_out": (131050,),
    "throttled": (4, 80007, 130429, 131048, 133016),
    # 131056 is about one customer: the number may go on with the others.
    # Of those about tokens and rights (0, 3, 10, 190, 2xx) somebody can mend the cause while it is tried again.
    "temporary": (0, 1, 2, 3, 10, 190, 200, 131000, 131005, 131016, 131042, 131056, 131057, 133004, 133015),
    "permanent": (
        33, 100, 368, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131031, 131037, 131045, 131049, 131051,
        131052, 131053, 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069, 133010,
    ),
}  # fmt: skip
_TWILIO: dict[Meaning, tuple[int, ...]] = {
    "window": (63016,),
    "opted_out": (21610, 63032),
    "throttled": (20429, 14107, 21611, 63017, 63018, 63038),
    "temporary": (20003, 20500, 30001, 30008, 63010, 63012),
    "permanent": (
        21211, 21212, 21408, 21602, 21604, 21606, 21608, 21614, 21617, 21620, 21655, 21656, 21703, 63001, 63003, 63005,
        63007, 63013, 63014, 63019, 63020, 63021, 63022, 63024, 63025, 63027, 63028, 63030, 63036, 63041, 63042, 63049,
    ),
}  # fmt: skip
_GUPSHUP: dict[Meaning, tuple[int, ...]] = {
    "window": (470, 1023),
    "throttled": (471, 1015, 1018),
    "temporary": (500, 1000, 1014, 1016, 1022),
    "permanent": (400, 402, 404, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013),
}
_TABLES = {"meta": _META, "simulator": _META, "twilio": _TWILIO, "gupshup": _META | {
    meaning: (*_META.get(meaning, ()), *codes) for meaning, codes in _GUPSHUP.items()
}}  # fmt: skip
_BY_CODE = {
    provider: {code: meaning for meaning, codes in table.items() for code in codes}
    for provider, table in _TABLES.items()
}


class SendRefused(GiveUp):
    """The provider refuses the message for good; the text names its code, never the customer."""


class SendDelayed(ServiceUnavailable):
    """The provider can't take the message now."""


class Throttled(SendDelayed):
    """Too much was sent from the number, or to this customer; `retry_after` is the provider's word, 0.0 if it gave none."""

    def __init__(self, text: str, retry_after: float = 0.0) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class WindowShut(SendDelayed):
    """The customer has not written for too long: only a template may be sent."""


class OptedOut(SendRefused):
    """The customer has told WhatsApp, or the provider, that it wants nothing more."""


def meaning_of(provider: str, code: int, status: int = 0, *, transient: bool = False) -> Meaning:
    """What the code means; `status` is HTTP's, 0 for a failure that is reported later."""
    known = _BY_CODE[provider].get(code)
    if known is not None:
        return known
    if status == 429:
        return "throttled"
    if transient or status >= 500 or status in (401, 403, 408, 425):
        return "temporary"
    return "permanent"


def failure(
    provider: str, code: int, status: int, said: str = "", *, retry_after: float = 0.0, transient: bool = False
) -> Exception:
    """The error for a refusal."""
    name = {"meta": "Meta", "twilio": "Twilio", "gupshup": "Gupshup", "simulator": "the simulator"}[provider]
    text = f"{name} answered {status}, code {code}{f': {said[:300]}' if said else ''}"
    match meaning_of(provider, code, status, transient=transient):
        case "window":
            return WindowShut(text)
        case "throttled":
            return Throttled(text, retry_after)
        case "temporary":
            return SendDelayed(text)
        case "opted_out":
            return OptedOut(text)
        case _:
            return SendRefused(text)


def seconds_of(header: str | None) -> float:
    """The seconds of a Retry-After header; 0.0 for a date, nonsense or none."""
    text = (header or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0
