"""Units of measure, of time and of money, by the words that customers use for them."""

from __future__ import annotations

from .tokens import key

TIME = {
    "year": "year years yr yrs an ans annee annees saal sal saalon baras varsh साल सालों वर्ष वर्षों बरस वर्षे वर्षांचे वर्षांची વર્ષ વર્ષના "
    "વરસ ஆண்டு ஆண்டுகள் வருடம் வருடங்கள் வருட ఏళ్లు ఏళ్ళు ఏళ్ల ఏడాది సంవత్సరం సంవత్సరాలు సంవత్సరాల ವರ್ಷ ವರ್ಷಗಳು ವರ್ಷಗಳ",
    "month": "month months mo mois mahina mahine mahino maheene mahinon mahiney महीना महीने महीनों माह महिना महिने महिन्यांचे મહિનો મહિના "
    "માસ மாதம் மாதங்கள் மாத నెల నెలలు నెలల ತಿಂಗಳು ತಿಂಗಳ ತಿಂಗಳುಗಳು mth mths",
    "week": "week weeks wk wks semaine semaines hafta hafte hafton haftay सप्ताह हफ्ता हफ्ते हफ़्ता हफ़्ते हफ्तों आठवडा आठवडे आठवड्यात आठवड्यांनी आठवड्याला हफ़्तों "
    "આઠવડિયા અઠવાડિયું અઠવાડિયા અઠવાડિયે અઠવાડિયામાં அடுத்தவாரம் வாரம் வாரங்கள் వారం వారాలు వారాల ವಾರ ವಾರಗಳು",
    "day": "nights nuits nuit day days jour jours journee din dino dinon दिन दिनों दिवस દિવસ દિવસો நாள் நாட்கள் நாளில் రోజు రోజులు రోజుల ದಿನ ದಿನಗಳು "
    "ದಿನಗಳ",
    "hour": "hour hours hr hrs heure heures ghanta ghante ghanto ghanton घंटा घंटे घंटों घण्टे तास तासांत કલાક கமணிநேரம் மணிநேரம் "
    "గంట గంటలు గంటల ಗಂಟೆ ಗಂಟೆಗಳು",
    "minute": "minute minutes min mins minat minton मिनट मिनटों मिनिट मिनिटे મિનિટ நிமிடம் நிமிடங்கள் నిమిషం నిమిషాలు ನಿಮಿಷ ನಿಮಿಷಗಳು",
    "second": "second seconds sec secs seconde secondes सेकंड सेकेंड सेकण्ड સેકન્ડ நொடி వినాడి క్షణాలు ಸೆಕೆಂಡು",
}
MEASURES = {
    "km": "km kms kilometre kilometres kilometer kilometers kilometre kilometres klm किमी किलोमीटर કિમી கிமீ కిమీ ಕಿಮೀ kilomètres kilomètre",
    "m": "m metre metres meter meters mètre mètres मीटर મીટર மீட்டர்",
    "cm": "cm centimetre centimetres centimeter centimeters centimètre centimètres",
    "mm": "mm millimetre millimetres millimeter millimeters",
    "mile": "mile miles mi milles मील",
    "ft": "ft foot feet pied pieds फीट फुट फ़ीट",
    "in": "inch inches pouce pouces इंच",
    "sqft": "sqft sft फीट² वर्गफुट",
    "sqm": "sqm m² m2 वर्गमीटर",
    "acre": "acre acres एकड़ ekad એકર ఎకరాలు ఎకరం",
    "hectare": "hectare hectares ha हेक्टेयर",
    "gunta": "gunta guntha guntas गुंठे गुंठा",
    "bigha": "bigha beegha बीघा વીઘા",
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes किलो किग्रा કિલો கிலோ కిలో ಕಿಲೋ",
    "g": "g gm gms gram grams gramme grammes ग्राम ગ્રામ கிராம் గ్రాము గ్రాములు ಗ್ರಾಂ",
    "mg": "mg milligram milligrams",
    "t": "ton tons tonne tonnes टन ટન",
    "lb": "lb lbs",
    "oz": "oz ounce ounces आउंस औंस",
    "l": "l litre litres liter liters लीटर લિટર லிட்டர் లీటర్ లీటర్లు ಲೀಟರ್",
    "ml": "ml millilitre millilitres milliliter milliliters",
    "gallon": "gallon gallons",
    "gb": "gb gig gigs go gigabyte gigabytes जीबी",
    "mb": "mb mo megabyte megabytes एमबी",
    "tb": "tb terabyte terabytes",
    "kb": "kb kilobyte kilobytes",
    "mbps": "mbps",
    "gbps": "gbps",
    "kw": "kw kilowatt kilowatts",
    "kwh": "kwh",
    "w": "w watt watts",
    "v": "volt volts",
    "mah": "mah",
    "hz": "hz",
    "cc": "cc सीसी",
    "hp": "hp bhp ps ch chevaux",
    "kmpl": "kmpl",
    "kmph": "kmph kph",
    "mph": "mph",
}
SQUARES = {"sq", "square", "carre", "carres", "वर्ग", "चौरस", "ચોરસ", "சதுர", "చదరపు", "ಚದರ"}
PERCENT = {key(w) for w in "percent percents pourcentage pourcentages percentage pct pourcent pourcents प्रतिशत फीसदी फ़ीसदी टक्के टक्का ટકા சதவீதம் சதவிகிதம் శాతం ಶೇಕಡಾ ಪ್ರತಿಶತ ಶೇ pratishat fisdi feesdi takke taka parsent परसेंट".split()}  # fmt: skip
CURRENCIES = {
    "INR": "rs re inr rupee rupees rupaye rupay rupaya rupiya rupiye rupya rupye roupie roupies ₹ रुपये रुपए रुपया रुपयों रूपये रूपए रु रू "
    "रुपयांचे रुपयांची રૂપિયા રૂપિયો રૂ ரூபாய் ரூ రూపాయలు రూపాయల రూపాయి రూ ರೂಪಾಯಿ ರೂಪಾಯಿಗಳು ರೂ bucks ₨",
    "USD": "$ usd dollar dollars डॉलर ડોલર டாலர் డాలర్లు డాలర్ ಡಾಲರ್ us$ doller",
    "EUR": "€ eur euro euros यूरो",
    "GBP": "£ gbp pound pounds quid sterling livres पाउंड पौंड",
    "XOF": "fcfa cfa xof",
    "XAF": "xaf",
    "CHF": "chf",
    "JPY": "¥ jpy yen yens येन",
    "CNY": "cny yuan rmb युआन",
    "AED": "aed dirham dirhams dhs",
    "MAD": "mad",
    "SAR": "sar riyal riyals",
    "SGD": "sgd",
    "AUD": "aud",
    "CAD": "cad",
    "BDT": "bdt taka ৳",
    "LKR": "lkr",
    "PKR": "pkr",
    "NPR": "npr",
    "NGN": "ngn naira ₦",
    "KES": "kes ksh",
    "IDR": "idr rupiah rp",
    "RUB": "rub rouble roubles ruble rubles ₽",
    "KRW": "krw won ₩",
    "MRU": "mru ouguiya",
    "ILS": "ils shekel shekels ₪",
}
MINOR = {
    "paise": ("INR", 100),
    "paisa": ("INR", 100),
    "पैसे": ("INR", 100),
    "centimes": ("EUR", 100),
    "centime": ("EUR", 100),
    "cents": ("USD", 100),
    "cent": ("USD", 100),
    "सेंट": ("USD", 100),
    "¢": ("USD", 100),
    "pence": ("GBP", 100),
    "penny": ("GBP", 100),
}


for _code in "myr sek nok dkk thb zar brl php hkd nzd mxn qar kwd omr bhd ghs ugx tzs mur mga gnf tnd dzd egp pln czk huf twd vnd uah ars clp".split():
    CURRENCIES[_code.upper()] = _code


def _turn(table: dict[str, str]) -> dict[str, str]:
    return {key(word): unit for unit, words in table.items() for word in words.split()}


TIME_WORDS = _turn(TIME)
MEASURE_WORDS = _turn(MEASURES)
CURRENCY_WORDS = _turn(CURRENCIES)


def time_unit(word: str) -> str | None:
    """The unit of time that a key names."""
    return TIME_WORDS.get(word) or (None if word.isascii() else _ending(TIME_WORDS, word))


def currency(word: str) -> str | None:
    """The currency (ISO 4217) that a key or sign names; "franc" depends on where one is."""
    return CURRENCY_WORDS.get(word) or (None if word.isascii() or len(word) < 4 else _ending(CURRENCY_WORDS, word))


def _ending(table: dict[str, str], word: str) -> str | None:
    """Indic words carry case endings: the longest known beginning decides, where little more comes after it."""
    for length in range(len(word) - 1, max(2, len(word) - 7), -1):
        found = table.get(word[:length])
        if found is not None and length >= 4:
            return found
    return None


_COUNTED = {
    key(w)
    for w in "franc francs log लोग लोक सदस्य bache bachche bacche kids बच्चे बच्चों बच्चा मुले मुलं બાળકો குழந்தைகள் పిల్లలు ಮಕ್ಕಳು enfants".split()
}


def is_unit(word: str) -> bool:
    """Whether a key is a unit of anything: what makes "do" before it a number."""
    return (
        word in TIME_WORDS
        or word in MEASURE_WORDS
        or word in PERCENT
        or word in CLOCK
        or word in _COUNTED
        or currency(word) is not None
        or time_unit(word) is not None
    )


CLOCK = {
    key(w) for w in "baje baj बजे बजकर बजता वाजता वाजले વાગ્યે વાગે மணிக்கு மணி గంటలకు గంటకు ಗಂಟೆಗೆ o'clock oclock".split()
}
