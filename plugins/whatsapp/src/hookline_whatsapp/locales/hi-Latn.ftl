# Machine-made translation, not yet read by a native speaker.

whatsapp-sources = Source: { $titles }
whatsapp-choose = Kripya chunein:
whatsapp-options = Chunein
whatsapp-opted-out = Ab aapko hamare message nahin milenge, jab tak aap khud hamein na likhein. Phir se paane ke liye START likhein.
whatsapp-opted-in = Ab aapko hamare message phir milenge.
whatsapp-unread-voice = Main voice message nahin sun sakta. Kripya apna sawaal likhkar bhejein.
whatsapp-unread-file = Dhanyavaad, aapki file mil gayi. Main use dekh nahin sakta, kripya likhein ki woh kis baare mein hai.
whatsapp-unread-kind = Main is tarah ka message nahin padh sakta. Kripya apna sawaal likhkar bhejein.
whatsapp-only-link = Link ke liye dhanyavaad. Main use khol nahin sakta, kripya likhein ki woh kis baare mein hai.
whatsapp-only-place = Location ke liye dhanyavaad. Kripya likhein ki baat kis baare mein hai.
whatsapp-only-card = Contact ke liye dhanyavaad. Kripya likhein ki baat kis baare mein hai.
whatsapp-file-size = Aapki file mere liye bahut badi hai. Kripya chhoti file bhejein.
whatsapp-file-type = Main is tarah ki file nahin le sakta. Photo, PDF ya text chalega.
whatsapp-file-lost = Aapki file mujh tak nahin pahunchi. Kripya phir se bhejein.
whatsapp-too-fast = Aap mere padhne se tez likh rahe hain. Kripya thoda rukein, phir aakhiri hissa dobara bhejein.
