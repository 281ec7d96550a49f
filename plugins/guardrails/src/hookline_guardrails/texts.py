"""What a customer is told whose message is refused, where the tenant has no text `refused` of its own."""

from __future__ import annotations

_REFUSED = {
    "en": "I can't do that. I can help you with questions about our services.",
    "hi": "मैं यह नहीं कर सकता। हमारी सेवाओं से जुड़े सवालों में मैं आपकी मदद कर सकता हूँ।",
    "fr": "Je ne peux pas faire cela. Je peux vous aider pour vos questions sur nos services.",
    "ta": "அதை என்னால் செய்ய முடியாது. எங்கள் சேவைகள் பற்றிய கேள்விகளுக்கு உதவ முடியும்.",
    "te": "నేను అది చేయలేను. మా సేవల గురించిన ప్రశ్నలకు సహాయం చేయగలను.",
    "kn": "ನಾನು ಅದನ್ನು ಮಾಡಲಾರೆ. ನಮ್ಮ ಸೇವೆಗಳ ಬಗ್ಗೆ ಪ್ರಶ್ನೆಗಳಿಗೆ ಸಹಾಯ ಮಾಡಬಲ್ಲೆ.",
    "mr": "मी ते करू शकत नाही. आमच्या सेवांबद्दलच्या प्रश्नांसाठी मी मदत करू शकतो.",
    "gu": "હું તે કરી શકતો નથી. અમારી સેવાઓ વિશેના પ્રશ્નોમાં હું મદદ કરી શકું છું.",
    "de": "Das kann ich nicht tun. Bei Fragen zu unseren Leistungen helfe ich gern.",
    "es": "No puedo hacer eso. Puedo ayudarle con preguntas sobre nuestros servicios.",
    "it": "Non posso farlo. Posso aiutarla con domande sui nostri servizi.",
    "pt": "Não posso fazer isso. Posso ajudar com perguntas sobre os nossos serviços.",
    "id": "Saya tidak bisa melakukan itu. Saya bisa membantu pertanyaan tentang layanan kami.",
    "ar": "لا أستطيع فعل ذلك. يمكنني مساعدتك في الأسئلة المتعلقة بخدماتنا.",
}


def refused(language: str) -> str:
    """The text in the language; "" where there is none."""
    return _REFUSED.get(language, "")
