"""Words that customers use for one another in their own language: "block" the card where the page says "lock".

Unlike `concepts`, they are looked for also where some document holds the customer's own word.  They count less than it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .terms import fold

_LINES = {
    "en": """
block lock suspend disable freeze bar
unblock unlock reactivate
cancel terminate end
cancellation termination
lose misplace steal
stolen theft lose
price cost charge fee rate
bill invoice
store shop branch outlet
recharge topup refill
broken damage defective faulty
repair fix mend
phone mobile handset smartphone
login signin
start begin
finish end
collect pickup
pick collect
ship send dispatch
parcel package
expire valid last
quick fast speed
slow speed
delete remove erase close
join register enrol enroll subscribe
change modify update alter edit switch
activate enable
deactivate disable
child kid
car vehicle
flat apartment
salary income wage
late delay overdue
penalty fine
discount reduction rebate off
senior pensioner retired elderly
warranty guarantee
refund reimburse
minimum smallest least
maximum largest highest most
required need necessary
eligible qualify eligibility
buy purchase order
mandatory compulsory obligatory required
balance credit
job vacancy career
spouse wife husband
farm agricultural agriculture
contact reach
help support assistance
duration tenure period
terminate end
""",
    "fr": """
bloquer verrouiller suspendre opposition
résilier annuler fermer clôturer
prix coût tarif frais
coûter payer
voler perdre perdu
facture note
magasin boutique agence
durée délai
papiers documents pièces
ouvert horaires ouverture
maison immobilier logement
voiture auto véhicule
emprunter prêt emprunt
crédit prêt
rembourser remboursement
anticipation anticipé avance
réclamation plainte
changer modifier
supprimer effacer
joindre contacter
mot code
""",
    "de": """
sperren blockieren
kündigen beenden stornieren
preis kosten gebühr eintritt
teuer kosten kostet preis
rechnung faktura
geschäft laden filiale
ausleihen leihen verleihen
zahlen bezahlen
wechseln ändern umstellen
löschen entfernen
öffnen öffnungszeiten geöffnet
schließen schluss
frau dame
finden fundsachen
verlieren verloren verlust
kinder kind
auto wagen fahrzeug
defekt kaputt beschädigt
gültig gelten gilt laufzeit
rückgabe zurückgeben
frist dauer
""",
    "es": """
bloquear suspender
cancelar anular
precio coste tarifa
vale cuesta precio coste
factura recibo
tienda oficina sucursal
abrir abierto horario abren
perder perdido pierde extraviar
devolver devolución
cambiar modificar
borrar eliminar
carné tarjeta
multa sanción penalización
gratis gratuito gratuita
ordenador computadora
plazo duración
tarde retraso
""",
    "hi": """
कीमत दाम शुल्क खर्च मूल्य
बंद ब्लॉक लॉक
चालू शुरू सक्रिय
खोना गुम चोरी
दस्तावेज़ कागज़ात दस्तावेज कागज
बदलना परिवर्तन
न्यूनतम कम सबसे
अधिकतम ज़्यादा
ऋण लोन कर्ज़
किस्त ईएमआई
ज़मीन भूमि
समय अवधि
""",
}


def _read(lines: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in lines.strip().splitlines():
        told = list(dict.fromkeys(map(fold, line.split())))
        for word in told:
            found.setdefault(word, {}).update(dict.fromkeys(one for one in told if one != word))
    return {word: tuple(others) for word, others in found.items()}


_KNOWN: dict[str, Mapping[str, tuple[str, ...]]] = {}


def synonyms(word: str, stemmed: str, language: str) -> Sequence[str]:
    """Folded words that may stand for a folded word, found by itself or by its stem; often none."""
    lines = _LINES.get(language)
    if lines is None:
        return ()
    known = _KNOWN.get(language)
    if known is None:
        from .terms import stem

        plain = _read(lines)
        merged: dict[str, dict[str, None]] = {}
        for one, others in plain.items():
            for key in (one, stem(one, language)):
                merged.setdefault(key, {}).update(dict.fromkeys(others))
        known = _KNOWN[language] = {one: tuple(others) for one, others in merged.items()}
    return known.get(word) or known.get(stemmed, ())
