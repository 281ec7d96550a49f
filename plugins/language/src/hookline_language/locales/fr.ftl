# Machine-made translation, not yet read by a native speaker.

language-switched = Bien sûr, je continue avec vous dans cette langue : { $language }.
language-unlisted = Désolé, je ne parle pas encore cette langue ({ $language }). Je continue en { $used }.
