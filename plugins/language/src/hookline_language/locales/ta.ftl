# Machine-made translation, not yet read by a native speaker.

language-switched = நிச்சயமாக, இனி நான் { $language } மொழியில் பேசுகிறேன்.
language-unlisted = மன்னிக்கவும், நான் இன்னும் { $language } மொழி பேசுவதில்லை. { $used } மொழியில் தொடர்கிறேன்.
