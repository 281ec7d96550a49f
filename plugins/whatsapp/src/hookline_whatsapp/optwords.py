"""The words with which a customer opts out and in: a whole message, in any language, however it is written.

What a customer may say to leave a flow ("cancel", "end", "quit") is none of them, although SMS providers take it for one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from .config import OptOut

STOP: Mapping[str, tuple[str, ...]] = {
    "en": ("stop", "stop all", "stopall", "unsubscribe", "opt out", "optout", "stop messages", "stop messaging me",
           "stop sending messages", "no more messages", "do not message me", "don't message me", "remove me"),
    "fr": ("stop", "arrêt", "arrêtez", "désabonner", "se désabonner", "me désabonner", "désinscription", "désinscrire",
           "plus de messages", "arrêtez les messages", "arrêter les messages", "ne m'écrivez plus"),
    "hi": ("स्टॉप", "संदेश बंद करें", "संदेश बंद करो", "मैसेज बंद करें", "मैसेज बंद करो", "मैसेज मत भेजो", "मैसेज मत भेजिए",
           "संदेश मत भेजिए", "संदेश न भेजें", "सदस्यता समाप्त करें"),
    "hi-Latn": ("message band karo", "messages band karo", "message mat bhejo", "msg band karo", "msg mat bhejo",
                "message band karein", "message mat bhejiye"),
    "mr": ("स्टॉप", "संदेश बंद करा", "मेसेज बंद करा", "संदेश पाठवू नका", "मेसेज पाठवू नका"),
    "gu": ("સ્ટોપ", "સંદેશ બંધ કરો", "મેસેજ બંધ કરો", "મેસેજ ના મોકલો", "સંદેશા બંધ કરો", "મેસેજ મોકલશો નહીં"),
    "ta": ("ஸ்டாப்", "நிறுத்து", "நிறுத்துங்கள்", "செய்திகளை நிறுத்து", "செய்திகளை நிறுத்துங்கள்", "செய்தி அனுப்ப வேண்டாம்",
           "மெசேஜ் அனுப்ப வேண்டாம்"),
    "te": ("స్టాప్", "ఆపండి", "సందేశాలు ఆపండి", "మెసేజ్‌లు ఆపండి", "మెసేజ్ ఆపండి", "సందేశాలు పంపవద్దు", "మెసేజ్ పంపవద్దు"),
    "kn": ("ಸ್ಟಾಪ್", "ನಿಲ್ಲಿಸಿ", "ಸಂದೇಶಗಳನ್ನು ನಿಲ್ಲಿಸಿ", "ಮೆಸೇಜ್ ನಿಲ್ಲಿಸಿ", "ಸಂದೇಶ ಕಳುಹಿಸಬೇಡಿ", "ಮೆಸೇಜ್ ಕಳುಹಿಸಬೇಡಿ"),
}  # fmt: skip
START: Mapping[str, tuple[str, ...]] = {
    "en": ("start", "unstop", "subscribe", "opt in", "optin", "resume", "resume messages"),
    "fr": ("start", "reprendre", "s'abonner", "m'abonner", "abonner", "reprendre les messages"),
    "hi": ("स्टार्ट", "शुरू करें", "शुरू करो", "संदेश शुरू करें", "मैसेज शुरू करो", "मैसेज शुरू करें"),
    "hi-Latn": ("shuru karo", "message shuru karo", "message bhejo"),
    "mr": ("स्टार्ट", "सुरू करा", "संदेश सुरू करा", "मेसेज सुरू करा"),
    "gu": ("સ્ટાર્ટ", "શરૂ કરો", "મેસેજ શરૂ કરો", "સંદેશ શરૂ કરો"),
    "ta": ("ஸ்டார்ட்", "தொடங்கு", "தொடங்குங்கள்", "செய்திகளை தொடங்கு"),
    "te": ("స్టార్ట్", "ప్రారంభించండి", "మెసేజ్‌లు ప్రారంభించండి", "సందేశాలు పంపండి"),
    "kn": ("ಸ್ಟಾರ್ಟ್", "ಪ್ರಾರಂಭಿಸಿ", "ಮೆಸೇಜ್ ಪ್ರಾರಂಭಿಸಿ", "ಸಂದೇಶ ಕಳುಹಿಸಿ"),
}
_POLITE = frozenset("please pls plz kindly svp कृपया krupaya దయచేసి ದಯವಿಟ್ಟು தயவுசெய்து કૃપા કૃપયા".split())
_OTHER = regex.compile(r"[^\p{L}\p{M}\p{N}'\s]+")
_LONGEST = 60


class OptWords:
    """Knows the words of one tenant."""

    def __init__(self, config: OptOut) -> None:
        self._stop = _normalised([*STOP.values(), *config.stop.values()]) if config.enabled else frozenset()
        self._start = _normalised([*START.values(), *config.start.values()]) if config.enabled else frozenset()

    def stops(self, text: str) -> bool:
        """Whether the whole message says that nothing more shall come."""
        return len(text) <= _LONGEST and normal(text) in self._stop

    def starts(self, text: str) -> bool:
        """Whether the whole message says that messages may come again."""
        return len(text) <= _LONGEST and normal(text) in self._start


def normal(text: str) -> str:
    """As words are compared: no case, marks of punctuation, emoji, joiners or courtesies; one kind of apostrophe."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    folded = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    words = _OTHER.sub(" ", folded).split()
    return " ".join(word for word in words if word not in _POLITE)


def _normalised(words: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(normal(word) for several in words for word in several) - {""}
