"""Which category a claim is likely to be of, by the customer's words (K42, D05)."""

from __future__ import annotations

import unicodedata

import regex

# A word counts wherever it begins one ("retir" also "retirer", "retiré"); what is more telling counts more.
_SIGNS: tuple[tuple[str, int, str], ...] = (
    ("Carte bancaire", 3, r"cartes?\b|cb\b|visa\b|mastercard|gim ?uemac?o?a?\b"),
    ("Carte bancaire", 2, r"gab\b|dab\b|distributeur|guichet automatique|code (?:pin|secret)|retrait|retir|avale|sans contact|tpe\b"),
    ("Carte bancaire", 2, r"fraud|piratage|pirate|paiement en ligne|achat en ligne|debit non autorise"),
    ("Virement", 3, r"virements?\b|vire\b|transfert|transfere|rib\b|iban\b|wave\b|orange money|beneficiaire"),
    ("Virement", 1, r"pas recu|jamais recu|salaire|versement|envoye"),
    ("Frais", 3, r"frais\b|agios?\b|commissions?\b|tenue de compte|cotisation|penalites?\b|interets? debiteurs?"),
    ("Frais", 1, r"preleve|prelevement|facture|surfacture|double debit|trop cher"),
    ("Service client", 3, r"service client|accueil|conseillere?s?\b|guichetier|impoli|mal recue?s?\b|mal accueilli|agents?\b|personnel\b"),
    ("Service client", 2, r"agence|attente|attendu|attends|file d'attente|rappele|repond|telephone|rendez[- ]?vous|application|appli\b"),
)  # fmt: skip
_COMPILED = tuple((name, weight, regex.compile(rf"(?<![\p{{L}}])(?:{words})")) for name, weight, words in _SIGNS)


def folded(text: str) -> str:
    """Small letters without accents, one kind of apostrophe."""
    told = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(letter for letter in told if not unicodedata.combining(letter))


def likely(text: str) -> str:
    """The category that the words speak for most; "" where none does, or two do as much."""
    told = folded(text)
    points: dict[str, int] = {}
    for name, weight, pattern in _COMPILED:
        if pattern.search(told):
            points[name] = points.get(name, 0) + weight
    ranked = sorted(points.items(), key=lambda item: -item[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return ""
    return ranked[0][0]
