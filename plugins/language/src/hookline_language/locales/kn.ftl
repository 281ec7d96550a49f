# Machine-made translation, not yet read by a native speaker.

language-switched = ಖಂಡಿತ, ಇನ್ನು ನಾನು { $language } ಭಾಷೆಯಲ್ಲಿ ಮಾತನಾಡುತ್ತೇನೆ.
language-unlisted = ಕ್ಷಮಿಸಿ, ನಾನು ಇನ್ನೂ { $language } ಭಾಷೆ ಮಾತನಾಡುವುದಿಲ್ಲ. { $used } ಭಾಷೆಯಲ್ಲಿ ಮುಂದುವರಿಯುತ್ತೇನೆ.
