"""Whether a message asks for a person, by samples in each language."""

from __future__ import annotations

import pytest

from hookline_handoff.asking import asks_for_person

ASKS = """
Could one of your colleagues phone me this afternoon?
I demand to speak to whoever is in charge of support staff
Can somebody from the team call us back please
let me chat with a live advisor
this bot is useless, agent now
I need assistance from an actual person
put me through to the manager
get me someone who can fix this, a human
Quelqu'un peut-il me contacter demain ?
Une vraie personne peut me rappeler svp ?
Je souhaite m'entretenir avec un conseiller
J'en ai assez de ce chatbot, passez-moi quelqu'un
Je veux un être humain au téléphone
Mettez-moi en contact avec une personne réelle
je voudrais joindre un agent
असली आदमी से बात कराओ
मुझे असली इंसान चाहिए
किसी अधिकारी को फोन दीजिए, बात करनी है
क्या मैं किसी व्यक्ति से बात कर सकता हूँ?
मुझे कस्टमर केयर से जोड़ें
एजेंट चाहिए अभी
asli banda chahiye bot nahi
kisi senior se baat karwa do
agent se baat karni h
koi insan hai kya wahan jisse baat ho sake
customer care executive se connect kar do please
mujhe real person chahiye
no more automated answers, give me a person
can i have a word with a human
is it possible to be called by one of your advisors
where is the real support, I want an operator
I wish to complain to a supervisor, put one on
Let someone from billing contact me
human plz
Would a colleague of yours ring me?
Puis-je discuter avec un être humain ?
Je préfère un conseiller au bot
Donnez-moi un responsable
pouvez-vous demander à quelqu'un de m'appeler
j'ai besoin de parler à un technicien
Un agent svp
मुझे आपके सीनियर से बात करनी है
क्या मुझे कोई प्रतिनिधि मिल सकता है?
इंसान से बात करा दो ना
कस्टमर केयर का आदमी चाहिए
mujhe kisi senior se baat karni hai
koi aadmi hai kya jo help kare
agent ko line pe lao
call karwao kisi executive se
bhai insaan se connect kr
manager se milwa do
kya main kisi person se baat kar sakta hu
I want to talk to a human
can I speak with someone
agent please
operator
Agent
live agent
i need to speak to a representative
Can i talk to a human
connect me to supervisor
need to chat with a representative
transfer me to an agent
please put me through to a real person
get me a human
give me an agent now
I don't want to talk to a bot
i dont want a bot, give me a human
I don't want to talk to a bot I want a human
why can't I talk to a human?
is there anyone available to talk to
have someone call me
can someone call me back
I'd like to speak to your manager
let me speak with a customer service representative
human!!!
representative representative
customer care
talk to agent
I would prefer speaking to a person
how do I talk to a human
escalate this to your manager
I need customer support
Chat with an Agent
I want to speak with a live agent
can you connect me with customer care executive
Hello, I want to talk to a person.
मुझे एजेंट से बात करनी है
किसी इंसान से बात कराओ
कृपया मुझे ग्राहक सेवा से जोड़ें
मुझे किसी से बात करनी है
एजेंट चाहिए
मुझे बॉट से बात नहीं करनी
agent से बात करनी है
mujhe agent se baat karni hai
kisi insaan se baat karao
customer care se connect karo
agent chahiye
mujhe kisi se baat karni hai
bot se baat nahi karni
je veux parler à un conseiller
Je voudrais parler à un humain
passez-moi un agent s'il vous plaît
un conseiller svp
puis-je parler à quelqu'un ?
mettez-moi en relation avec un conseiller
je ne veux pas parler à un robot
நான் ஒரு மனிதருடன் பேச வேண்டும்
ஏஜென்ட் வேண்டும்
வாடிக்கையாளர் சேவையுடன் இணைக்கவும்
நான் யாரிடமாவது பேசணும்
నేను ఏజెంట్‌తో మాట్లాడాలి
మనిషితో మాట్లాడాలి
కస్టమర్ కేర్‌తో కనెక్ట్ చేయండి
ఏజెంట్ కావాలి
ನಾನು ಏಜೆಂಟ್ ಜೊತೆ ಮಾತನಾಡಬೇಕು
ಏಜೆಂಟ್ ಬೇಕು
ಗ್ರಾಹಕ ಸೇವೆಯನ್ನು ಸಂಪರ್ಕಿಸಬೇಕು
मला एजंटशी बोलायचे आहे
मला माणसाशी बोलायचं आहे
एजंट हवा आहे
मला कोणाशीतरी बोलायचे आहे
મારે એજન્ટ સાથે વાત કરવી છે
મને કોઈ માણસ સાથે વાત કરવી છે
એજન્ટ જોઈએ છે
ગ્રાહક સેવા સાથે જોડો
"""
DOES_NOT_ASK = """
My advisor will call me tomorrow, so what documents do I need?
how long does the staff take to ring customers
Un conseiller m'a rappelé hier, merci
un agent va me livrer quand ?
Combien coûte un appel ?
Le responsable de mon agence est absent
Je ne veux plus de ce forfait
agent se baat ho chuki hai, refund kab milega
meri baat manager se ho gayi thi kal
kya insaan bina card ke recharge kar sakta hai
एजेंट से बात हो गई थी, पैसा कब आएगा?
व्यक्ति का नाम बदलना है
मशीन खराब है, वारंटी में है क्या?
The washing machine is not working
how many people can use it
I am a real estate agent looking for a plan
does a robot vacuum need wifi?
j'en ai assez de payer autant
je veux un robot de cuisine, avez-vous cela ?
what does your team do
The agent told me yesterday that it ships Monday
our manager wants the invoice
what time does customer care open
help me find a person in my contact list
I need support for my new phone
answers please
can you call the function automatically?
supporting documents for two persons
un appel de mon conseiller est prévu demain
J'ai déjà parlé à un agent hier
quel est le salaire d'un conseiller ?
merci, pas besoin d'un humain
Le technicien est venu hier
एजेंट का कमीशन कितना है?
मेरा आदमी कल दुकान आएगा
क्या मैं दो व्यक्तियों के लिए ले सकता हूँ
कॉल ड्रॉप हो रही है
kya 2 log ek plan le sakte hai
customer care ka number do
mere papa ki manager se baat hui thi
insaan ko kitna data chahiye
call drop ho rahi hai baar baar
Now that I have an agent, what next?
please list agents near Pune
I don't need an agent
no agent please
I do not want to talk to an agent, just tell me the price
no need for a human
are you a human?
am I talking to a real person?
Is this a bot or a human
my travel agent booked this
the delivery agent was rude
what is the customer care number?
how can I contact customer service
what are your customer service hours
I spoke to an agent yesterday
I was talking to a representative and got cut off
an agent told me to restart the router
which operator has the best coverage
a table for two people
I need a table for four people
someone stole my card
somebody hacked my account
I need help
how much does roaming cost
contact lenses
chat history
talk time balance
can I call abroad
I have 3 people in my family plan
agent commission rates
मुझे एजेंट नहीं चाहिए
क्या आप इंसान हैं
मेरी एजेंट से बात हुई थी
कस्टमर केयर नंबर क्या है
mujhe agent nahi chahiye
kya aap bot ho
agent ka number do
balance kaise check kare
je n'ai pas besoin d'un conseiller
je ne veux pas parler à un agent
êtes-vous un humain ?
quel est le numéro du service client
personne ne répond
combien coûte l'appel
ஏஜென்ட் வேண்டாம்
நீங்கள் மனிதரா
ఏజెంట్ వద్దు
మీరు మనిషా
ಏಜೆಂಟ್ ಬೇಡ
मला एजंट नको
तुम्ही माणूस आहात का
મારે એજન્ટ નથી જોઈતો
Hello, I need help with my account
thanks
Can I have the manager's email
do you have a call centre
I want to book with a real estate agent
"""


@pytest.mark.parametrize("text", ASKS.strip().splitlines())
def test_this_asks_for_a_person(text):
    assert asks_for_person(text)


@pytest.mark.parametrize("text", DOES_NOT_ASK.strip().splitlines())
def test_this_asks_for_none(text):
    assert not asks_for_person(text)


def test_a_long_letter_takes_no_longer_than_a_moment():
    assert not asks_for_person("I don't need an agent or a human but " * 20_000)
