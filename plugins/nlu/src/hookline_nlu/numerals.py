"""Words for numbers: English, French, Hindi (also in Latin letters), Marathi, Gujarati, Tamil, Telugu, Kannada.

Written down from the languages' own counting; each table is a plain list from nought on, so that a reader can check it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import attrs
from rapidfuzz.distance import OSA

from .tokens import key

_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_FR = "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
_HI = (
    "शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस "
    "पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस "
    "तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ "
    "साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर "
    "अठहत्तर उन्यासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी नब्बे इक्यानवे बानवे तिरानवे चौरानवे "
    "पंचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे"
).split()
_HI_MORE = {
    "छः": 6, "छे": 6, "छै": 6, "नो": 9, "ग्यारा": 11, "पन्द्रह": 15, "अट्ठारह": 18, "सत्ताइस": 27, "अठाईस": 28, "उन्तीस": 29,
    "इकत्तीस": 31, "चौतीस": 34, "पैतीस": 35, "पैतालीस": 45, "पच्चास": 50, "चव्वन": 54, "पैसठ": 65, "उनासी": 79, "नब्बै": 90,
    "पंचानबे": 95, "पिचहत्तर": 75, "पिचत्तर": 75, "पचत्तर": 75, "पंचाहत्तर": 75, "पंचाऐंशी": 85, "पंचाण्णव": 95, "निन्यानबे": 99, "बानबे": 92, "अठानवे": 98,
}  # fmt: skip
_MR = (
    "शून्य एक दोन तीन चार पाच सहा सात आठ नऊ दहा अकरा बारा तेरा चौदा पंधरा सोळा सतरा अठरा एकोणीस वीस एकवीस बावीस तेवीस चोवीस "
    "पंचवीस सव्वीस सत्तावीस अठ्ठावीस एकोणतीस तीस एकतीस बत्तीस तेहतीस चौतीस पस्तीस छत्तीस सदतीस अडतीस एकोणचाळीस चाळीस एकेचाळीस "
    "बेचाळीस त्रेचाळीस चव्वेचाळीस पंचेचाळीस सेहेचाळीस सत्तेचाळीस अठ्ठेचाळीस एकोणपन्नास पन्नास एक्कावन्न बावन्न त्रेपन्न चौपन्न "
    "पंचावन्न छप्पन्न सत्तावन्न अठ्ठावन्न एकोणसाठ साठ एकसष्ट बासष्ट त्रेसष्ट चौसष्ट पासष्ट सहासष्ट सदुसष्ट अडुसष्ट एकोणसत्तर "
    "सत्तर एक्काहत्तर बाहत्तर त्र्याहत्तर चौऱ्याहत्तर पंच्याहत्तर शहात्तर सत्याहत्तर अठ्ठ्याहत्तर एकोणऐंशी ऐंशी एक्क्याऐंशी "
    "ब्याऐंशी त्र्याऐंशी चौऱ्याऐंशी पंच्याऐंशी शहाऐंशी सत्त्याऐंशी अठ्ठ्याऐंशी एकोणनव्वद नव्वद एक्क्याण्णव ब्याण्णव त्र्याण्णव "
    "चौऱ्याण्णव पंच्याण्णव शहाण्णव सत्त्याण्णव अठ्ठ्याण्णव नव्व्याण्णव"
).split()
_GU = (
    "શૂન્ય એક બે ત્રણ ચાર પાંચ છ સાત આઠ નવ દસ અગિયાર બાર તેર ચૌદ પંદર સોળ સત્તર અઢાર ઓગણીસ વીસ એકવીસ બાવીસ ત્રેવીસ ચોવીસ "
    "પચ્ચીસ છવ્વીસ સત્તાવીસ અઠ્ઠાવીસ ઓગણત્રીસ ત્રીસ એકત્રીસ બત્રીસ તેત્રીસ ચોત્રીસ પાંત્રીસ છત્રીસ સાડત્રીસ આડત્રીસ ઓગણચાલીસ "
    "ચાલીસ એકતાલીસ બેતાલીસ તેતાલીસ ચુંમાલીસ પિસ્તાલીસ છેતાલીસ સુડતાલીસ અડતાલીસ ઓગણપચાસ પચાસ એકાવન બાવન ત્રેપન ચોપન પંચાવન "
    "છપ્પન સત્તાવન અઠ્ઠાવન ઓગણસાઠ સાઠ એકસઠ બાસઠ ત્રેસઠ ચોસઠ પાંસઠ છાસઠ સડસઠ અડસઠ ઓગણોસિત્તેર સિત્તેર ઇકોતેર બોતેર તોતેર "
    "ચુમોતેર પંચોતેર છોતેર સિત્યોતેર ઇઠ્યોતેર ઓગણાએંસી એંસી એક્યાસી બ્યાસી ત્યાસી ચોર્યાસી પંચાસી છ્યાસી સિત્યાસી ઇઠ્યાસી નેવ્યાસી "
    "નેવું એકાણું બાણું ત્રાણું ચોરાણું પંચાણું છન્નું સત્તાણું અઠ્ઠાણું નવ્વાણું"
).split()
_TA = (
    "பூஜ்ஜியம் ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது பத்து பதினொன்று பன்னிரண்டு பதிமூன்று பதினான்கு பதினைந்து "
    "பதினாறு பதினேழு பதினெட்டு பத்தொன்பது"
).split()
_TA_TENS = "இருபது முப்பது நாற்பது ஐம்பது அறுபது எழுபது எண்பது தொண்ணூறு".split()
_TE = (
    "సున్నా ఒకటి రెండు మూడు నాలుగు ఐదు ఆరు ఏడు ఎనిమిది తొమ్మిది పది పదకొండు పన్నెండు పదమూడు పద్నాలుగు పదిహేను పదహారు పదిహేడు పద్దెనిమిది పంతొమ్మిది"
).split()
_TE_TENS = "ఇరవై ముప్పై నలభై యాభై అరవై డెబ్బై ఎనభై తొంభై".split()
_KN = (
    "ಸೊನ್ನೆ ಒಂದು ಎರಡು ಮೂರು ನಾಲ್ಕು ಐದು ಆರು ಏಳು ಎಂಟು ಒಂಬತ್ತು ಹತ್ತು ಹನ್ನೊಂದು ಹನ್ನೆರಡು ಹದಿಮೂರು ಹದಿನಾಲ್ಕು ಹದಿನೈದು ಹದಿನಾರು "
    "ಹದಿನೇಳು ಹದಿನೆಂಟು ಹತ್ತೊಂಬತ್ತು"
).split()
_KN_TENS = "ಇಪ್ಪತ್ತು ಮೂವತ್ತು ನಲವತ್ತು ಐವತ್ತು ಅರವತ್ತು ಎಪ್ಪತ್ತು ಎಂಬತ್ತು ತೊಂಬತ್ತು".split()
_DRAVIDIAN_MORE = {
    "ஒரு": 1, "நாலு": 4, "அஞ்சு": 5, "ரெண்டு": 2, "மூணு": 3, "பதினஞ்சு": 15, "இருபத்தைந்து": 25, "முப்பத்தைந்து": 35,
    "நாற்பத்தைந்து": 45, "ஐம்பத்தைந்து": 55, "அறுபத்தைந்து": 65, "எழுபத்தைந்து": 75, "இருபத்தி": 20, "முப்பத்தி": 30,
    "நாற்பத்தி": 40, "ஐம்பத்தி": 50, "அறுபத்தி": 60, "எழுபத்தி": 70, "எண்பத்தி": 80,
    "ఒక": 1, "అయిదు": 5, "పదునాలుగు": 14, "పదునాలుగవ": 14, "ఇరవైఐదు": 25, "ఇరవయ్యైదు": 25, "ముప్పైఐదు": 35, "యాభైఐదు": 55,
    "ಎಂಭತ್ತು": 80, "ಎಂಬತ್": 80, "ತೊಂಭತ್ತು": 90, "ಎಂಬತ್ತೈದು": 85, "ತೊಂಬತ್ತೈದು": 95, "ఎనభైఐదు": 85, "తొంభైఐదు": 95, "డెబ్భై": 70, "తొంభై": 90,
    "எண்பத்தைந்து": 85, "தொண்ணூற்றைந்து": 95,
    "ನಾಕು": 4, "ಇಪ್ಪತ್ತೈದು": 25, "ಮೂವತ್ತೈದು": 35, "ನಲವತ್ತೈದು": 45, "ಐವತ್ತೈದು": 55, "ಅರವತ್ತೈದು": 65, "ಎಪ್ಪತ್ತೈದು": 75,
    "ಇಪ್ಪತ್ತ": 20, "ಇಪ್ಪತ್ತೊಂದು": 21, "ಇಪ್ಪತ್ತೆರಡು": 22, "ಇಪ್ಪತ್ಮೂರು": 23, "ಇಪ್ಪತ್ನಾಲ್ಕು": 24,
}  # fmt: skip
_AND_A_HALF = {  # written as one word with its scale
    1e7: "కోటిన్నర కోటిన్నరకు కోటిన్నరకి kotinnara", 1e5: "లక్షన్నర లక్షన్నరకు lakshannara",
}  # fmt: skip
_TA_THOUSANDS = {
    "இரண்டாயிரம்": 2, "மூவாயிரம்": 3, "நான்காயிரம்": 4, "ஐந்தாயிரம்": 5, "ஆறாயிரம்": 6, "ஏழாயிரம்": 7, "எட்டாயிரம்": 8, "ஒன்பதாயிரம்": 9,
    "பத்தாயிரம்": 10, "பன்னிரண்டாயிரம்": 12, "பதினைந்தாயிரம்": 15, "இருபதாயிரம்": 20, "இருபத்தைந்தாயிரம்": 25, "முப்பதாயிரம்": 30,
    "முப்பத்தைந்தாயிரம்": 35, "நாற்பதாயிரம்": 40, "நாற்பத்தைந்தாயிரம்": 45, "ஐம்பதாயிரம்": 50, "அறுபதாயிரம்": 60, "எழுபதாயிரம்": 70,
    "எழுபத்தைந்தாயிரம்": 75, "எண்பதாயிரம்": 80, "தொண்ணூறாயிரம்": 90,
}  # fmt: skip
_LATIN_HI = {
    0: "shunya", 1: "ek", 2: "do", 3: "teen tin", 4: "char chaar", 5: "panch paanch paach pach", 6: "chhe che chah chhah cheh",
    7: "saat sat", 8: "aath ath", 9: "nau", 10: "das dus", 11: "gyarah gyara", 12: "barah bara baarah", 13: "terah tera",
    14: "chaudah chauda", 15: "pandrah pandra pandhra", 16: "solah sola", 17: "satrah satra", 18: "atharah athara",
    19: "unnis unis", 20: "bees bis", 21: "ikkis", 22: "bais baees", 23: "teis teyis", 24: "chaubis chaubees",
    25: "pachis pachees pacchis pachchis pacchees", 26: "chabbis", 27: "sattais", 28: "atthais athais", 29: "untis unatis",
    30: "tees tis", 31: "ikattis", 32: "battis", 33: "taintis", 34: "chautis", 35: "paintis paintees", 36: "chattis",
    37: "saintis", 38: "artis adtis", 39: "untalis", 40: "chalis chaalis chalees", 42: "bayalis", 45: "paintalis",
    48: "adtalis", 50: "pachas pachaas pachhas panchas", 51: "ikyavan", 52: "bavan", 55: "pachpan", 56: "chappan", 60: "saath saathh",
    65: "painsath", 70: "sattar", 72: "bahattar", 75: "pachattar pachhattar pichhattar pichattar pachahattar pichahattar panchattar", 80: "assi", 85: "pachasi",
    90: "nabbe", 95: "pachanve pachanave", 99: "ninyanve",
}  # fmt: skip


_LATIN_MORE = {  # Tamil, Telugu, Kannada, Marathi and Gujarati as they are typed in Latin letters
    1: "oru onnu onru oka okati ondu", 2: "rendu irandu eradu don", 3: "moonu munu moondru moodu mooru tran", 4: "naalu nalu naangu nalugu naalugu nalku naalku",
    5: "anju ainthu ayidu aidu paach", 6: "aaru saha", 7: "ezhu yelu eedu elu", 8: "ettu enimidi entu", 9: "ombathu onbathu tommidi thommidi ombattu nau",
    10: "pathu patthu padi hattu daha", 12: "pannendu hanneradu", 15: "pathinanju padihenu hadinaidu pandhara", 20: "irupathu iruvathu iravai ippattu vees",
    25: "irupathanju iravaiaidu ippattaidu panchvis", 30: "muppathu muppadhu muppai moovattu muvattu", 35: "muppathanju",
    40: "narpathu naapathu nalabhai nalabai nalavattu nalvattu", 50: "aimbathu ambathu aimpathu yabhai yabai aivattu pannas", 60: "arupathu aruvathu aravai aravattu",
    70: "ezhupathu elupathu debbai eppattu", 80: "enbathu embathu enabhai enabai embattu", 90: "thonnooru tonnooru tombhai tombai tombattu",
}  # fmt: skip


@attrs.frozen
class Word:
    """What a word does in a number.

    `role`: unit (1-99), hundred, scale (from a thousand on), fraction (dhai: 2.5 by itself), plus (sadhe: half more
    than what follows), article (a, un: one before a scale), half, about (dizaine: ten or so, "de" follows).  `weak`: it may well be another word, so it counts
    only before a scale or a unit of measure.  `indian`: it is a way of counting money in India.
    """

    role: str
    value: float
    weak: bool = False
    indian: bool = False
    alone: bool = True


SCALES = {
    1e2: "hundred hundreds cent cents sau सौ शंभर शे સો நூறு நூற்றி వంద వందల ನೂರು ನೂರ",
    1e3: "thousand thousands grand mille milles millier milliers hazar hazaar hajar hajaar hazzar हजार हज़ार हजारांचे हजारांची હજાર ஆயிரம் ஆயிரத்து "
    "ஆயிரத்தி వెయ్యి వేలు వేల వేయి ಸಾವಿರ ಸಾವಿರದ tausend hzr",
    1e5: "lakh lakhs lpa lkh lkhs lac lacs lacks laakh laakhs lakhon laks lks lahk lahks laksh laksha latcham latchams lacham laksham lakshalu lakshala लाख लाखों लाखांचे लाखांची लाखांपर्यंत लाखाचे લાખ લાખનું லட்சம் லட்ச லட்சத்தில் இலட்சம் "
    "లక్ష లక్షలు లక్షల ಲಕ್ಷ ಲಕ್ಷದ ಲಕ್ಷಗಳು",
    1e6: "million millions mil mn mln mio मिलियन મિલિયન",
    1e7: "crore crores karod karor caror karore cr crs cror crors crroe corore croer croers crorer kror krore koti kotlu kotla kodi करोड़ करोड़ों कोटी કરોડ கோடி కోటి కోట్లు కోట్ల ಕೋಟಿ",
    1e9: "billion billions bln milliard milliards bn arab अरब बिलियन",
    1e12: "trillion trillions",
}
STEMS = {  # what a case ending may follow
    "लाख": 1e5, "कोटी": 1e7, "हजार": 1e3, "करोड": 1e7, "લાખ": 1e5, "કરોડ": 1e7, "હજાર": 1e3, "லட்ச": 1e5, "இலட்ச": 1e5,
    "கோடி": 1e7, "ஆயிர": 1e3, "లక్ష": 1e5, "కోట్": 1e7, "కోటి": 1e7, "వేల": 1e3, "ಲಕ್ಷ": 1e5, "ಕೋಟಿ": 1e7, "ಸಾವಿರ": 1e3,
}  # fmt: skip
_JOINED = ("्", "્", "்", "్", "್")  # the stem's last letter goes on: Lakshmi is no lakh
_INDIAN = {1e5, 1e7}
_FRACTIONS = {
    0.25: "கால் పావు ಕಾಲು",
    0.75: "pauna pona पौन पाउण पाऊण પોણો முக்கால் ముప్పావు ಮುಕ್ಕಾಲು mukkal mukkaal",
    1.25: "ஒன்றேகால் ஒன்னேகால் ஒண்ணேகால் ఒకటింపావు ಒಂದೂಕಾಲು",
    1.5: "dedh derh ded deedh deed daidh dodh डेढ़ डेढ दीड દોઢ ஒன்றரை ஒண்ணரை ஒன்னரை ఒకటిన్నర ಒಂದೂವರೆ onnara onnarai okatinnara ondoovare onduvare",
    1.75: "ஒன்றேமுக்கால் ఒకటిముప్పావు ಒಂದೂಮುಕ್ಕಾಲು",
    2.25: "இரண்டேகால் ரெண்டேகால் రెండుంపావు ಎರಡೂಕಾಲು",
    2.5: "dhai adhai dhaai adich adhi ढाई अढ़ाई अडीच અઢી இரண்டரை ரெண்டரை రెండున్నర ಎರಡೂವರೆ rendara rendarai rendunnara eraduvare eradoovare",
    3.5: "மூன்றரை மூணரை మూడున్నర ಮೂರೂವರೆ moonara moodunnara mooruvare",
    4.5: "நாலரை நான்கரை నాలుగున్నర ನಾಲ್ಕೂವರೆ",
    5.5: "ஐந்தரை அஞ்சரை ఐదున్నర ಐದೂವರೆ",
    6.5: "ஆறரை ఆరున్నర ಆರೂವರೆ",
    7.5: "ஏழரை ఏడున్నర ಏಳೂವರೆ",
    8.5: "எட்டரை ఎనిమిదిన్నర ಎಂಟೂವರೆ",
    9.5: "ஒன்பதரை తొమ్మిదిన్నర ಒಂಬತ್ತೂವರೆ",
    10.5: "பத்தரை పదిన్నర ಹತ್ತೂವರೆ",
}
_PLUS = {
    0.5: "sadhe saadhe sarhe saarhe sade saade sadhey sada साढ़े साढे साडे સાડા",
    0.25: "sawa sava savva sawaa savaa swaa सवा सव्वा સવા",
    -0.25: "paune paun paunay pone पौने पाऊणे पावणे पाउणे પોણા",
}
_ABOUT = {
    10: "dizaine dizaines", 12: "douzaine douzaines", 15: "quinzaine", 20: "vingtaine", 30: "trentaine",
    40: "quarantaine", 50: "cinquantaine", 60: "soixantaine", 100: "centaine centaines",
}  # fmt: skip
_MISTYPED = ("million", "millions", "milliard", "milliards", "thousand", "hundred", "quarante", "cinquante", "soixante")
"""Words that a slip or two do not turn into another word."""
_HALF = "half demi aadha adha आधा अर्धा અડધો અડધા அரை అర ಅರ್ಧ"


def _words() -> Iterator[tuple[str, Word]]:
    for value, word in enumerate(_EN):
        yield word, Word("unit", value)
    for value, word in zip(
        range(20, 100, 10), "twenty thirty forty fifty sixty seventy eighty ninety".split(), strict=True
    ):
        yield word, Word("unit", value)
    yield "fourty", Word("unit", 40)
    yield "dozen", Word("scale", 12, alone=False)
    for value, word in enumerate(_FR):
        yield word, Word("unit", value, weak=word in {"un", "neuf"})
    for value, word in zip((20, 30, 40, 50, 60, 70, 80, 90), "vingt trente quarante cinquante soixante septante huitante nonante".split(), strict=True):  # fmt: skip
        yield word, Word("unit", value)
    yield "vingts", Word("unit", 20)
    for word, value in (("quatres", 4), ("cinqs", 5), ("huits", 8)):
        yield word, Word("unit", value)
    for about, names in _ABOUT.items():
        for word in names.split():
            yield word, Word("about", about)
    yield "une", Word("unit", 1, weak=True)
    for numbers in (_HI, _MR, _GU):
        assert len(numbers) == 100, len(numbers)
        for value, word in enumerate(numbers):
            yield word, Word("unit", value, weak=word in {"तेरा", "दो", "बे"})
    for word, value in {**_HI_MORE, **_DRAVIDIAN_MORE}.items():
        yield word, Word("unit", value, weak=word in {"ஒரு", "ఒక", "नो"})
    for word, value in _TA_THOUSANDS.items():
        yield word, Word("unit", value * 1000)
    for numbers, tens in ((_TA, _TA_TENS), (_TE, _TE_TENS), (_KN, _KN_TENS)):
        for value, word in enumerate(numbers):
            yield word, Word("unit", value)
        for value, word in zip(range(20, 100, 10), tens, strict=True):
            yield word, Word("unit", value)
    for value, spellings in _LATIN_HI.items():
        for word in spellings.split():
            yield word, Word("unit", value, weak=True)
    for value, spellings in _LATIN_MORE.items():
        for word in spellings.split():
            yield word, Word("unit", value, weak=True)
    for size, words in SCALES.items():
        for word in words.split():
            role = "hundred" if size == 1e2 else "scale"
            weak = word in {"cent", "cents", "sau", "arab", "grand", "cr", "mn", "bn", "mil", "lpa", "kodi", "lacham"}
            yield word, Word(role, size, weak=weak, indian=size in _INDIAN, alone=word in {"mille", "cent", "हजार", "सौ", "லட்சம்", "ஆயிரம்", "వెయ్యి", "లక్ష", "ಸಾವಿರ", "નૂરુ"})  # fmt: skip
    for size, words in _AND_A_HALF.items():
        for word in words.split():
            yield word, Word("scale", size * 1.5, indian=True)
    for table, role in ((_FRACTIONS, "fraction"), (_PLUS, "plus")):
        for amount, words in table.items():
            for word in words.split():
                yield word, Word(role, amount, weak=True)
    for more, half in (("साडे", 0.5), ("સાડા", 0.5), ("सव्वा", 0.25), ("पावणे", -0.25)):
        for value, word in enumerate((_GU if more == "સાડા" else _MR)[:13]):
            yield more + word, Word("fraction", value + half, weak=True)  # written as one: "साडेतीन"
    for word in _HALF.split():
        yield word, Word("half", 0.5, weak=True)
    for word in ("a", "an"):
        yield word, Word("article", 1, weak=True)


ABOUT = {key(word) for names in _ABOUT.values() for word in names.split()}
WORDS: dict[str, Word] = {}
for _word, _meaning in _words():
    WORDS.setdefault(key(_word), _meaning)


def look_up(word: str) -> Word | None:
    """What the word (a token's key) does in a number; a scale may carry a case ending in Indic scripts."""
    found = WORDS.get(word)
    if found is None and word.isascii() and len(word) > 5:
        return _mistyped(word)
    if found is not None or word.isascii() or len(word) < 4:
        return found
    for stem, size in STEMS.items():
        if word.startswith(stem) and len(word) <= len(stem) + 9 and word[len(stem) : len(stem) + 1] not in _JOINED:
            return Word("scale", size, indian=size in _INDIAN, alone=False)
    return None


@functools.lru_cache(maxsize=4096)
def _mistyped(word: str) -> Word | None:
    """The number word that this one is but for a slip, two in a long one: "milions", "cinquente"."""
    slips = 1 if len(word) < 8 else 2
    near = (one for one in _MISTYPED if one[0] == word[0] and OSA.distance(one, word, score_cutoff=slips) <= slips)
    found = next(near, None)
    return WORDS[found] if found is not None else None
