"""Names of months, weekdays, parts of the day and relative days, in the languages that are read.

Months and weekdays are CLDR's (by babel), with the spellings that customers use besides.
"""

from __future__ import annotations

import functools

from babel import Locale

from .tokens import key

LANGUAGES = ("en", "fr", "hi", "mr", "gu", "ta", "te", "kn")
_MONTHS = {
    1: "janvier janv janwari जनवरी जानेवारी", 2: "fevrier fevr feb farvari फरवरी फ़रवरी", 3: "march mars मार्च", 4: "april avril अप्रैल एप्रिल",
    5: "may mai मई मे", 6: "june juin जून", 7: "july juillet juil जुलाई", 8: "august aout agast अगस्त ऑगस्ट", 9: "sept september septembre sitambar सितंबर सितम्बर सप्टेंबर",
    10: "october octobre aktubar अक्टूबर अक्तूबर", 11: "november novembre navambar नवंबर नवम्बर नोव्हेंबर", 12: "december decembre disambar दिसंबर दिसम्बर डिसेंबर",
}  # fmt: skip
_WEEKDAYS = {
    0: "mon lundi somvar somwar somvaar सोमवार सोमवारी સોમવારે திங்கட்கிழமை திங்கள்கிழமை సోమవారంనాడు సోమవారానికి ಸೋಮವಾರದಂದು ಸೋಮವಾರಕ್ಕೆ", 1: "tue tues mardi mangalvar mangalwar mangalvaar मंगलवार मंगळवार मंगळवारी મંગળવારે செவ்வாய்க்கிழமை మంగళవారంనాడు ಮಂಗಳವಾರದಂದು", 2: "wed mercredi budhvar budhwar budhvaar बुधवार बुधवारी બુધવારે புதன்கிழமை బుధవారంనాడు ಬುಧವಾರದಂದು",
    3: "thu thur thurs jeudi guruvar guruwar brihaspativar guruvaar गुरुवार गुरूवार बृहस्पतिवार गुरुवारी गुरूवारी ગુરુવારે ગુરૂવારે வியாழக்கிழமை గురువారంనాడు ಗುರುವಾರದಂದು", 4: "fri vendredi shukravar shukrawar shukravaar शुक्रवार शुक्रवारी શુક્રવારે வெள்ளிக்கிழமை శుక్రవారంనాడు ಶುಕ್ರವಾರದಂದು",
    5: "sat samedi shanivar shaniwar shanivaar शनिवार शनिवारी શનિવારે சனிக்கிழமை శనివారంనాడు ಶನಿವಾರದಂದು", 6: "sun dimanche ravivar raviwar itvar itwar ravivaar रविवार इतवार रविवारी રવિવારે ஞாயிற்றுக்கிழமை ఆదివారంనాడు ಭಾನುವಾರದಂದು ರವಿವಾರ",
}  # fmt: skip
_DOUBTFUL = {
    "may",
    "mar",
    "mars",
    "march",
    "mon",
    "sun",
    "sat",
    "wed",
    "jan",
    "dec",
    "mai",
    "मे",
    "sept",
    "mer",
    "dim",
    "sam",
    "lun",
    "jeu",
    "ven",
    "apr",
}
RELATIVE = {
    key(word): days
    for days, words in {
        0: "today aujourd'hui aaj आज આજે આજ இன்று இன்னைக்கு ఈరోజు నేడు ಇಂದು ಇವತ್ತು tonight tonite tdy",
        1: "tomorrow tomorow tommorow tommorrow tmrw tmr demain उद्या આવતીકાલે નાળે நாளை రేపు ನಾಳೆ",
        -1: "yesterday hier ગઈકાલે நேற்று నిన్న ನಿನ್ನೆ",
        2: "après-demain surlendemain ఎల్లుండి ನಾಡಿದ್ದು நாளைமறுநாள்",
        -2: "avant-hier మొన్న ಮೊನ್ನೆ",
    }.items()
    for word in words.split()
}
KAL = {key(w) for w in "kal कल કાલે કાલ".split()}  # tomorrow or yesterday
KAL_PAST = {key(w) for w in "काल".split()}  # Marathi: yesterday
PARSO = {key(w) for w in "parso parson parsoon परसों परवा પરમદિવસે".split()}
PAST = {
    key(w)
    for w in (
        "tha thi hua hui kiya gaya gayi gaye aaya aayi mila mili liya diya bheja kari था थी थे हुआ हुई किया गया गई गए आया आई मिला मिली "
        "लिया दिया भेजा किए लिए कटा kata ખરીદ્યું હતું હતો હતી કર્યું गेला होता होती केला"
    ).split()
}
FUTURE = {
    key(w)
    for w in (
        "ga gi ge aunga aungi aaunga karunga karungi hoga hogi milega milegi jaunga chahiye chaiye aana karna karo do dena tak "
        "गा गी गे आऊंगा आऊँगा करूंगा करूँगा होगा होगी मिलेगा मिलेगी चाहिए आना करना करो दो देना तक કરીશ આવીશ જોઈએ"
    ).split()
}
PARTS = {
    key(word): part
    for part, words in {
        "am": "पूर्वाह्न",
        "pm": "अपराह्न",
        "morning": "morning mornings matin matinee subah subha savere सुबह सवेरे सकाळी સવારે காலை ఉదయం పొద్దున ಬೆಳಿಗ್ಗೆ ಬೆಳಗ್ಗೆ",
        "afternoon": "afternoon noontime dopahar dopeher dupahar दोपहर दुपारी બપોરે மதியம் பிற்பகல் మధ్యాహ్నం ಮಧ್ಯಾಹ್ನ après-midi aprem",
        "evening": "evening soir soirée sham shaam shyam शाम संध्याकाळी સાંજે மாலை సాయంత్రం ಸಂಜೆ tonight",
        "night": "night nuit raat rat रात रात्री રાત્રે இரவு రాత్రి ರಾತ್ರಿ",
    }.items()
    for word in words.split()
}
NEXT = {
    key(w)
    for w in (
        "next coming upcoming following prochain prochaine agle agla agli aane aanewale अगले अगला अगली आने पुढच्या पुढील येत्या पुढचा पुढचे આવતા આવતી આગામી "
        "அடுத்த వచ్చే తదుపరి ಮುಂದಿನ"
    ).split()
}
LAST = {
    key(w)
    for w in (
        "last past previous dernier derniere passe passee pichle pichla pichli gaye पिछले पिछला पिछली गत मागच्या मागील ગયા પાછલા கடந்த போன గత "
        "పోయిన ಕಳೆದ ಹಿಂದಿನ"
    ).split()
}
THIS = {key(w) for w in "this ce cet cette is iss इस या આ இந்த ఈ ಈ current".split()}
AGO = {
    key(w)
    for w in "ago before back pehle pahle pehley पहले पूर्व आधी पूर्वी પહેલા પહેલાં முன்பு முன் క్రితం ముందు ಹಿಂದೆ earlier".split()
}
LATER = {
    key(w)
    for w in "later hence baad bad baadme बाद नंतर પછી கழித்து பிறகு తర్వాత తరువాత ನಂತರ mein me में मध्ये માં andar अंदर".split()
}
NOON = {"noon": "12:00", "midday": "12:00", "midi": "12:00", "midnight": "00:00", "minuit": "00:00"}


@functools.cache
def months() -> dict[str, int]:
    """The month (1-12) of each key."""
    return _names("months", _MONTHS, {n: n for n in range(1, 13)})


@functools.cache
def weekdays() -> dict[str, int]:
    """The weekday (0 is Monday) of each key."""
    return _names("days", _WEEKDAYS, {n: n for n in range(7)})


def _names(table: str, more: dict[int, str], numbers: dict[int, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, words in more.items():
        found |= {key(word): number for word in words.split()}
    for language in LANGUAGES:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in getattr(Locale.parse(language), table)[context][width].items():
                    word = key(str(name).rstrip(".").lower())
                    if number in numbers and len(word) >= 2 and (len(word) >= 3 or not word.isascii()):
                        found.setdefault(word, number)
    return found


def doubtful(word: str) -> bool:
    """Whether the name of a month or weekday may well be another word."""
    return word in _DOUBTFUL
