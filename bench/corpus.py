"""Texts for measurements of speed: a library of short articles, and questions to which exactly one of them answers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

PLACES = (
    "Lyon Madurai Pune Lille Nantes Chennai Mysuru Dijon Kochi Rennes Nashik Tours Salem Metz Indore Angers".split()
)
THINGS = (
    "broadband router fibre line roaming pack prepaid card home loan credit card savings account motor policy top-up "
    "voucher set-top box landline number data plan"
).split(" ")
KINDS = ["fee", "limit", "period", "discount", "deposit", "penalty", "allowance", "refund"]
FILLER = (
    "Customers can ask for it in any shop or on the telephone",
    "The amount is shown on the next bill",
    "A written request is answered within ten working days",
    "It does not apply to business contracts signed before that",
    "The form has to be signed by the holder of the contract",
    "Our agents check the identity of the caller first",
    "Changes are announced one month in advance by letter",
    "Any open balance has to be paid before",
)


def articles(count: int) -> Iterator[tuple[dict[str, Any], str]]:
    """So many documents of one chunk each, with the question that each answers; always the same ones."""
    rng = random.Random(7)
    for n in range(count):
        thing, kind, place = rng.choice(THINGS), rng.choice(KINDS), rng.choice(PLACES)
        tariff = f"{rng.choice('ABCDEFGH')}{n}"
        fact = f"The {kind} for the {thing} in {place} under tariff {tariff} is {rng.randint(2, 900)} rupees."
        rest = ". ".join(rng.sample(FILLER, 4))
        document = {"id": str(n), "title": f"{thing} {tariff}", "text": f"{fact} {rest}."}
        yield document, f"What is the {kind} for the {thing} in {place} under tariff {tariff}?"
