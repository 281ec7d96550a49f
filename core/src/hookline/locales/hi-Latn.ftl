# What every tenant's bot says; a tenant writes its own into [texts] or locales/.
# Machine-made translation, not yet read by a native speaker.

apology = Maaf kijiye, hamari taraf se kuch gadbad ho gayi. Thodi der mein phir se koshish kijiye.
safe = Maaf kijiye, main iska jawab nahin de sakta.
unknown = Mujhe yeh nahin pata. Hamare documents mein iske baare mein kuch nahin mila.
greeting = Namaste! Main aapki kya madad kar sakta hoon?
thanks = Aapka swagat hai! Kuch aur poochhna hai?
goodbye = Namaste, message ke liye dhanyavaad.
