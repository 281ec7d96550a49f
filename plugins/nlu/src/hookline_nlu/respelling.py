"""French as it is typed on a telephone, spelled out: "jve 1 pret pr ma vwature" loses its short forms before it is understood.

Only forms that are no word of the language by themselves are here, so that nothing that was written in full changes.
"""

from __future__ import annotations

import functools

import regex

_SHORT = {
    "je veux": "jveu jveux jve jvx jeveux jveut",
    "je voudrais": "jvoudrais jvoudrai jvoudré jvdr jaimerai jaimerais",
    "je suis": "jsuis chui chuis jsui",
    "je peux": "jpeux jpeu jpe",
    "je gagne": "jgagne jgagn",
    "je touche": "jtouche",
    "je cherche": "jcherche",
    "je souhaite": "jsouhaite",
    "je n'ai": "jnai",
    "veux": "veu veut vx",
    "voudrais": "voudrai voudré",
    "pour": "pr pou",
    "prêt": "prè pré preit",
    "crédit": "credi credits crédi",
    "compte": "conte compt cpte cpt",
    "ouvrir": "ouvrire ouvri",
    "acheter": "achter achté",
    "beaucoup": "bcp bcoup",
    "quelqu'un": "qqun qlqun qqn",
    "quelque chose": "qqch",
    "toujours": "tjr tjrs tjs",
    "pourquoi": "pk pq prkoi pourkoi",
    "combien": "cmb combi1 combyen",
    "comment": "cmt commen",
    "avec": "ac avk",
    "dans": "ds",
    "mais": "ms",
    "quand": "qd",
    "problème": "pb prob probleme pblm",
    "rendez-vous": "rdv",
    "s'il vous plaît": "svp",
    "bonjour": "bjr bonjr bjour",
    "bonsoir": "bsr",
    "salut": "slt",
    "argent": "argt",
    "besoin": "bsoin besoi1",
    "immobilier": "imobilier immobillier immobiler",
    "réclamation": "reclamassion réclammation",
    "un": "1",
}
_FULL = {short: full for full, some in _SHORT.items() for short in some.split() if short != "1"}
_WORD = regex.compile(r"(?<![\p{L}\p{M}\p{N}'’@.+-])[\p{L}\p{M}]+\d?(?![\p{L}\p{M}\p{N}@])")
_ONE = regex.compile(
    r"(?<=(?:^|\s)(?:ve|veu|veux|voudrais|voudrai|jve|jveu|jveux|cherche|demander|faire|ouvrir|avoir|prendre|construire|construir|acheter)\s)1(?=\s\p{L})",
    regex.IGNORECASE,
)
_VE = regex.compile(r"(?<=(?:^|\s)je\s)ve(?=\s)", regex.IGNORECASE)


@functools.lru_cache(maxsize=256)
def respelled(text: str) -> str:
    """The text with its short forms spelled out."""
    told = _ONE.sub("un", _VE.sub("veux", text))
    return _WORD.sub(lambda match: _FULL.get(match[0].casefold(), match[0]), told)
