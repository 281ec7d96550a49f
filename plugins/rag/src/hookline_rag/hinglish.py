"""Hindi as people type it on a phone: in Latin letters, mixed with English.

What the words mean in a customer's question, in English and in Devanagari, and which of them say nothing.  A small
lexicon of everyday words, not a translator: names, places and products stay as they are typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

# Spellings | English | Devanagari.
_LEXICON = """
daam dam keemat kimat qeemat kimmat | price cost | कीमत दाम मूल्य
kharcha kharch karcha lagat | cost charge fee | खर्च शुल्क
paisa paise paisay rupaye rupay rupaiya rupya | money amount rupees | पैसा पैसे रुपये
shulk fees | fee charge | शुल्क
khata khaata | account | खाता
byaj byaaj biyaj sood | interest | ब्याज
dar | rate | दर
karz karza karj rin udhaar | loan | ऋण कर्ज लोन
bima beema bimaa | insurance | बीमा
gaadi gadi gaari | car vehicle | गाड़ी कार
ghar makaan makan | home house | घर मकान
zameen jameen zamin jamin | land | ज़मीन जमीन
kagaz kaagaz kagzat kaagzat dastavez dastavej | documents papers | दस्तावेज कागजात
bhugtan bhugtaan | payment pay | भुगतान
kist kisht | instalment emi | किस्त
jama | deposit | जमा
nikal nikalna nikaalna nikasi | withdraw withdrawal | निकालना निकासी
khol kholna khole kholne kholen | open | खोलना खोलें
band bandh | close stop deactivate | बंद
chalu chaalu shuru suru | start activate | चालू शुरू
badal badalna badle badalne badlen | change | बदलना बदलें
bhej bhejna bheje bhejen | send | भेजना
wapas vapas waapas vaapas wapsi vapsi | return refund back | वापस वापसी
milega milegi milta milti milna | get available | मिलेगा मिलता
kharid kharidna khareedna kharidne lena | buy purchase | खरीदना
bech bechna bechne | sell | बेचना
samay vakt waqt | time | समय
din | day days | दिन
mahina mahine maheena | month | महीना महीने
saal sal | year | साल वर्ष
aaj | today | आज
kal | tomorrow | कल
jaldi | fast quick | जल्दी
kam kum | less low minimum | कम
zyada jyada zyaada jyaada | more maximum | ज्यादा अधिक
sasta saste sasti | cheap | सस्ता
mehenga mahanga mehnga | expensive | महंगा
suvidha | facility service | सुविधा
jaankari jankari | information details | जानकारी
shikayat shikaayat | complaint | शिकायत
pata | address | पता
naam | name | नाम
kaam | work | काम
bijli | electricity power | बिजली
pani paani | water | पानी
dukan dukaan | shop store | दुकान
naukri | job | नौकरी
umar umr aayu | age | उम्र आयु
patrata yogyata | eligibility | पात्रता योग्यता
seema sima | limit | सीमा
chhoot choot chhut | discount | छूट
offer ofar | offer discount | ऑफर
purana purani purane | old | पुराना
naya nayi naye nai | new | नया नए नई
galat | wrong | गलत
kharab kharaab | broken fault | खराब
khoya kho khona khogaya gum gumm | lost losing | खो गुम
chori | stolen theft | चोरी
videsh vidhesh | abroad foreign | विदेश
desh | country | देश
shehar sheher shahar | city | शहर
madad sahayata | help support | मदद सहायता
sampark | contact | संपर्क
kholne | open | खोलने
aata aati aate ata ati aayega aayegi aega aegi | comes arrive when | आता आती आएगा
aaya aayi aaye | came received | आया
jata jaata jati jaati jate jayega jaayega jaegi | go goes | जाता जाती
dalna daalna dale daale dalen daalen dalun daalu dalte daalte | insert install put move activate | डालना डालें
lagana lagaye lagaen lagau lagaun lagwana lagwaye | install set apply | लगाना लगाएँ
hatana hataye hataen hatau hatane | remove delete cancel | हटाना हटाएँ
rokna roke roken rokne rukwana | stop block | रोकना रोकें
chalta chalti chalte chalega chalegi chalana chalaye | works use working | चलता चलेगा
dekhna dekhe dekhen dekhu dekhun dikhao dikhaye | see view check show | देखना देखें
banana banaye banaen banau banta banega banwana | create make | बनाना बनाएँ
bhulna bhool bhul bhula bhoola bhuli | forgot forgotten reset | भूल भूलना
pahunchna pahunche pahunchega pahunchta pahuncha | reach arrive delivery delivered | पहुँचना पहुँचेगा
mangwana mangana mangao mangaye mangwaye order | order request | मँगवाना
likhna likhe likhen | write text | लिखना
baat | talk speak call | बात
bolna bole bolo | tell speak | बोलना
sunna sune | hear listen | सुनना
samajh samajhna samjhao | understand explain | समझना
dikkat pareshani samasya mushkil | problem trouble fault issue | दिक्कत समस्या परेशानी
tareeka tarika tariqa | way method | तरीका
tareekh tarikh | date | तारीख
ghanta ghante ghanton | hour hours | घंटा घंटे
hafta hafte hafton | week weeks | हफ़्ता सप्ताह
khatam khatm samapt | end expire used finished | खत्म समाप्त
baki baaki bacha bache | remaining left balance | बाकी शेष
muft mufat free | free | मुफ़्त मुफ्त निःशुल्क
alag | different separate | अलग
antar fark farq pharak | difference | अंतर फ़र्क
sabhi sare saare | all | सभी सारे
bina | without | बिना
baad | after | बाद
pehle pahle pehla pahla | before first | पहले पहला
der deri | late delay | देर देरी
ilaj ilaaj | treatment | इलाज
dawa dawai | medicine | दवा
bachcha bachche bacche | child children | बच्चा बच्चे
parivaar parivar | family | परिवार
chhatra vidyarthi | student students | छात्र
yojana | plan scheme | योजना
suraksha | security protection safety | सुरक्षा
sankhya | number | संख्या
bharna bharne bharu bharoo | pay fill | भरना भरें
"""

# What carries no meaning in a question, and by which the language is known.
_STRONG = """
hai hain hoon hun tha thi kya kyu kyun kyon kaise kese kaisa kaisi kitna kitni kitne kab kahan kahaan kidhar kaun kaunsa
kaunsi konsa konsi mujhe muje mera meri mere mereko humko hamara hamari apna apni apne aap aapka aapki aapke unka uska
uski iska iski iske batao bataiye bataye bataen bata batana btao chahiye chaiye chahie karna karne karo kare karen karu
karun karoon kar sakte sakta sakti nahi nahin nhi mat lagta lagti lagega lagegi hota hoti hoga hogi raha rahi rahe gaya
gayi wala wali wale vala vali aur lekin magar agar phir abhi kuch koi sab bhi liye kripya kripaya dijiye dijie deejiye
""".split()
_WEAK = "ka ki ke ko se me mein mai main par pe na to do de di ji hi ho is us ya jo tak le lo pls plz".split()
_FILLER = """
bhai bhaiya bhaiyya yaar yar dost zara jara please pls plz na ji sir sirji madam mam maam didi boss bro kripya kripaya
arre are suno suniye sunno accha acha achha theek thik batao bataiye bataye bataen bata batana btao dijiye dijie deejiye
""".split()


@attrs.frozen
class Meaning:
    """What a word of the lexicon means, as words to look for."""

    english: tuple[str, ...]
    devanagari: tuple[str, ...]


def _read() -> tuple[Mapping[str, Meaning], Mapping[str, Meaning]]:
    latin: dict[str, Meaning] = {}
    hindi: dict[str, Meaning] = {}
    for line in _LEXICON.strip().splitlines():
        spellings, english, devanagari = (part.split() for part in line.split("|"))
        meaning = Meaning(tuple(english), tuple(devanagari))
        latin |= dict.fromkeys(spellings, meaning)
        hindi |= dict.fromkeys(devanagari, meaning)
    return latin, hindi


LATIN, HINDI = _read()
_MARKS = frozenset(_STRONG) | frozenset(word for word in LATIN if len(word) > 4)
EMPTY = frozenset([*_STRONG, *_WEAK, *_FILLER])
FILLER = frozenset(_FILLER)
_ENGLISH = frozenset(
    "ati ate order free baki roke dale kum band din sal sab fees offer are main do to me is us the of how what bata".split()
)


def is_hinglish(words: Sequence[str]) -> bool:
    """Whether folded words are Hindi in Latin letters: one unmistakable word, or a weak one beside a meaning."""
    strong = sum(word in _MARKS and word not in _ENGLISH for word in words)
    if strong >= 2 or (strong and len(words) <= 4):
        return True
    weak = sum(word in _WEAK and word not in _ENGLISH for word in words)
    known = sum(word in LATIN and word not in _ENGLISH for word in words)
    return bool((strong and (weak or known)) or (weak and known))


def meaning(word: str) -> Meaning | None:
    """What a word in Latin letters or in Devanagari means; None where the lexicon does not know it."""
    return LATIN.get(word) or HINDI.get(word)
