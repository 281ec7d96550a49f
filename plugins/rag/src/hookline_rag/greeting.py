"""Messages that ask nothing: a greeting, thanks, "I need help".  They get a friendly word, not a search.

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
bonjour | bonsoir | salut | coucou | merci | merci beaucoup | merci bien | au revoir | ça va | comment allez vous |
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
مرحبا | السلام عليكم | شكرا | أحتاج مساعدة | привет | здравствуйте | спасибо | мне нужна помощь | 你好 | 谢谢
"""
_FILLER = frozenset(
    """please there everyone all team bot sir madam you dear today so and very much a lot just well
    s il vous plaît svp monsieur madame et bitte und por favor y जी कृपया और सर मैडम தயவுசெய்து please""".split()
)
_MOST_WORDS = 16


def _folded(phrase: str) -> tuple[str, ...]:
    return tuple(words(phrase))


_KNOWN = sorted({_folded(phrase) for phrase in regex.split(r"\|", _PHRASES) if phrase.strip()}, key=len, reverse=True)
_BY_FIRST = {phrase[0]: [one for one in _KNOWN if one[0] == phrase[0]] for phrase in _KNOWN}
_FILLERS = frozenset(word for phrase in _FILLER for word in _folded(phrase))


def is_small_talk(text: str) -> bool:
    """Whether the message is a greeting, thanks or a bare cry for help, and nothing else."""
    left = words(text)
    if not left or len(left) > _MOST_WORDS:
        return False
    found = False
    at = 0
    while at < len(left):
        for phrase in _BY_FIRST.get(left[at], ()):
            if tuple(left[at : at + len(phrase)]) == phrase:
                at += len(phrase)
                found = True
                break
        else:
            if left[at] not in _FILLERS:
                return False
            at += 1
    return found
