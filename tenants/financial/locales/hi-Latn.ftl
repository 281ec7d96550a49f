# Machine-made translation, not yet read by a native speaker.

flow-emi = Aapki kist
flow-balance = Aapka balance
flow-loan = Aapka loan

emi-told = { $record_text }
emi-line = Aapke { $kind } { $loan } ki EMI { MONEY($amount) } hai, due date { DATE($due, style: "d MMM y") }.
emi-none = Aapke { $kind } { $loan } ki koi EMI baki nahi hai.
balance-told = { $record_text }
balance-line = Aapke { $kind } { $account } mein { MONEY($balance) } hain.
loan-told = { $record_text }
loan-line = Aapka { $kind } { $loan }: { MONEY($outstanding) } baki, { $months } mahine bache hain.

loan-home = home loan
loan-personal = personal loan
loan-car = car loan
loan-gold = gold loan
loan-education = education loan
loan-business = business loan
account-savings = savings account
account-current = current account
account-salary = salary account

only-own = Main sirf aapke apne accounts aur loan ki jankari de sakta hoon. Baki ke liye kripya agent se baat karein.
not-proved = Kripya pehle apni pehchaan confirm karein. Phir main aapke accounts aur loan ki jankari de sakta hoon.
no-account = Aapke naam par koi account nahi hai.
no-loan = Aapke naam par koi loan nahi hai.

# -- phone calls

flow-call = Aapki call
call-language = Anchor Bank mein aapka swagat hai.
call-language-again = Maaf kijiye, main samajh nahin paya. Kripya bhasha chuniye.
call-identity = Kya main { $callee_name } se baat kar raha hoon?
call-identity-again = Maaf kijiye, main samajh nahin paya. Kya main { $callee_name } se baat kar raha hoon?
call-emi = { $due_text }
call-emi-line = Aapke { $kind } ki kist { MONEY($amount) } hai, due date { DATE($due, style: "d MMMM y") }.
call-impact = Kist na chukane par late fee aur penal interest lagta hai, aur deri ki report credit bureau ko jaati hai, jisse aapka credit score ghat sakta hai.
call-support = Hum aapki kya madad kar sakte hain?
call-support-again = Maaf kijiye, main samajh nahin paya. Hum aapki kya madad kar sakte hain?
call-plan-label = payment plan
call-agent-label = agent se baat
call-none-label = aur kuch nahin
call-plan = Dhanyavaad. Humne note kar liya hai ki aapko payment plan chahiye, aur jaankari bhej rahe hain. Namaste.
call-agent = Main aapko hamare sahkarmi se jod raha hoon.
call-bye = Aapke samay ke liye dhanyavaad. Namaste.
call-refused = Asuvidha ke liye maaf kijiye. Namaste.
call-stranger = Yeh phone number hamare yahan registered nahin hai. Kripya branch se sampark kijiye. Namaste.
call-nothing = Abhi koi kist baaki nahin hai. Namaste.
call-unheard = Maaf kijiye, main samajh nahin paya. Kripya phir se call kijiye. Namaste.

# -- answers to the collections

collect-noted = Dhanyavaad, humne aapka jawab note kar liya hai. Kuch baaki hua to hamare sahyogi aapse sampark karenge.
collect-promised = Dhanyavaad, humne din note kar liya hai. Kuch baaki hua to hamare sahyogi aapse sampark karenge.
collect-none = Aapke sandesh ke liye dhanyavaad. Vasooli vibhag mein aapka kuch baaki nahin hai. Aur kisi baat ke liye kripya hamare sahayak ko likhein.
