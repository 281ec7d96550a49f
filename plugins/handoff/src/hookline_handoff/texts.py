"""What the customer is told: the tenant's own words (`[texts.LANGUAGE]`), else these.

handoff_queued     a person will come; {position} in the queue
handoff_next       the same for the first in the queue
handoff_waiting    the bot does not know, and a person is on the way anyway
handoff_closed     nobody works now; {when} they do
handoff_nobody     nobody came; {when} they will call back at the latest
handoff_claimed    {agent} is here
handoff_transferred  somebody else takes over
handoff_returned   the bot is back
handoff_resolved   it is done
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hookline.tenant import Tenant

_TEXTS = {
    "en": {
        "handoff_queued": "I'm getting a colleague for you. You are number {position} in the queue.",
        "handoff_next": "I'm getting a colleague for you. You are next.",
        "handoff_waiting": "I don't know that, but a colleague is on the way to you.",
        "handoff_closed": "Nobody is here at the moment. A colleague will get back to you {when}.",
        "handoff_nobody": "I'm sorry, all colleagues are busy. Somebody will get back to you by {when}. "
        "Until then I'm happy to help.",
        "handoff_claimed": "{agent} has joined the conversation.",
        "handoff_transferred": "One moment please, a colleague is taking over.",
        "handoff_returned": "I'm back. What else can I do for you?",
        "handoff_resolved": "Thank you for talking to us. If you need anything else, just write.",
    },
    "hi": {
        "handoff_queued": "मैं आपके लिए एक सहकर्मी को बुला रहा हूँ। कतार में आपका स्थान {position} है।",
        "handoff_next": "मैं आपके लिए एक सहकर्मी को बुला रहा हूँ। अगली बारी आपकी है।",
        "handoff_waiting": "मुझे यह नहीं पता, लेकिन एक सहकर्मी आपके पास आ रहे हैं।",
        "handoff_closed": "इस समय कोई उपलब्ध नहीं है। एक सहकर्मी {when} आपसे संपर्क करेंगे।",
        "handoff_nobody": "क्षमा करें, सभी सहकर्मी व्यस्त हैं। {when} तक कोई आपसे संपर्क करेगा। तब तक मैं आपकी मदद कर सकता हूँ।",
        "handoff_claimed": "{agent} बातचीत में शामिल हो गए हैं।",
        "handoff_transferred": "कृपया एक क्षण रुकें, एक दूसरे सहकर्मी आपकी मदद करेंगे।",
        "handoff_returned": "मैं वापस आ गया हूँ। मैं आपकी और क्या मदद कर सकता हूँ?",
        "handoff_resolved": "हमसे बात करने के लिए धन्यवाद। कुछ और चाहिए तो बस लिखें।",
    },
    "fr": {
        "handoff_queued": "Je fais venir un collègue. Vous êtes en position {position} dans la file d'attente.",
        "handoff_next": "Je fais venir un collègue. C'est bientôt à vous.",
        "handoff_waiting": "Je ne sais pas, mais un collègue arrive pour vous aider.",
        "handoff_closed": "Personne n'est disponible pour le moment. Un collègue vous recontactera {when}.",
        "handoff_nobody": "Désolé, tous nos collègues sont occupés. Quelqu'un vous recontactera d'ici {when}. "
        "En attendant, je reste à votre disposition.",
        "handoff_claimed": "{agent} a rejoint la conversation.",
        "handoff_transferred": "Un instant s'il vous plaît, un collègue prend le relais.",
        "handoff_returned": "Je suis de retour. Que puis-je faire d'autre pour vous ?",
        "handoff_resolved": "Merci de nous avoir contactés. Si vous avez besoin d'autre chose, écrivez-nous.",
    },
    "ta": {
        "handoff_queued": "உங்களுக்காக ஒரு சக ஊழியரை அழைக்கிறேன். வரிசையில் உங்கள் இடம் {position}.",
        "handoff_next": "உங்களுக்காக ஒரு சக ஊழியரை அழைக்கிறேன். அடுத்தது நீங்கள்தான்.",
        "handoff_waiting": "எனக்கு அது தெரியாது, ஆனால் ஒரு சக ஊழியர் உங்களிடம் வருகிறார்.",
        "handoff_closed": "இப்போது யாரும் இல்லை. ஒரு சக ஊழியர் {when} உங்களைத் தொடர்புகொள்வார்.",
        "handoff_nobody": "மன்னிக்கவும், அனைவரும் பணியில் உள்ளனர். {when}-க்குள் ஒருவர் உங்களைத் தொடர்புகொள்வார். அதுவரை நான் உதவுகிறேன்.",
        "handoff_claimed": "{agent} உரையாடலில் இணைந்துள்ளார்.",
        "handoff_transferred": "ஒரு நிமிடம், மற்றொரு சக ஊழியர் உங்களுக்கு உதவுவார்.",
        "handoff_returned": "நான் மீண்டும் வந்துவிட்டேன். வேறு என்ன உதவி வேண்டும்?",
        "handoff_resolved": "எங்களிடம் பேசியதற்கு நன்றி. வேறு ஏதேனும் தேவைப்பட்டால் எழுதுங்கள்.",
    },
    "te": {
        "handoff_queued": "మీ కోసం ఒక సహోద్యోగిని పిలుస్తున్నాను. వరుసలో మీ స్థానం {position}.",
        "handoff_next": "మీ కోసం ఒక సహోద్యోగిని పిలుస్తున్నాను. తర్వాత మీరే.",
        "handoff_waiting": "నాకు అది తెలియదు, కానీ ఒక సహోద్యోగి మీ వద్దకు వస్తున్నారు.",
        "handoff_closed": "ప్రస్తుతం ఎవరూ లేరు. ఒక సహోద్యోగి {when} మిమ్మల్ని సంప్రదిస్తారు.",
        "handoff_nobody": "క్షమించండి, అందరూ పనిలో ఉన్నారు. {when} లోపు ఎవరైనా మిమ్మల్ని సంప్రదిస్తారు. అప్పటి వరకు నేను సహాయం చేస్తాను.",
        "handoff_claimed": "{agent} సంభాషణలో చేరారు.",
        "handoff_transferred": "ఒక్క నిమిషం, మరో సహోద్యోగి మీకు సహాయం చేస్తారు.",
        "handoff_returned": "నేను తిరిగి వచ్చాను. ఇంకేం సహాయం కావాలి?",
        "handoff_resolved": "మాతో మాట్లాడినందుకు ధన్యవాదాలు. ఇంకేమైనా కావాలంటే రాయండి.",
    },
    "kn": {
        "handoff_queued": "ನಿಮಗಾಗಿ ಒಬ್ಬ ಸಹೋದ್ಯೋಗಿಯನ್ನು ಕರೆಯುತ್ತಿದ್ದೇನೆ. ಸರದಿಯಲ್ಲಿ ನಿಮ್ಮ ಸ್ಥಾನ {position}.",
        "handoff_next": "ನಿಮಗಾಗಿ ಒಬ್ಬ ಸಹೋದ್ಯೋಗಿಯನ್ನು ಕರೆಯುತ್ತಿದ್ದೇನೆ. ಮುಂದಿನ ಸರದಿ ನಿಮ್ಮದು.",
        "handoff_waiting": "ನನಗೆ ಅದು ತಿಳಿದಿಲ್ಲ, ಆದರೆ ಒಬ್ಬ ಸಹೋದ್ಯೋಗಿ ನಿಮ್ಮ ಬಳಿ ಬರುತ್ತಿದ್ದಾರೆ.",
        "handoff_closed": "ಈಗ ಯಾರೂ ಇಲ್ಲ. ಒಬ್ಬ ಸಹೋದ್ಯೋಗಿ {when} ನಿಮ್ಮನ್ನು ಸಂಪರ್ಕಿಸುತ್ತಾರೆ.",
        "handoff_nobody": "ಕ್ಷಮಿಸಿ, ಎಲ್ಲರೂ ಕೆಲಸದಲ್ಲಿದ್ದಾರೆ. {when} ಒಳಗೆ ಯಾರಾದರೂ ನಿಮ್ಮನ್ನು ಸಂಪರ್ಕಿಸುತ್ತಾರೆ. ಅಲ್ಲಿಯವರೆಗೆ ನಾನು ಸಹಾಯ ಮಾಡುತ್ತೇನೆ.",
        "handoff_claimed": "{agent} ಸಂಭಾಷಣೆಗೆ ಸೇರಿದ್ದಾರೆ.",
        "handoff_transferred": "ಒಂದು ಕ್ಷಣ, ಇನ್ನೊಬ್ಬ ಸಹೋದ್ಯೋಗಿ ನಿಮಗೆ ಸಹಾಯ ಮಾಡುತ್ತಾರೆ.",
        "handoff_returned": "ನಾನು ಮತ್ತೆ ಬಂದಿದ್ದೇನೆ. ಇನ್ನೇನು ಸಹಾಯ ಬೇಕು?",
        "handoff_resolved": "ನಮ್ಮೊಂದಿಗೆ ಮಾತನಾಡಿದ್ದಕ್ಕೆ ಧನ್ಯವಾದಗಳು. ಇನ್ನೇನಾದರೂ ಬೇಕಿದ್ದರೆ ಬರೆಯಿರಿ.",
    },
    "mr": {
        "handoff_queued": "मी तुमच्यासाठी एका सहकाऱ्याला बोलावत आहे. रांगेत तुमचा क्रमांक {position} आहे.",
        "handoff_next": "मी तुमच्यासाठी एका सहकाऱ्याला बोलावत आहे. पुढचा क्रमांक तुमचा आहे.",
        "handoff_waiting": "मला ते माहीत नाही, पण एक सहकारी तुमच्याकडे येत आहेत.",
        "handoff_closed": "सध्या कोणीही उपलब्ध नाही. एक सहकारी {when} तुमच्याशी संपर्क साधतील.",
        "handoff_nobody": "क्षमस्व, सर्व सहकारी व्यस्त आहेत. {when} पर्यंत कोणीतरी तुमच्याशी संपर्क साधेल. तोपर्यंत मी मदत करतो.",
        "handoff_claimed": "{agent} संभाषणात सहभागी झाले आहेत.",
        "handoff_transferred": "कृपया एक क्षण थांबा, दुसरे सहकारी तुम्हाला मदत करतील.",
        "handoff_returned": "मी परत आलो आहे. आणखी काय मदत करू?",
        "handoff_resolved": "आमच्याशी बोलल्याबद्दल धन्यवाद. आणखी काही हवे असल्यास लिहा.",
    },
    "gu": {
        "handoff_queued": "હું તમારા માટે એક સાથીદારને બોલાવું છું. કતારમાં તમારો નંબર {position} છે.",
        "handoff_next": "હું તમારા માટે એક સાથીદારને બોલાવું છું. હવે તમારો વારો છે.",
        "handoff_waiting": "મને તે ખબર નથી, પણ એક સાથીદાર તમારી પાસે આવી રહ્યા છે.",
        "handoff_closed": "અત્યારે કોઈ હાજર નથી. એક સાથીદાર {when} તમારો સંપર્ક કરશે.",
        "handoff_nobody": "માફ કરશો, બધા સાથીદારો વ્યસ્ત છે. {when} સુધીમાં કોઈ તમારો સંપર્ક કરશે. ત્યાં સુધી હું મદદ કરીશ.",
        "handoff_claimed": "{agent} વાતચીતમાં જોડાયા છે.",
        "handoff_transferred": "એક ક્ષણ, બીજા સાથીદાર તમને મદદ કરશે.",
        "handoff_returned": "હું પાછો આવ્યો છું. બીજી શું મદદ કરું?",
        "handoff_resolved": "અમારી સાથે વાત કરવા બદલ આભાર. બીજું કંઈ જોઈએ તો લખો.",
    },
}
KEYS = tuple(_TEXTS["en"])


def text(tenant: Tenant, key: str, language: str, **values: object) -> str:
    """The text in the language, else in the tenant's own, else in English; `values` are put in."""
    settings = tenant.settings
    for tag in (language, language.partition("-")[0], settings.language, "en"):
        found = settings.texts.get(tag, {}).get(key) or _TEXTS.get(tag, {}).get(key)
        if found:
            for name, value in values.items():
                found = found.replace("{" + name + "}", str(value))
            return found
    raise KeyError(f"no text {key!r} in any language")


def moment(at: float, zone: ZoneInfo, language: str) -> str:
    """A time of day with its date, as people write it in the language: "Mon 23 Nov, 09:00"."""
    try:
        locale = Locale.parse(language or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    return format_datetime(dt.datetime.fromtimestamp(at, zone), "EEE d MMM, HH:mm", locale=locale)
