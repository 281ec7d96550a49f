"""What kind of answer a question wants, and whether a passage can give it.

Among passages that may all answer, the one with the amount that was asked for, about what was named, is the better
choice: "What does a call cost in Switzerland?" is answered by the prices of Switzerland, not by those of 0900 numbers,
and "How much is the Gust plan?" by its price, not by who has a share off it.  A passage without any number, where one is
asked for, hardly answers at all (see `confidence`).
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from .terms import words

_AMOUNT = 0.3  # of the confidence, that a passage loses which has no price, or no time, where one is asked for
_NAME = 0.15  # the same, for a name of the question that it does not hold

_ASKS_PRICE = regex.compile(
    r"""(?ix)^(?:is|are|does|do|will|can)\b.*\b(?:free|cost|charged?|included|extra)\b | \b(?: how\s+much\s+(?:is|are|does|do|will|would|for) |
    free\s+(?:hai|hain|hota|hoti|milega|milegi|milta) | muft | prices?|priced | costs? | fees? | charges | charged |
    combien | prix | coûts? | coûte(?:nt)? | quels?\s+(?:est|sont)\s+les?\s+tarifs? | frais | preise? | kostet | kosten | gebühr(?:en)? |
    cuánto | precios? | cuesta[n]? | costo | quanto | prezzo | costa | preço | custa |
    kitn[aei] | kimat | keemat | daam | kharch[a]? )\b |
    कितन[ाेी] | कीमत | क़ीमत | दाम | शुल्क | खर्च | ख़र्च | किंमत | दर(?=\s) | किती |
    எவ்வளவு | விலை | கட்டண | செலவு | ఎంత | ధర | ఖర్చు | ಎಷ್ಟು | ಬೆಲೆ | કેટલ | કિંમત | ભાવ | কত | দাম"""
)
_MONEY = regex.compile(
    r"""(?ix)\p{Sc}\s?\p{Nd} | \p{Nd}\s?\p{Sc} |
    \p{Nd}\s?(?:eur|euros?|usd|dollars?|cents?|gbp|pounds?|pence|inr|rs|rupees?|f?cfa|xof|francs?|chf|rupaye|rupay)\b |
    \b(?:eur|usd|gbp|inr|rs|chf|xof|f?cfa)\.?\s?\p{Nd} | \p{Nd}\s?(?:रु|ரூ|రూ|ರೂ|રૂ|টাকা) |
    \b(?:free|no\s+(?:extra\s+)?(?:cost|charge|fee)|gratuit|gratis|nothing|rien|nichts|nada|niente|sans\s+frais|kostenlos|kostenfrei|muft)\b |
    मुफ़्त | मुफ्त | निःशुल्क | कोई(?:\s+अतिरिक्त)?\s+(?:खर्च|शुल्क) | இலவச | ఉచిత | ಉಚಿತ | મફત | মুফত"""
)
_PRICE = regex.compile(
    r"""(?ix)\b(?: prices?|priced|costs?|fees?|charge[ds]?|prix|coûts?|coûte(?:nt|r)?|tarifs?|frais|payante?s?|preise?|kostet|
    kosten|gebühr(?:en)?|eintritt|precios?|cuesta[n]?|costo|tarifas?|prezz[oi]|costa|preço|custa )\b | कीमत | क़ीमत | दाम | शुल्क | खर्च | ख़र्च"""
)
_ASKS_TIME = regex.compile(
    r"""(?ix)\bhow\s+(?:long|many\s+(?:minutes|hours|days|weeks|months|years))\b(?!\s+(?:is|are)\s+the\b) |
    \bcombien\s+de\s+(?:temps|minutes|heures|jours|semaines|mois)\b | \bwie\s+(?:lange|viele\s+tage)\b |
    \bcuánt[oa]s?\s+(?:tiempo|minutos|horas|días|semanas|meses)\b | \bquanto\s+tempo\b |
    \bkitn[aei]\s+(?:time|samay|din|dino|ghant[ae])\b | कितन[ाेी]\s+(?:समय|दिन|घंट|वक़्त|वक्त) | किती\s+(?:वेळ|दिवस) |
    எவ்வளவு\s+நேர | எத்தனை\s+நாள் | ఎంత\s+సమయ | ఎన్ని\s+రోజు | ಎಷ್ಟು\s+(?:ಸಮಯ|ದಿನ) | કેટલ\p{M}*\s+(?:સમય|દિવસ)"""
)
_TIME = regex.compile(
    r"""(?ix)(?:\p{Nd}|\b(?:an?|one|two|three|four|five|six|seven|ten|twelve|few|same|next|un|une|deux|trois|ein|eine[nr]?|
    zwei|drei|uno|una|dos|tres|एक|दो|तीन|ek|do|teen)\b)[\s-]*(?:(?:working|business|jours?\s+ouvrés?)\s+)?
    (?:seconds?|minutes?|mins?|hours?|days?|weeks?|months?|years?|secondes?|heures?|jours?|semaines?|mois|ans?|années?|
    sekunden?|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|segundos?|minutos?|horas?|días?|semanas?|mes(?:es)?|
    din|ghant[ae]|mahin[ae]|सेकंड|मिनट|घंट\p{M}*|दिन|सप्ताह|हफ़्त\p{M}*|हफ्त\p{M}*|महीन\p{M}*|साल|दिवस|तास|
    நிமிட\p{M}*|மணி\p{M}*|நாள்|நாட்கள்|வார\p{M}*|மாத\p{M}*|నిమిష|గంట|రోజు|ನಿಮಿಷ|ಗಂಟೆ|ದಿನ|મિનિટ|કલાક|દિવસ)"""
)
_ASKS_NUMBER = regex.compile(
    r"""(?ix)\b(?: how\s+(?:many|much|long|old|far|often|tall|big|large|high|fast) | (?:what|which)\s+(?:year|date|percentage|number|amount) |
    combien | quelle\s+(?:année|date) | wie\s*(?:viele?|lange|hoch|alt|weit|oft|groß) | (?:in\s+)?welchem\s+jahr |
    cuánt[oa]s? | qué\s+(?:año|porcentaje) | quant[oiae] | che\s+anno | quant[oa]s? | que\s+ano | hoeveel | hoe\s+lang | hur\s+(?:många|mycket|länge) |
    hvor\s+(?:mange|meget|lenge|længe) | kuinka\s+(?:monta|moni|paljon|kauan) | ile | jak\s+długo | kaç | hangi\s+yıl(?:da)? | ne\s+kadar | câ(?:te|ți|t) | ce\s+an |
    bao\s+(?:nhiêu|lâu) | năm\s+nào | berapa | ngapi | kitn[aei] )\b |
    сколько | скільки | в\s+как(?:ом|ие)\s+год | πόσ[αεοη] | ποι[αό]\s+(?:έτος|χρονιά) | \bكم\b | أي\s+(?:عام|سنة) | في\s+أي\s+عام | \bچند | چه\s+سالی | چقدر | כמה |
    कितन[ाेी] | किस\s+(?:वर्ष|साल) | किती | எத்தனை | எவ்வளவு | ఎన్ని | ఎంత | ಎಷ್ಟು | કેટલ | কত | എത്ര | ਕਿੰਨ |
    กี่ | เท่าไร | เท่าไหร่ | เท่าใด | ปีใด | ปีไหน | 多少 | 几[个年月天次人名] | 幾 | 哪[一]?年 | いくつ | いくら | 何[年人回個歳円] | 몇 | 얼마"""
)
_NUMBER = regex.compile(
    r"""(?ix)\p{N} | [一二三四五六七八九十百千万亿] | \p{Sc} | \b(?: one | two | three | four | five | six | seven | eight | nine | ten | eleven |
    twelve | twenty | thirty | forty | fifty | hundred | thousand | million | half | once | twice | deux | trois | quatre | cinq | six | sept |
    huit | neuf | dix | cent | zwei | drei | vier | fünf | sechs | sieben | acht | neun | zehn | hundert | dos | tres | cuatro | cinco | seis |
    siete | ocho | nueve | diez | cien | due | tre | quattro | cinque | sei | sette | otto | nove | dieci | iki | üç | dört | beş | altı | yedi |
    sekiz | dokuz | yüz | два | две | три | четыре | пять | шесть | семь | восемь | девять | десять | сто | doi | două | trei | patru |
    två | tre | fyra | fem | kaksi | kolme | neljä | viisi | dwa | dwie | trzy | cztery | pięć | hai | ba | bốn | năm | dua | tiga | empat |
    ek | do | teen | δύο | τρεις | τρία | τέσσερ\p{L}+ | πέντε )\b | दो\b | तीन | चार | पाँच | पांच | छह | सात | आठ | नौ | दस | सौ | हज़ार | हजार | लाख |
    اثن[اي]ن | ثلاث | أربع | خمس | ست | سبع | ثمان | تسع | عشر | مئة | ألف | สอง | สาม | สี่ | ห้า | หก | เจ็ด | แปด | เก้า | สิบ | ร้อย | พัน | இரண்டு | மூன்று"""
)
_NAMED = regex.compile(r"(?<=[\p{Ll}\p{Lo},;]\s)\p{Lu}[\p{L}\p{M}\p{N}'’-]+")
_NOUNS_ARE_CAPITAL = frozenset({"de", "lb"})


def number_asked(question: str) -> Sequence[regex.Pattern[str]]:
    """What a passage must have one of that answers the question; nothing where no number is asked for.

    How long: a time; how much, how many, in which year: any number, in digits or words, or that it is free.
    """
    if _ASKS_TIME.search(question):
        return (_TIME,)
    return (_NUMBER, _MONEY, _TIME) if _ASKS_NUMBER.search(question) else ()


def price_asked(question: str) -> bool:
    """Whether a question asks in so many words what something costs."""
    return _PRICE.search(question) is not None and _ASKS_TIME.search(question) is None


def is_priced(text: str) -> bool:
    """Whether a text says what something costs: by an amount of money, or a word for a price ("a fee of 1 %")."""
    return _MONEY.search(text) is not None or _PRICE.search(text) is not None


def names(question: str) -> Sequence[str]:
    """The words of the names in a question, folded: capital letters within a sentence, but for the first word."""
    return [word for name in _NAMED.findall(question) for word in words(name)]


def shortfall(question: str, passage: str, language: str = "") -> float:
    """How much less a passage (with its heading) is worth as the answer for what it lacks, 0..0.45."""
    lost = 0.0
    if _ASKS_TIME.search(question):
        lost = _AMOUNT if not _TIME.search(passage) else 0.0
    elif _ASKS_PRICE.search(question) and not _MONEY.search(passage):
        lost = _AMOUNT
    if language not in _NOUNS_ARE_CAPITAL:
        held = set(words(passage))
        if any(not held.issuperset(words(name)) for name in _NAMED.findall(question)):
            lost += _NAME
    return lost
