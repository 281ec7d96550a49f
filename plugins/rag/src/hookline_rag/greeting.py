"""Messages that ask nothing: a greeting, thanks, a farewell, "I need help", a bare yes or no.  They get a friendly word, not a search.

Only a message that is nothing else counts: what is left after these words are taken out must be empty.
"""

from __future__ import annotations

import regex

from .terms import words

# Phrases are matched whole, longest first; single words are filler that may stand around them.
_PHRASES = """
hello | hi | hey | hey there | hi there | hello there | good morning | good afternoon | good evening | good day |
greetings | howdy | how are you | nice to meet you | thanks | thank you | thank you very much | thanks a lot | many thanks |
cheers | bye | goodbye | see you | ok | okay | great | perfect |
i need help | i need some help | i need your help | can you help me | could you help me | please help me | help me | help |
i have a question | i have a problem | i need help with my account | i need help with something | i want help |
i need assistance | i need support | can i ask you something | is anyone there | anybody there |
bonjour | bonsoir | salut | coucou | bjr | bsr | merci | merci beaucoup | merci bien | au revoir | ça va | comment allez vous |
j ai besoin d aide | j ai une question | j ai un problème | pouvez vous m aider | aidez moi | besoin d aide |
hallo | guten tag | guten morgen | guten abend | danke | vielen dank | ich brauche hilfe | ich habe eine frage |
können sie mir helfen | tschüss |
hola | buenos días | buenas tardes | buenas noches | gracias | muchas gracias | necesito ayuda | tengo una pregunta |
puede ayudarme | adiós |
ciao | buongiorno | buonasera | grazie | ho bisogno di aiuto | olá | bom dia | boa tarde | boa noite | obrigado | obrigada |
preciso de ajuda |
नमस्ते | नमस्कार | हैलो | हेलो | सुप्रभात | धन्यवाद | शुक्रिया | बहुत धन्यवाद | बहुत बहुत धन्यवाद | मुझे मदद चाहिए | मेरी मदद करें |
मदद चाहिए | मुझे सहायता चाहिए | मेरा एक सवाल है | मेरा एक प्रश्न है | आप कैसे हैं | कैसे हैं आप | राम राम |
namaste | namaskar | dhanyavaad | shukriya | mujhe madad chahiye |
धन्यवाद | मला मदत हवी आहे | मला मदत पाहिजे | कसे आहात |
வணக்கம் | நன்றி | மிக்க நன்றி | காலை வணக்கம் | மாலை வணக்கம் | எனக்கு உதவி வேண்டும் | எனக்கு உதவி தேவை | உதவி வேண்டும் |
எனக்கு ஒரு கேள்வி உள்ளது | எப்படி இருக்கிறீர்கள் |
నమస్కారం | నమస్తే | ధన్యవాదాలు | నాకు సహాయం కావాలి | ನಮಸ್ಕಾರ | ಧನ್ಯವಾದಗಳು | ನನಗೆ ಸಹಾಯ ಬೇಕು |
નમસ્તે | આભાર | મને મદદ જોઈએ છે |
halo | selamat pagi | selamat siang | selamat malam | terima kasih | saya butuh bantuan |
salam | salam aleykoum | salam alaykoum | salamalekoum | salamaleikum | as salamu alaikum | assalamu alaikum | assalamou aleykoum | nanga def | naka nga def |
مرحبا | السلام عليكم | شكرا | أحتاج مساعدة | привет | здравствуйте | спасибо | мне нужна помощь | 你好 | 谢谢
"""
_THANKS = """
thanks | thank you | thank you very much | thanks a lot | many thanks | cheers | thx | ty | great | perfect | ok | okay | thank u |
thanks for your help | thank you for your help | thanks for the help | that helped | that helps | much appreciated | appreciate it |
merci | merci beaucoup | merci bien | merci pour votre aide | jërëjëf | jerejef | danke | vielen dank | danke schön | danke für ihre hilfe | gracias | muchas gracias |
grazie | grazie mille | obrigado | obrigada | muito obrigado | bedankt | dank je | tack | tak | kiitos | dziękuję | teşekkürler | teşekkür ederim | cảm ơn |
धन्यवाद | शुक्रिया | बहुत धन्यवाद | बहुत बहुत धन्यवाद | dhanyavaad | dhanyavad | dhanyawad | shukriya | bahut dhanyavaad |
நன்றி | மிக்க நன்றி | ధన్యవాదాలు | ಧನ್ಯವಾದಗಳು | આભાર | ধন্যবাদ | നന്ദി | ਧੰਨਵਾਦ | terima kasih | شكرا | شکریہ | ممنون | спасибо | дякую | ευχαριστώ | תודה |
谢谢 | 謝謝 | ありがとう | ありがとうございます | 감사합니다 | ขอบคุณ | ขอบคุณครับ | ขอบคุณค่ะ
"""
_FAREWELLS = """
bye | goodbye | good bye | bye bye | see you | see you later | good night | have a nice day | have a good day | take care |
au revoir | bonne journée | bonne soirée | à bientôt | tschüss | auf wiedersehen | adiós | hasta luego | arrivederci | tchau |
अलविदा | फिर मिलेंगे | alvida | phir milenge | विदा | போய் வருகிறேன் | до свидания | 再见 | さようなら
"""
_ANSWERS = """
yes | yeah | yep | yup | yes please | sure | of course | alright | all right | no | nope | nah | no problem | got it |
oui | oui oui | ouais | non | si | d accord | bien sûr | ça marche | entendu | c est bon | ja | jawohl | nein | in ordnung | einverstanden |
sí | de acuerdo | va bene | certo | não | está bem | nee | nej | joo | kyllä | tak | nie | evet | hayır | tamam |
हाँ | हां | जी | जी हाँ | जी हां | नहीं | जी नहीं | ठीक है | ठीक | अच्छा | बिल्कुल | होय | हो | नाही | बरं | haan | haan ji | ji |
nahi | nahin | theek hai | thik hai | accha | acha | ஆம் | ஆமாம் | இல்லை | சரி | అవును | కాదు | సరే | ಹೌದು | ಇಲ್ಲ | ಸರಿ | હા | ના | બરાબર |
হ্যাঁ | না | ঠিক আছে | അതെ | അല്ല | ശരി | ਹਾਂ | ਨਹੀਂ | ya | iya | tidak | baik | có | không | vâng | да | нет | ні | так | хорошо | ναι | όχι |
نعم | لا | حسنا | ہاں | نہیں | بله | نه | כן | לא | 是 | 是的 | 不 | 不是 | 好 | 好的 | はい | いいえ | 네 | 예 | 아니요 | ใช่ | ไม่ใช่
"""
_FILLER = frozenset(
    """please there everyone all team bot sir madam you dear today so and very much a lot just well
    s il vous plaît svp monsieur madame et bitte und por favor y जी कृपया और सर मैडम தயவுசெய்து please""".split()
)
_SCALES = frozenset(
    """k l cr mn bn lakh lakhs lac lacs crore crores thousand million millions billion mille milliard milliards rs inr eur usd fcfa
    xof percent हज़ार हजार लाख करोड़ करोड रुपये कोटी લાખ કરોડ லட்சம் கோடி లక్ష లక్షలు కోటి కోట్లు ಲಕ್ಷ ಕೋಟಿ""".split()
)
_SHORT = 2  # digits of a number that is no code and no telephone's
_SIGNS = str.maketrans({"🙏": " thanks ", "👍": " ok ", "👌": " ok ", "👋": " hello ", "😊": " ", "🙂": " ", "❤": " "})
_MOST_WORDS = 16


def _folded(phrase: str) -> tuple[str, ...]:
    return tuple(words(phrase))


_KNOWN = sorted(
    {_folded(phrase) for told in (_PHRASES, _THANKS, _FAREWELLS, _ANSWERS) for phrase in regex.split(r"\|", told)},
    key=len, reverse=True,
)  # fmt: skip
_BY_FIRST = {phrase[0]: [one for one in _KNOWN if one[0] == phrase[0]] for phrase in _KNOWN}
_KINDS = {
    phrase: kind
    for kind, told in (("thanks", _THANKS), ("goodbye", _FAREWELLS))
    for phrase in map(_folded, regex.split(r"\|", told))
}
_SCALE = frozenset(word for phrase in _SCALES for word in _folded(phrase))
_FILLERS = frozenset(word for phrase in _FILLER for word in _folded(phrase))


def is_small_talk(text: str) -> bool:
    """Whether the message is a greeting, thanks, a bare cry for help or a bare yes or no, and nothing else."""
    return bool(small_talk(text))


def small_talk(text: str) -> str:
    """What a message is that asks nothing: "greeting", "thanks" or "goodbye"; "" where it is more than that.

    The names are those of the texts that answer it.  Who greets and thanks is thanked.  A yes or no that no other plugin
    waits for, a word that is only polite, and signs without any word are met like a greeting: with the question what
    the customer wants.
    """
    left = words(text.translate(_SIGNS))
    if len(left) > _MOST_WORDS or not text.strip():
        return ""
    found: set[str] = set()
    at = 0
    while at < len(left):
        for phrase in _BY_FIRST.get(left[at], ()):
            if tuple(left[at : at + len(phrase)]) == phrase:
                at += len(phrase)
                found.add(_KINDS.get(phrase, "greeting"))
                break
        else:
            if left[at] not in _FILLERS:
                return ""
            at += 1
    return next((kind for kind in ("goodbye", "thanks") if kind in found), "greeting")


def is_figure(text: str) -> bool:
    """Whether the message is a short number or an amount and nothing else: "1", "10 %", "1 crore".

    It asks nothing, and the documents hold such numbers by chance.  A longer one may be a code or a hotline's.
    """
    left = [word for word in words(text) if word not in _SCALE]
    return bool(left) and all(word.isdecimal() and len(word) <= _SHORT for word in left)
