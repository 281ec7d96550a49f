# What flows say of themselves.  Machine-made: to be read by a native speaker.

flows-yes = Haan
flows-no = Nahi
flows-skip = Chhodein
flows-ask = { $name } kya hai?
flows-again-text = Maaf kijiye, samajh nahi aaya. Kripya doosre shabdon mein likhein.
flows-again-person = Kripya apna poora naam likhein.
flows-again-number = Kripya ek number likhein.
flows-again-whole = Kripya poora number likhein, bina decimal ke.
flows-again-money = Kripya amount likhein.
flows-again-date = Kripya tareekh likhein, jaise 21 November 2026.
flows-again-duration = Kripya samay likhein, jaise 2 saal ya 18 mahine.
flows-again-phone = Yeh phone number sahi nahi lagta. Kripya jaanch lein.
flows-again-email = Yeh e-mail sahi nahi lagta. Kripya jaanch lein.
flows-again-choice = Kripya inmein se ek chunein.
flows-again-boolean = Kripya haan ya nahi mein jawab dein.
flows-again-list = Kripya inmein se chunein; ek se zyada bhi chun sakte hain.
flows-again-file = Kripya ise yahan file ya photo ke roop mein bhejiye.
flows-again-file-type = Is tarah ki file yahan nahi chalegi. Kripya bhejiye: { $types }.
flows-again-file-size = Yeh file bahut badi hai. Kripya { $max } MB tak ki file bhejiye.
flows-again-between = Yeh { $min } aur { $max } ke beech hona chahiye.
flows-again-least = Yeh kam se kam { $min } hona chahiye.
flows-again-most = Yeh zyada se zyada { $max } ho sakta hai.
flows-again-date-from = Tareekh { DATE($min) } se pehle ki nahi ho sakti.
flows-again-date-until = Tareekh { DATE($max) } ke baad ki nahi ho sakti.
flows-again-more = Kripya kam se kam { $min } chunein.
flows-again-fewer = Kripya zyada se zyada { $max } chunein.
flows-again-longer = Kripya kam se kam { $min } akshar likhein.
flows-again-shorter = Kripya zyada se zyada { $max } akshar likhein.
flows-again-question = Mera sawal tha:
flows-unknown = Iska jawab mere paas yahan nahi hai.
flows-remind = Hamare sawal par wapas:
flows-resume = Phir se swagat hai. Hum yahan the:
flows-return = Ab phir se: { $title }.
flows-noted = Note kar liya: { $name }: { $value }.
flows-changed = Badal diya: { $name } ab { $value } hai.
flows-range = Abhi { $value } likh raha hoon. Agar { $other } ho, to bata dijiye.
flows-most = Zyada se zyada { $value }.
flows-which = Inme se kaun sa: { $these }?
flows-change-what = Kya badalna hai?
flows-recap = Ab tak yeh pata hai:
flows-recap-nothing = Aapne abhi tak kuch nahi bataya hai.
flows-cancelled = Rok diya. Kuch bhi nahi bheja gaya.
flows-at-start = Yeh pehla sawal hai.
flows-restarted = Chaliye, phir se shuru karte hain.
flows-cant-skip = Aage badhne ke liye yeh zaroori hai.
flows-offer-person = Baat ban nahi rahi hai. Kya main kisi vyakti ko bulaun?
flows-offer-stop = Baat ban nahi rahi hai. Kya yahin rok dein?
flows-failed = Maaf kijiye, hamari taraf se kuch gadbad ho gayi. Kripya baad mein koshish karein.
flows-no-proof = Main yeh yahan nahi kar sakta, kyunki aapki pehchaan ki jaanch nahi ho sakti.
flows-still-there = Kya aap abhi bhi yahan hain?

flows-duration = { $unit ->
    [years] { $count } saal
    [weeks] { $count } hafte
    [days] { $count } din
    [hours] { $count } ghante
    [minutes] { $count } minute
   *[months] { DURATION($count) }
}
