language-switched = Of course, I will speak { $language } with you.
language-unlisted = I'm sorry, I don't speak { $language } yet. I will go on in { $used }.
