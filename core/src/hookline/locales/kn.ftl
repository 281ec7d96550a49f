# What every tenant's bot says; a tenant writes its own into [texts] or locales/.
# Machine-made translation, not yet read by a native speaker.

apology = ಕ್ಷಮಿಸಿ, ನಮ್ಮ ಕಡೆಯಿಂದ ಏನೋ ತಪ್ಪಾಗಿದೆ. ದಯವಿಟ್ಟು ಸ್ವಲ್ಪ ಸಮಯದ ನಂತರ ಮತ್ತೆ ಪ್ರಯತ್ನಿಸಿ.
safe = ಕ್ಷಮಿಸಿ, ನಾನು ಅದಕ್ಕೆ ಉತ್ತರಿಸಲಾರೆ.
unknown = ನನಗೆ ಅದು ಗೊತ್ತಿಲ್ಲ. ನಮ್ಮ ದಾಖಲೆಗಳಲ್ಲಿ ಅದರ ಬಗ್ಗೆ ಏನೂ ಸಿಗಲಿಲ್ಲ.
greeting = ನಮಸ್ಕಾರ! ನಾನು ನಿಮಗೆ ಹೇಗೆ ಸಹಾಯ ಮಾಡಬಹುದು?
thanks = ಸಂತೋಷ! ಇನ್ನೇನಾದರೂ ಕೇಳಬೇಕೇ?
goodbye = ನಮಸ್ಕಾರ, ಸಂದೇಶಕ್ಕೆ ಧನ್ಯವಾದಗಳು.
