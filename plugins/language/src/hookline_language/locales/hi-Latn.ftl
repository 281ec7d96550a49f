# Machine-made translation, not yet read by a native speaker.

language-switched = Zaroor, ab main { $language } mein baat karunga.
language-unlisted = Maaf kijiye, main abhi { $language } nahin bolta. Main { $used } mein baat karunga.
