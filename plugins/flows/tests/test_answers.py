"""What counts as a yes and a no: only what says so, in any of the languages; fear, haste, busy-ness and conditions do not."""

from __future__ import annotations

import pytest

from hookline_flows.answers import certain, yes_or_no

YES = {
    "en": [
        "yes", "Yes!!", "yesss", "yep go for it", "sure, call me", "ok please call me", "okay contact me tomorrow morning", "yes you may call me at 5 pm",
        "of course, why not", "I am interested", "I'm very interested", "yes on 9845012345", "alright go ahead", "fine, let him call", "no problem at all",
        "yeah that would be great", "sounds good to me", "absolutely", "yes I agree", "ok do it", "yes my wife told me about you",
    ],
    "fr": ["oui", "oui bien sûr", "d'accord, appelez-moi", "oui vous pouvez m'appeler demain", "ok allez-y", "je suis intéressé", "volontiers merci"],
    "hi": ["हाँ", "जी हाँ बिल्कुल", "हाँ, उनसे कहिए फ़ोन करें", "ठीक है, कॉल कर लीजिए", "ठीक है आप बात करा दीजिए", "हाँ कल सुबह फोन करें", "जी ज़रूर"],
    "hi-Latn": ["haan ji", "haan bhai kar do call", "theek hai call kar lo", "ji bilkul", "haan kal shaam ko phone karna", "thik hai baat kara do", "ha zaroor"],
    "mr": ["हो", "होय नक्की", "ठीक आहे, फोन करा", "हो, उद्या कॉल करा"],
    "gu": ["હા", "હા ચોક્કસ", "ઠીક છે, ફોન કરો", "હા જી, કાલે કૉલ કરજો"],
    "ta": ["ஆம்", "ஆமாம் கண்டிப்பாக", "சரி, அழைக்கலாம்", "ஆமா, நாளை கூப்பிடுங்கள்", "சரி சார்"],
    "te": ["అవును", "అవును తప్పకుండా", "సరే, ఫోన్ చేయండి", "అవునండి రేపు కాల్ చేయండి"],
    "kn": ["ಹೌದು", "ಹೌದು ಖಂಡಿತ", "ಸರಿ, ಕರೆ ಮಾಡಿ", "ಹೌದು ನಾಳೆ ಫೋನ್ ಮಾಡಿ"],
}  # fmt: skip
NO = {
    "en": ["no", "nope", "no no", "No, don't", "not really", "no way", "nah leave it", "please don't call me", "no thank you sir", "never", "i don't want that"],
    "fr": ["non", "non merci", "pas du tout", "non, ne m'appelez pas"],
    "hi": ["नहीं", "जी नहीं", "नहीं, फोन मत करें", "कॉल मत कीजिए", "नहीं चाहिए"],
    "hi-Latn": ["nahi", "nahi bhai", "call mat karo", "nahi chahiye mujhe", "ji nahi phone mat karna"],
    "mr": ["नाही", "नको", "फोन करू नका", "नको, कॉल नको"],
    "gu": ["ના", "ના ફોન ન કરો", "મને નથી જોઈતું"],
    "ta": ["இல்லை", "வேண்டாம்", "கூப்பிட வேண்டாம்", "இல்ல சார்"],
    "te": ["వద్దు", "లేదు", "ఫోన్ చేయవద్దు", "కాదండి"],
    "kn": ["ಬೇಡ", "ಇಲ್ಲ", "ಕರೆ ಮಾಡಬೇಡಿ", "ಕರೆ ಬೇಡ"],
}  # fmt: skip
NEITHER = {
    "en": [
        "I am scared", "I am busy", "I'm driving", "I am worried", "right now I am in a meeting", "I am on a call", "I am at work", "I am not sure", "it is raining",
        "ok let me think", "ok bye", "good morning", "good luck", "ok tomorrow", "continue later", "great, that is nonsense", "yes but not now", "sure, if the rate is good",
        "fine print please", "yes I'm scared", "okay whatever you people always lie", "I have a headache", "I am a widow", "true story", "all my papers are with the bank",
        "I do not understand", "k i will see", "i would rather die", "yes wait", "perfect timing, my kid is crying", "no idea", "no one called me", "right, and who are you",
        "done with your questions", "i did that last year with another lender", "correct me when wrong", "good for nothing bot", "yes maybe", "sure sure later",
    ],
    "fr": ["je suis occupé", "j'ai peur", "je suis au volant", "ok plus tard", "si le taux est bon", "d'accord mais pas maintenant", "bon courage", "parfait imbécile", "je conduis"],
    "hi": ["मैं व्यस्त हूँ", "मुझे डर लग रहा है", "गाड़ी चला रहा हूँ", "जी मैं मीटिंग में हूँ", "हो सकता है", "ठीक है बाद में", "अच्छा नहीं लगा", "हाँ लेकिन कल", "सही आदमी से बात करो", "मुझे समझ नहीं आया", "अगर ब्याज कम हो तो हाँ"],
    "hi-Latn": ["main busy hoon", "mujhe dar lag raha hai", "gaadi chala raha hu", "ho sakta hai", "theek hai baad me", "accha sochta hu", "samajh nahi aaya", "agar rate kam ho to haan", "thik se batao", "haan par abhi nahi", "kar do band ye sab"],
    "mr": ["मी व्यस्त आहे", "मला भीती वाटते", "ठीक आहे नंतर", "हो पण उद्या", "समजले नाही", "मी गाडी चालवत आहे"],
    "gu": ["હું વ્યસ્ત છું", "મને ડર લાગે છે", "ઠીક છે પછી", "હા પણ કાલે", "સમજાયું નહીં", "હું ગાડી ચલાવું છું"],
    "ta": ["நான் பிஸி", "எனக்கு பயமாக இருக்கிறது", "சரி பிறகு", "ஆம் ஆனால் நாளை", "புரியவில்லை", "சரி யோசிக்கிறேன்", "வண்டி ஓட்டுகிறேன்"],
    "te": ["నేను బిజీగా ఉన్నాను", "నాకు భయంగా ఉంది", "సరే తర్వాత", "అవును కానీ రేపు", "అర్థం కాలేదు", "సరే ఆలోచిస్తాను", "డ్రైవింగ్ చేస్తున్నాను"],
    "kn": ["ನಾನು ಬ್ಯುಸಿ", "ನನಗೆ ಭಯ ಆಗುತ್ತಿದೆ", "ಸರಿ ಆಮೇಲೆ", "ಹೌದು ಆದರೆ ನಾಳೆ", "ಅರ್ಥವಾಗಲಿಲ್ಲ", "ಸರಿ ಯೋಚಿಸುತ್ತೇನೆ", "ಗಾಡಿ ಓಡಿಸುತ್ತಿದ್ದೇನೆ"],
}  # fmt: skip


def cases(by_language):
    return [pytest.param(text, id=f"{tag}:{text}") for tag, texts in by_language.items() for text in texts]


@pytest.mark.parametrize("text", cases(YES))
def test_a_yes_is_a_yes_also_with_more_words(text):
    assert yes_or_no(text) is True


@pytest.mark.parametrize("text", cases(NO))
def test_a_no_is_a_no_also_with_more_words(text):
    assert yes_or_no(text) is False


@pytest.mark.parametrize("text", cases(NEITHER))
def test_what_says_neither_is_neither(text):
    assert yes_or_no(text) is None


@pytest.mark.parametrize("text", ["yes", "no", "haan ji", "yes, call me tomorrow", "हाँ, उनसे कहिए फ़ोन करें", "ok", "नहीं"])
def test_a_yes_or_no_that_says_nothing_else_is_certain(text):
    assert certain(text)


@pytest.mark.parametrize(
    "text",
    [
        "yes I heard your rate is too high",
        "no, I am not interested in this",
        "I am interested in the rate",
        "no stop messaging",
    ],
)
def test_one_that_says_more_may_be_about_something_else(text):
    assert not certain(text)
