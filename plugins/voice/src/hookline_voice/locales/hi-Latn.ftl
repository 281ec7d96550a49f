# Machine-made translation, not yet read by a native speaker.

voice-unheard = Main abhi aapka voice message nahin sun sakta. Kripya apna sawaal likhkar bhejein.
voice-silent = Aapke voice message mein kuch sunai nahin diya. Kripya phir se record karein, ya apna sawaal likhkar bhejein.
voice-unclear = Aapne jo kaha woh samajh nahin aaya. Kripya dheere-dheere phir se kahein, ya apna sawaal likhkar bhejein.
voice-long = Aapka voice message bahut lamba hai: zyada se zyada { $minutes } minute. Kripya chhota message bhejein, ya apna sawaal likhein.
voice-damaged = Aapka voice message nahin chal raha hai. Kripya phir se record karein, ya apna sawaal likhkar bhejein.
voice-file = Voice message

# What phone calls say besides the flow's own words.

voice-option = { $option } ke liye { $key } dabaiye.
voice-yes-no = Haan kahiye ya 1 dabaiye, nahin kahiye ya 2 dabaiye.
voice-keys = Boliye, ya type karke hash dabaiye.
voice-silence = Mujhe kuch sunai nahin diya.
voice-goodbye = Aapki awaaz nahin aa rahi hai. Namaste.
voice-recorded = Yeh call record ki ja rahi hai.
voice-consent = Kya hum yeh call record kar sakte hain? Haan kahiye ya 1 dabaiye, nahin kahiye ya 2 dabaiye.
voice-no-person = Abhi koi call nahin le sakta. Hum aapko wapas call karenge.
