"""Words with which customers ask for another code, stop, sign out, agree and disagree, in nine languages.

A phrase that begins with "=" counts only as the whole message.  Accents of Latin letters and capitals do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

WISHES: Mapping[Literal["resend", "cancel", "logout", "yes", "no", "help"], Sequence[str]] = {
    "logout": (
        "log out", "logout", "log me out", "sign out", "signout", "sign me out", "log off", "not me any more",
        "i am someone else", "im someone else", "different customer", "another customer", "switch account", "change account",
        "लॉग आउट", "लॉगआउट", "साइन आउट", "log out karo", "logout karo", "logout kar do", "लॉग आउट करा", "बाहेर पडा",
        "લૉગ આઉટ", "લોગ આઉટ", "லாக் அவுட்", "வெளியேறு", "లాగ్ అవుట్", "లాగౌట్", "ಲಾಗ್ ಔಟ್", "ಲಾಗ್ಔಟ್",
        "me deconnecter", "deconnexion", "deconnecte moi", "deconnectez moi", "se deconnecter", "changer de compte",
    ),
    "resend": (
        "resend", "re send", "send again", "send it again", "send the code again", "send me again", "send another",
        "another code", "new code", "new otp", "fresh code", "code again", "otp again", "once more", "=again", "send code",
        "send otp", "send me the code", "send the otp", "send me the otp", "send me otp", "send me a code", "send me an otp", "send a code",
        "give me the code", "give me the otp", "get otp", "request otp", "generate otp", "=send it", "try again", "=call me",
        "didnt get", "did not get", "dont get", "havent got", "have not got", "didnt receive", "did not receive",
        "havent received", "have not received", "not received", "nothing came", "nothing arrived", "no code", "no sms",
        "no otp", "no message came", "never came", "never arrived", "hasnt come", "has not come", "not arrived",
        "where is the code", "where is my code", "wheres the code", "wheres my code", "code expired", "otp expired",
        "lost the code", "deleted the code",
        "दोबारा भेज", "दोबारा भेजें", "दोबारा भेजो", "दोबारा भेजिए", "फिर से भेज", "फिर से भेजें", "फिर से भेजो", "फिर से भेजिए",
        "फिर भेजो", "नया कोड", "नया ओटीपी", "नहीं मिला", "नही मिला", "नहीं आया", "नही आया", "कोड भेजें", "कोड भेजो", "=फिर से",
        "dobara bhejo", "dubara bhejo", "dobara bhej", "dubara bhej", "phir se bhejo", "phir se bhej", "fir se bhejo",
        "fir se bhej", "wapas bhejo", "naya code", "naya otp", "nahi mila", "nahin mila", "nai mila", "nahi aaya", "nahin aaya",
        "nahi aya", "nai aaya", "code bhejo", "otp bhejo", "code nahi", "otp nahi", "=phir se", "=fir se", "=dobara",
        "पुन्हा पाठव", "पुन्हा पाठवा", "परत पाठव", "परत पाठवा", "नवीन कोड", "नवीन ओटीपी", "मिळाला नाही", "मिळाले नाही", "आला नाही",
        "आले नाही", "नाही मिळाला", "नाही आला", "कोड पाठवा",
        "ફરીથી મોકલો", "ફરી મોકલો", "ફરીથી મોકલ", "નવો કોડ", "નવો ઓટીપી", "મળ્યો નથી", "નથી મળ્યો", "આવ્યો નથી", "નથી આવ્યો", "ન મળ્યો",
        "મળ્યો નહીં", "કોડ મોકલો",
        "மீண்டும் அனுப்பு", "மீண்டும் அனுப்பவும்", "மறுபடியும் அனுப்பு", "மறுபடி அனுப்பு", "திரும்ப அனுப்பு", "புதிய குறியீடு", "வரவில்லை",
        "வரலை", "கிடைக்கவில்லை", "கிடைக்கலை", "புதிய கோடு",
        "మళ్ళీ పంపు", "మళ్ళీ పంపండి", "మళ్లీ పంపండి", "మళ్లీ పంపు", "కొత్త కోడ్", "రాలేదు", "అందలేదు", "కోడ్ పంపండి",
        "ಮತ್ತೆ ಕಳುಹಿಸಿ", "ಮತ್ತೆ ಕಳಿಸಿ", "ಪುನಃ ಕಳುಹಿಸಿ", "ಹೊಸ ಕೋಡ್", "ಬಂದಿಲ್ಲ", "ಬರಲಿಲ್ಲ", "ಸಿಕ್ಕಿಲ್ಲ", "ಸಿಗಲಿಲ್ಲ", "ಕೋಡ್ ಕಳುಹಿಸಿ",
        "renvoyer", "renvoie", "renvoyez", "renvoyez le code", "nouveau code", "autre code", "pas recu", "rien recu",
        "jamais recu", "pas arrive", "code expire", "encore une fois", "envoyez encore", "=encore", "envoyez le code",
    ),
    "cancel": (
        "cancel", "=stop", "stop it", "never mind", "nevermind", "forget it", "leave it", "=quit", "=exit", "no thanks",
        "abort", "dont want", "do not want", "skip it", "=skip", "not now", "cancel it",
        "रद्द", "रद्द करें", "रद्द करो", "रहने दो", "रहने दीजिए", "छोड़ो", "छोड़ दो", "=बंद करो", "=रुको", "नहीं चाहिए",
        "cancel karo", "cancel kar do", "radd karo", "rehne do", "rahne do", "chhodo", "chodo", "chod do", "nahi chahiye",
        "nahin chahiye", "रद्द करा", "राहू द्या", "राहू दे", "नको", "सोडा",
        "રદ", "રદ કરો", "રહેવા દો", "છોડો", "નથી જોઈતું", "ரத்து", "ரத்து செய்", "ரத்து செய்யவும்", "வேண்டாம்", "விடு",
        "రద్దు", "రద్దు చేయి", "రద్దు చేయండి", "వద్దు", "వదిలేయ్", "ರದ್ದು", "ರದ್ದು ಮಾಡಿ", "ಬೇಡ", "ಬಿಡಿ",
        "annuler", "annule", "annulez", "laisse tomber", "laissez tomber", "=arrete", "=arretez", "tant pis", "non merci",
        "abandonner",
    ),
    "help": (
        "dont know", "do not know", "dont remember", "do not remember", "dont have it", "forgot", "forgotten", "no idea", "not sure",
        "where do i find", "where can i find", "which number", "why do you need", "why do you ask", "why should i", "why do you want",
        "what do you need it for", "is it safe", "is this safe", "is that safe", "=why",
        "मालूम नहीं", "पता नहीं", "नहीं पता", "याद नहीं", "भूल गया", "भूल गई", "क्यों चाहिए", "कौन सा नंबर", "कहाँ मिलेगा", "=क्यों",
        "pata nahi", "pata nahin", "nahi pata", "nahin pata", "maloom nahi", "malum nahi", "yaad nahi", "bhool gaya", "bhul gaya",
        "bhool gayi", "kyu chahiye", "kyun chahiye", "kaun sa number", "kaunsa number", "kahan milega", "=kyu", "=kyun",
        "माहित नाही", "माहीत नाही", "आठवत नाही", "विसरलो", "विसरले", "कशाला हवा", "का हवा", "कोणता नंबर",
        "ખબર નથી", "યાદ નથી", "ભૂલી ગયો", "ભૂલી ગઈ", "કેમ જોઈએ", "કયો નંબર",
        "தெரியாது", "தெரியவில்லை", "நினைவில்லை", "மறந்துவிட்டேன்", "எதற்கு", "ஏன் வேண்டும்",
        "తెలియదు", "గుర్తులేదు", "గుర్తు లేదు", "మర్చిపోయాను", "ఎందుకు", "ಗೊತ್ತಿಲ್ಲ", "ನೆನಪಿಲ್ಲ", "ಮರೆತಿದ್ದೇನೆ", "ಯಾಕೆ", "ಏಕೆ",
        "ne sais pas", "sais pas", "connais pas", "me souviens pas", "oublie mon", "=oublie", "ai oublie", "pas sur", "quel numero",
        "pourquoi", "a quoi ca sert",
    ),
    "yes": (
        "=yes", "=yes please", "=yeah", "=yep", "=sure", "=ok", "=okay", "=please do", "=y", "=हाँ", "=हां", "=जी हाँ", "=जी", "=हो",
        "=होय", "=haan", "=ha", "=han", "=haan ji", "=ji", "=ji haan", "=theek hai", "=ठीक है", "=હા", "=હા જી", "=ஆம்", "=ஆமாம்", "=சரி",
        "=అవును", "=సరే", "=ಹೌದು", "=ಸರಿ", "=oui", "=d'accord", "=oui merci", "=bien sur", "=volontiers",
    ),
    "no": (
        "=no", "=nope", "=no please dont", "=n", "=नहीं", "=नही", "=जी नहीं", "=नाही", "=nahi", "=nahin", "=nai", "=ના", "=ના જી", "=இல்லை",
        "=கிடையாது", "=కాదు", "=లేదు", "=ಇಲ್ಲ", "=non",
    ),
}  # fmt: skip

ABOUT_CODES = frozenset(
    "code codes otp otps pin passcode password number कोड ओटीपी पिन કોડ ઓટીપી પિન குறியீடு கோடு ஓடிபி கடவுச்சொல் కోడ్ ఓటీపీ పిన్ ಕೋಡ್ ಒಟಿಪಿ ಪಿನ್ "
    "mot chiffres".split()
)
"""Words that say that the figures beside them are a code."""
