# Machine-made translation, not yet read by a native speaker.

language-switched = नक्कीच, आता मी { $language } भाषेत बोलेन.
language-unlisted = क्षमस्व, मला अजून { $language } भाषा येत नाही. मी { $used } भाषेत बोलेन.
