"""Units and amounts: the words and signs behind a number, in the languages that are checked, as one canonical name.

`UNITS` maps a casefolded word or sign to (unit, factor): an hour is ("s", 3600), so "60 minutes" is "1 hour".
"""

from __future__ import annotations

from collections.abc import Mapping

_TABLE = """
percent 1: % ٪ percent percentage pct pourcent prozent प्रतिशत फीसदी फ़ीसदी परसेंट சதவீதம் சதவிகிதம்
eur 1: € euro euros eur यूरो யூரோ
usd 1: $ dollar dollars usd us$ डॉलर டாலர்
inr 1: ₹ rs inr rupee rupees roupie roupies रु रुपये रुपए रुपया रूपये रुपयों रुपयो ரூபாய் ரூ
gbp 1: £ pound pounds gbp livre livres पाउंड
jpy 1: ¥ yen jpy येन
chf 1: chf franc francs फ्रैंक
cent 1: cent cents centime centimes paise paisa पैसे
idr 1: rp idr rupiah
s 1: second seconds sec secs seconde secondes sekunde sekunden सेकंड सेकेंड விநாடி வினாடி
s 60: minute minutes min mins minuten मिनट मिनटों நிமிடம் நிமிடங்கள் நிமிடத்திற்கு
s 3600: hour hours hr hrs h heure heures stunde stunden घंटा घंटे घंटों घण्टे மணி
s 86400: day days daily jour jours journée journées tag tage tagen täglich दिन दिनों दिवस நாள் நாட்கள் quotidien quotidienne
night 1: night nights nuit nuits nacht nächte रात रातों
s 604800: week weeks weekly semaine semaines hebdomadaire woche wochen हफ्ते हफ़्ते हफ्ता सप्ताह வாரம்
month 1: month months monthly mois mensuel mensuelle mensuels monat monate monaten monatlich महीना महीने महीनों माह मासिक மாதம் மாதத்திற்கு
month 3: quarter quarters quarterly trimestre trimestres
month 12: year years yearly annual annually an ans année années annuel annuelle jahr jahre jahren jährlich साल वर्ष वर्षों वार्षिक सालाना ஆண்டு
month 120: decade decades décennie décennies दशक दशकों
month 1200: century centuries siècle siècles सदी शताब्दी
byte 0.001: kb ko kilobyte kilobytes केबी
byte 1: mb mo megabyte megabytes mégaoctet mégaoctets एमबी
byte 1000: gb go gigabyte gigabytes gigaoctet gigaoctets जीबी ஜிபி
byte 1000000: tb to terabyte terabytes téraoctet téraoctets टीबी
bps 1: mbps mbit/s mbit mb/s एमबीपीएस
bps 1000: gbps gbit/s gbit gb/s जीबीपीएस
m 0.001: mm millimetre millimetres millimeter millimeters millimètre millimètres मिलीमीटर
m 0.01: cm centimetre centimetres centimeter centimeters centimètre centimètres सेंटीमीटर सेमी
m 1: m metre metres meter meters mètre mètres मीटर
m 1000: km kms kilometre kilometres kilometer kilometers kilomètre kilomètres किलोमीटर किमी
mile 1: mile miles mi mille-marin मील
foot 1: foot feet ft pied pieds फुट फीट
inch 1: inch inches pouce pouces इंच
g 0.001: mg milligram milligrams milligramme milligrammes मिलीग्राम
g 1: g gram grams gramme grammes ग्राम
g 1000: kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes किलोग्राम किलो
g 1000000: tonne tonnes टन
lb 1: lb lbs
litre 0.001: ml millilitre millilitres milliliter milliliters मिलीलीटर
litre 1: l litre litres liter liters लीटर
degree 1: ° degree degrees degré degrés डिग्री
celsius 1: °c celsius सेल्सियस
fahrenheit 1: °f fahrenheit फारेनहाइट
kwh 1: kwh
w 1: w watt watts वाट
w 1000: kw kilowatt kilowatts किलोवाट
w 1000000: mw megawatt megawatts मेगावाट
sqkm 1: km² sqkm
"""

_MULTIPLIERS = """
100: hundred hundreds cent-mille सौ hundert
1000: thousand thousands k mille millier milliers हज़ार हजार tausend ஆயிரம்
100000: lakh lakhs lac lacs लाख லட்சம்
1000000: million millions mn mio मिलियन millionen
10000000: crore crores cr करोड़ करोड கோடி
1000000000: billion billions bn milliard milliards mrd अरब milliarden
1000000000000: trillion trillions खरब
"""


def _units() -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for line in _TABLE.strip().splitlines():
        head, words = line.split(": ", 1)
        unit, factor = head.split()
        found |= dict.fromkeys(words.casefold().split(), (unit, float(factor)))
    return found


def _multipliers() -> dict[str, float]:
    found: dict[str, float] = {}
    for line in _MULTIPLIERS.strip().splitlines():
        factor, words = line.split(": ", 1)
        found |= dict.fromkeys(words.casefold().split(), float(factor))
    return found


UNITS: Mapping[str, tuple[str, float]] = _units()
MULTIPLIERS: Mapping[str, float] = _multipliers()
MONEY = frozenset({"eur", "usd", "inr", "gbp", "jpy", "chf", "idr", "cent"})
# Letters and words that are units only when they are written just so ("5 Go" is data, "5 go" is not).
AMBIGUOUS: Mapping[str, frozenset[str]] = {
    word: frozenset(written.split())
    for word, written in {
        "m": "m", "g": "g", "l": "l L", "h": "h", "w": "W", "to": "To", "go": "Go", "mo": "Mo", "ko": "Ko", "an": "an",
        "mi": "mi", "second": "", "seconde": "", "livre": "", "tag": "Tag", "quarter": "", "cent": "",
        "sec": "sec", "min": "min", "l.": "", "pound": "pound",
    }.items()
}  # fmt: skip
