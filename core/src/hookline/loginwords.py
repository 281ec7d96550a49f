"""The words of the page where people sign in."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

_TABLE: Mapping[str, Words] = {
    "en": {
        "tag": "en",
        "sign_in": "Sign in",
        "email": "E-mail address",
        "password": "Password",
        "set": "Set your password",
        "new_password": "New password",
        "hint": "At least {} characters. Four or five words that don't belong together are good, and easy to remember.",
        "save": "Save and sign in",
        "wrong": "The e-mail address or the password is wrong.",
        "wait_seconds": "Too many attempts. Try again in {} seconds.",
        "wait_minutes": "Too many attempts. Try again in {} minutes.",
        "short": "This password is too short: at least {0} characters are needed.",
        "long": "This password is too long: at most {1} characters are allowed.",
        "easy": "This password is easy to guess. Take words that don't belong together, and none of your name.",
        "link_ended": "This link was used already, or is too old. Ask an admin for a new one, or sign in.",
    },
    "hi": {
        "tag": "hi",
        "sign_in": "साइन इन करें",
        "email": "ई-मेल पता",
        "password": "पासवर्ड",
        "set": "अपना पासवर्ड चुनें",
        "new_password": "नया पासवर्ड",
        "hint": "कम से कम {} अक्षर। चार-पाँच ऐसे शब्द, जिनका आपस में कोई संबंध न हो, अच्छे हैं और याद रखने में आसान।",
        "save": "सहेजें और साइन इन करें",
        "wrong": "ई-मेल पता या पासवर्ड ग़लत है।",
        "wait_seconds": "बहुत अधिक कोशिशें हुईं। {} सेकंड बाद फिर कोशिश करें।",
        "wait_minutes": "बहुत अधिक कोशिशें हुईं। {} मिनट बाद फिर कोशिश करें।",
        "short": "यह पासवर्ड बहुत छोटा है: कम से कम {0} अक्षर चाहिए।",
        "long": "यह पासवर्ड बहुत लंबा है: अधिक से अधिक {1} अक्षर हो सकते हैं।",
        "easy": "इस पासवर्ड का अनुमान लगाना आसान है। बेमेल शब्द चुनें, और अपना नाम न लें।",
        "link_ended": "यह लिंक इस्तेमाल हो चुका है या पुराना है। ऐडमिन से नया माँगें, या साइन इन करें।",
    },
    "fr": {
        "tag": "fr",
        "sign_in": "Se connecter",
        "email": "Adresse e-mail",
        "password": "Mot de passe",
        "set": "Choisir votre mot de passe",
        "new_password": "Nouveau mot de passe",
        "hint": "Au moins {} caractères. Quatre ou cinq mots sans rapport entre eux conviennent, et se retiennent bien.",
        "save": "Enregistrer et se connecter",
        "wrong": "L'adresse e-mail ou le mot de passe est incorrect.",
        "wait_seconds": "Trop de tentatives. Réessayez dans {} secondes.",
        "wait_minutes": "Trop de tentatives. Réessayez dans {} minutes.",
        "short": "Ce mot de passe est trop court : il faut au moins {0} caractères.",
        "long": "Ce mot de passe est trop long : {1} caractères au plus.",
        "easy": "Ce mot de passe se devine facilement. Prenez des mots sans rapport entre eux, et pas votre nom.",
        "link_ended": "Ce lien a déjà servi, ou est trop ancien. Demandez-en un autre à un admin, ou connectez-vous.",
    },
}


def of(accepted: str, default: str) -> Words:
    """The words in the first language that the browser accepts and there are words for, else in the tenant's."""
    wanted = []
    for n, part in enumerate(accepted[:500].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), n, tag[:2].lower()))
        except ValueError:
            continue
    for *_, tag in sorted(wanted):
        if tag in _TABLE:
            return _TABLE[tag]
    return _TABLE.get(default[:2], _TABLE["en"])
