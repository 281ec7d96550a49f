"""How people ask for a person, by language: pieces of regular expressions that `asking` puts together.

person   a person, by any name; `firm` are those that "I need a …" is enough for
someone  people in general: only with a verb of talking
talk     verbs of talking and of being put through; `fetch` verbs of wanting and giving
no       what turns it into its contrary, within the clause; `against` are those that, with `machine`, ask for a person
machine  what people call the bot
filler   what may stand around a word that stands alone
but      what begins a new clause, besides punctuation
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Words:
    """The pieces for one language; `free`: the verb may come before or after the person."""

    person: str
    talk: str
    fetch: str
    no: str
    machine: str
    filler: str
    firm: str = ""
    someone: str = r"(?!)"
    but: str = ""
    always: str = r"(?!)"
    never: str = r"(?!)"
    against: str = ""
    free: bool = True
    reach: int = 5


_DESK = r"(?:customer|custmer|coustmer|costumer|coustomer) (?:care|service|support|relations)s?(?: (?:agent|executive|representative|rep|person|team|officer)s?)?"
_LOANS = rf"agents?|humans?|representatives?|executives?|operators?|managers?|supervisors?|{_DESK}|call cent(?:er|re)|live chat"

ENGLISH = Words(
    person=(
        r"(?:(?:real|actual|live|human|living|senior|available|support|service|sales|customer) )*"
        r"(?:agents?|humans?|human beings?|representatives?|represent?ative|reps?|operators?|advis[eo]rs?|managers?"
        r"|supervisors?|executives?|staff|staff members?|member of staff|team members?|specialists?|consultants?"
        r"|colleagues?|employees?|officers?|person|people|salespersons?|assistants?|agrnt|agnt|agemt|exicutive|excutive|support team|sales team|personnel|csr)"
        rf"|{_DESK}|call cent(?:er|re)s?|help ?desk|live (?:chat|support|assistance)|human (?:support|assistance|help)"
        r"|tech(?:nical)? support|support (?:agent|staff|person|executive)"
    ),
    firm=(
        r"(?:(?:real|actual|live|human|living|customer|support|service) )*(?:agents?|humans?|human beings?"
        r"|representatives?|reps?|operator|supervisor|person)"
        rf"|{_DESK}|live (?:chat|support)|human (?:support|assistance|help)"
    ),
    someone=r"who(?:so)?ever(?: is|'s) in charge|some ?one|somebody|anyone|anybody|some (?:guy|person|human)|your (?:boss|superior|seniors?)|a senior",
    talk=(
        r"talk|speak|spek|speek|chat|connect|conect|transfer (?:me|us|this|(?:my|the) (?:call|chat))|patch me|put (?:me|us|through)"
        r"|get (?:me |us )?(?:in touch|through|over|a hold)|converse|discuss|complain to|have a (?:word|chat|conversation)|(?:called|contacted|phoned|rung) by|hear from|forward me|escalate|hand me|switch me|redirect|route me|pass me|refer me"
        r"|(?:prefer|rather|like|mind|insist on|help|consider|try|about|for|of) (?:talking|speaking|chatting)"
    ),
    fetch=(
        r"need|want|wanna|get|give|require|prefer|would like|i'd like|id like|ask(?:ing)? for|bring|request(?:ing)?|demand"
        r"|let me have|could i have|can i have|may i have|gimme|transfer|reach|contact(?! info)|call(?! your ?self)|arrange"
    ),
    against=r"(?:do(?:es)? ?n[o']?t|don'?t|dont|not|never|rather not)(?: really| even)? (?:want|need|wish|like|talk|speak|chat)|sick of|tired of|fed up with|hate",
    no=(
        r"(?:do(?:es)? ?n[o']?t|don'?t|dont|did ?n[o']?t|won'?t|would ?n[o']?t|never|not|rather not)"
        r" (?:really |even |currently |yet )?(?:want|need|wish|require|like|have to|looking|trying|asking|prefer|connect|transfer|get me|give me|send|put|call|contact|escalate|forward|pass|talk|speak|chat)"
        r"|no need|need ?n[o']?t|not necessary|unnecessary|without|rather than|instead of|avoid|never mind|no longer"
        r"|no (?:agents?|humans?|persons?|representatives?)(?: is| are)?(?: needed| required| necessary)?(?: please| thanks?| thank you)*$"
        r"|(?:had to|able to|made me|told me to|asked me to|said to|advised (?:me )?to|used to|managed to)"
    ),
    machine=r"(?:chat ?)?bots?|robots?|machines?|computers?|a\.?i\.?|automated|recording|virtual assistant|algorithm|program",
    filler=r"please|pls|plz|plss|hi|hello|hey|now|thanks?|thank you|ok|okay|yes|no|a|an|the|i|said|just|right|asap|urgent(?:ly)?|immediately|want|need|to|for|only|sir|madam|again",
    but=r"but|however|though|because|so please|just",
    always=(
        r"(?:is|are|ther|there|any|hello)(?: \w+){0,3} (?:human|person|agent|anyone|anybody|someone|somebody)s?"
        r"(?: \w+){0,2} (?:i can (?:talk|speak|chat)|to (?:talk|speak|chat)|available|(?:on|at) the other)"
        r"|(?<!\bmy )(?<!\bour )(?<!\bhis )(?<!\bher )(?<!\bthe )(?:human|agent|person|representative|someone|somebody|manager|supervisor|executive|staff|colleague|advis[eo]r|specialist|your team)s?(?: \w+){0,3} (?:call|contact|phone|ring|reach|talk to|speak to|speak with)"
        r"(?: me| us| back)+"
        r"|(?:agent|human|person|representative|executive)s? to (?:talk|chat|speak|answer)|(?:real|live|actual) (?:agent|human|person|representative) available"
        r"|^(?:i )?(?:want|wanna|need)(?: to)? (?:talk|chat|speak)$|call me back|give me a call(?: ?back)?|want a call ?back|request a call ?back"
        r"|(?:who|whom) can i (?:talk|speak) (?:to|with)|stop (?:this|the|talking).{0,20}\bbot"
        r"|(?:get|give|bring|find) (?:me|us) (?:someone|somebody|anyone)|want (?:someone|somebody) to (?:call|ring|phone)"
    ),
    never=(
        r"(?:(?:am i|are you|are u|r u|is this|is it) (?:\w+ ){0,4}|(?:you are|you're|i am|i'm) )(?:a |an |the )?(?:real |actual |live )?(?:human|person|agent|people|operator|representative)"
        r"|(?:travel|estate|property|realty|insurance|delivery|pick ?up|courier|shipping|leasing|booking|cleaning|secret|free|user|file|task|package|password|project|window|device|download|bank|hotel|store|branch|tour|ticket) (?:agent|manager|operator|advisor|executive|person|staff)"
        r"|(?:agent|manager|representative|operator|executive|staff|customer (?:care|service|support)|help ?desk|call cent(?:er|re)) ?(?:'s|numbers?|no\.?|names?|e-?mails?|id|phone|address|details|portal|app|code|login|hours|timings?|line|fees?|charges?|commission)\b"
        r"|(?:how|what|which|when|where)(?: \w+){0,5} (?:contact|reach|call|number|open|hours|timings?|available)(?: \w+){0,4} (?:customer (?:care|service|support)|help ?desk|call cent(?:er|re)|staff|technical support|support team)"
        r"|(?<!how )(?:do|should|must|would) (?:i|we|you) (?:(?:have|need) to |ever )?(?:contact|call|talk|speak|chat|reach)|do i (?:have|need) (?:a|an)"
        r"|person's|contact person|any ?(?:one|body) else|number (?:\w+ ){0,4}(?:call|speak|talk)"
        r"|people (?:who|that|in|on|of|to)|(?:for|of|per|each|one|two|three|four|five|six|seven|eight|\d+) (?:\w+ )?(?:people|person)s?"
    ),
    free=False,
)

FRENCH = Words(
    person=(
        r"(?:vrai[es]?|véritables?|autre) (?:agents?|personnes?|humaine?s?|conseill\w+)|agents?|conseill(?:er|ère|ers)s?|téléconseill\w+"
        r"|humaine?s?|êtres? humains?|une (?:vraie )?personne|opérat(?:eur|rice)s?|représentant(?:e|s)?|responsables?|quelqu'un"
        r"|service client(?:s|èle)?|un(?:e)? employée?|technicien(?:ne)?s?|gestionnaire|commercial|interlocut(?:eur|rice)|chargée? de clientèle|superviseur|manager|directeur"
    ),
    firm=r"(?:vrai[es]?|véritable) (?:agent|personne|humaine?|conseill\w+|interlocut\w+)|êtres? humains?|responsable|agent|conseill(?:er|ère)|humaine?|opérat(?:eur|rice)|représentante?|service client(?:s|èle)?",
    talk=(
        r"parler|discuter|échanger|joindre|contacter|appeler|passer|passez(?:-moi)?|transférer|transférez(?:-moi)?|connecter|connectez(?:-moi)?"
        r"|mettre en (?:relation|contact|communication)|mettez(?:-moi)? en (?:relation|contact|communication)|avoir|rappel\w+|communiquer|rediriger|causer|dialoguer|m'entretenir|m'adresser"
    ),
    fetch=r"veux|voudrais|souhaite|souhaiterais|besoin d[e']?|aimerais|donnez(?:-moi)?|demande|il me faut|préfère|préférerais|exige",
    no=r"n[e'] ?(?:\w+ )?(?:veux|voudrais|souhaite|ai|faut|est) ?(?:pas|plus)|pas besoin|pas nécessaire|inutile|sans (?:parler|passer|avoir|contacter)|au lieu d|plutôt que|(?:j'ai|avais|a été|ont été|étais|avoir) (?:\w+ )?(?:parlé|contacté|appelé|eu)",
    against=r"n[e'] ?(?:\w+ )?(?:veux|voudrais|souhaite|ai) ?(?:pas|plus)|marre d[eu']?|assez d[eu']?|ras[- ]le[- ]bol d[eu']?|fatiguée? d[eu']?",
    machine=r"robots?|bots?|machines?|chat ?bots?|ordinateurs?|automates?|intelligence artificielle|ia",
    filler=r"s'il (?:vous|te) pla[iî]t|svp|stp|bonjour|salut|merci|un|une|le|la|l'|je|veux|oui|non|maintenant|vite|d'urgence|à|à un|à une|moi",
    but=r"mais|cependant|donc|car",
    always=r"(?:quelqu'un|une? (?:vraie? )?(?:conseill\w+|agent|humain|personne|responsable|employée?|collègue))(?: [\w'-]+){0,3} (?:(?:me|nous) (?:rappeler?|contacter?|répondre|parler)|m'appeler?)|rappelez[- ]moi|y a-?t-?il (?:quelqu'un|un humain|une personne)",
    never=(
        r"(?:êtes[- ]vous|es[- ]tu|suis[- ]je|c'est|est[- ]ce que (?:vous êtes|tu es|c'est)|vous êtes|parlé à|parle à) (?:\w+ ){0,4}(?:humaine?|robot|personne|agent)"
        r"|agent (?:immobilier|de voyages?|d'assurances?)|(?:numéro|téléphone|horaires?|adresse|mail)(?: \w+){0,3} (?:service|conseiller|agent)"
    ),
    free=False,
)

HINGLISH = Words(
    person=(
        rf"{_LOANS}|insa+n|aadmi|a+dmi|vyakti|bande? se|manush|sahab|adhikari|pratinidhi|asli (?:insa+n|aadmi|agent)|customer care wale?|care wale?|real person|person|live person"
    ),
    firm=rf"{_LOANS}|insa+n|asli (?:vyakti|a+dmi|insa+n|banda|bande)|pratinidhi|real person|live person|person",
    someone=r"kis(?:i|ee)|koi",
    talk=r"ba+t|baat|baatchit|bat (?=kar)|(?:connect|conect|transfer|call) (?:kar|kr)\w*|jod|jodo|jodiye|jodna|sampark|milwa\w*|milao|milaiye",
    fetch=r"chahi?ye|chahie|chaiye|chahta|chahti|chahte|do$|de do|dijiye|dedo|dilao|dilwa\w*|bulao|bulaiye|bula do|bhejo",
    no=r"nahi+n?(?: hi)? (?:chahi?ye|chahie|karni|karna|karunga|karungi|chahta|chahti)|chahi?ye nahi+n?|mat|zaroorat nahi+n?|jaru+rat nahi+n?|zarurat nahi+n?|ki zaroorat nahi+n?|bina|ke bajay|(?:hui|hua|ho gay?i|ho gyi|ho chuki|ki|kari|kar li|kar chuk[aei])(?: hai| h| thi| tha)?(?: kal| aaj| parso| pehle| already)?$",
    machine=r"bot|robot|machine|computer",
    filler=r"please|plz|pls|bhai|sir|ji|haan|han|mujhe|muje|mereko|ek|abhi|jaldi|bhaiya|madam|kripya|hello|hi|namaste|se|ko",
    but=r"lekin|magar|par|kyunki|balki",
    always=(
        r"koi (?:insa+n|a+dmi|agent|banda|human|person|executive) (?:hai|he|h|milega|mil sakta|available)"
        r"|(?:agent|insa+n|a+dmi|manager|senior|executive|supervisor|kisi) ko (?:line|phone|call) p(?:e|ar)"
    ),
    never=r"(?:insa+n|a+dmi|log) ko kit\w+|(?:kya )?(?:aap|tum|tu) (?:\w+ )?(?:bot|robot|insa+n|human|machine)|(?:delivery|travel|insurance|property|bank) (?:agent|manager|executive)|(?:number|email|no\.?) (?:\w+ ){0,2}(?:do|de do|dijiye|chahi?ye|batao|bataiye)|agent (?:ka|ki|ke) (?:number|naam|email)",
)

HINDI = Words(
    person=(
        rf"{_LOANS}|एजें?ट|एजेन्ट|इं?सान|इन्सान|आदमी|व्यक्ति|प्रतिनिधि|ऑपरेटर|मैने?जर|मैनेज़र|सीनियर|अधिकारी|सुपरवाइज़र|कस्टमर (?:केयर|सर्विस|सपोर्ट)|ग्राहक (?:सेवा|सहायता)(?: (?:अधिकारी|प्रतिनिधि|केंद्र))?|कर्मचारी|एग्ज़?ीक्यूटिव|कॉल सें?टर"
    ),
    firm=rf"{_LOANS}|एजें?ट|एजेन्ट|इं?सान|इन्सान|(?:असली|सच्चे|सचमुच के|वास्तविक) (?:व्यक्ति|आदमी|इं?सान)|प्रतिनिधि|ऑपरेटर|कस्टमर (?:केयर|सर्विस|सपोर्ट)|ग्राहक सेवा",
    someone=r"किसी|कोई",
    talk=r"बात\S*|बातचीत|कनेक्ट|जोड़\S*|जोड\S*|संपर्क|सम्पर्क|ट्रांसफर|कॉल|मिलवा\S*|मिलाइए|talk|connect|baat",
    fetch=r"चाहिए|चाहिये|चाहता|चाहती|चाहते|दीजिए|दीजिये|दो$|दे दो|दें|बुलाओ|बुलाइए|बुलाएं|दिलाइए|भेजो|भेजिए|मिल सक\S*|मिल जाए\S*|मिलेगा|मिलेगी",
    no=r"नहीं (?:चाहिए|चाहिये|करनी|करना|चाहता|चाहती)|चाहिए नहीं|मत|ज़?रूरत नहीं|जरुरत नहीं|बिना|के बजाय|(?:हुई|हो गई|की|कर ली|हो चुकी)(?: है| थी| था)?$",
    machine=r"बॉट|बोट|रोबोट|मशीन|कंप्यूटर|bot|robot",
    filler=r"कृपया|प्लीज़?|मुझे|एक|अभी|जल्दी|नमस्ते|हैलो|हाँ|जी|सर|मैडम|please|से|को|तुरंत",
    but=r"लेकिन|मगर|पर|बल्कि|क्योंकि",
    always=r"(?:अधिकारी|मैने?जर|सीनियर|सुपरवाइज़र|एजें?ट|आदमी|इं?सान|व्यक्ति) को (?:(?:फोन|फ़ोन)|बुला\S*|लाइन पर)",
    never=r"(?:क्या )?(?:आप|तुम) (?:\S+ )?(?:बॉट|रोबोट|इं?सान|इन्सान|मशीन|मनुष्य)|(?:डिलीवरी|ट्रैवल|बीमा|प्रॉपर्टी|बैंक) (?:एजें?ट|मैनेजर)|(?:नंबर|नम्बर|ईमेल) (?:\S+ ){0,2}(?:दो|दीजिए|चाहिए|बताओ|बताइए|क्या)",
)

MARATHI = Words(
    person=rf"{_LOANS}|एजं?ट\S*|एजन्ट\S*|माण(?:ूस|सा\S*)|व्यक्ती\S*|प्रतिनिधी\S*|ऑपरेटर\S*|मॅनेजर\S*|अधिकारी|अधिकाऱ्या\S*|कस्टमर (?:केअर|सर्व्हिस|सपोर्ट)|ग्राहक सेवा\S*|मानवी \S+",
    firm=rf"{_LOANS}|एजं?ट|एजन्ट|माणूस|प्रतिनिधी|ऑपरेटर|कस्टमर केअर|ग्राहक सेवा",
    someone=r"कोणाशी|कोणाशीतरी|कुणाशी|कुणाशीतरी|कोणीतरी|कुणीतरी",
    talk=r"बोल\S*|संपर्क|जोड\S*|संवाद|कनेक्ट|कॉल",
    fetch=r"हवा|हवी|हवे|हवाय|पाहिजे|द्या|बोलवा|पाठवा",
    no=r"नको|नकोय|गरज नाही|नाही (?:बोलायचं|बोलायचे|हवा|पाहिजे)|(?:बोलायचं|बोलायचे|हवा|पाहिजे) नाही|शिवाय|ऐवजी|(?:बोललो|बोलले|बोलणं झालं|झालं)(?: आहे| होतं)?$",
    machine=r"बॉट\S*|रोबोट\S*|मशीन\S*|संगणक\S*|bot|robot",
    filler=r"कृपया|मला|एक|आता|लवकर|नमस्कार|प्लीज|हो|शी|सर",
    but=r"पण|परंतु|मात्र",
    never=r"(?:तुम्ही|तू) (?:\S+ )?(?:बॉट|रोबोट|माणूस|मशीन)|(?:नंबर|क्रमांक|ईमेल) (?:\S+ ){0,2}(?:द्या|हवा|सांगा|काय)",
)

GUJARATI = Words(
    person=rf"{_LOANS}|એજન્ટ\S*|માણસ\S*|વ્યક્તિ\S*|પ્રતિનિધિ\S*|ઓપરેટર\S*|મેનેજર\S*|અધિકારી\S*|કસ્ટમર (?:કેર|સર્વિસ|સપોર્ટ)|ગ્રાહક સેવા",
    firm=rf"{_LOANS}|એજન્ટ|માણસ|પ્રતિનિધિ|ઓપરેટર|કસ્ટમર કેર|ગ્રાહક સેવા",
    someone=r"કોઈ|કોઇ|કોઈક",
    talk=r"વાત\S*|સંપર્ક|જોડ\S*|કનેક્ટ|કોલ|બોલવું",
    fetch=r"જોઈએ|જોઇએ|જોઈએ છે|આપો|બોલાવો|મોકલો|માંગુ",
    no=r"નથી (?:જોઈતો|જોઈતી|કરવી|જોઈતું|માંગતો)|નથી$|જરૂર નથી|ના જોઈએ|વગર|બદલે|(?:થઈ ગઈ|કરી હતી|થઈ હતી)(?: છે)?$",
    machine=r"બોટ|રોબોટ|મશીન|કમ્પ્યુટર|bot|robot",
    filler=r"કૃપા કરીને|મને|મારે|એક|હમણાં|જલ્દી|નમસ્તે|હા|સાથે|પ્લીઝ",
    but=r"પણ|પરંતુ|કારણ કે",
    never=r"(?:શું )?(?:તમે|તું) (?:\S+ )?(?:બોટ|રોબોટ|માણસ|મશીન)|(?:નંબર|ઈમેલ) (?:\S+ ){0,2}(?:આપો|જોઈએ|શું)",
)

TAMIL = Words(
    person=rf"{_LOANS}|ஏஜெ?ன்ட்\S*|ஏஜண்ட்\S*|முகவர\S*|மனித\S*|நபர\S*|பிரதிநிதி\S*|அதிகாரி\S*|மேலாளர\S*|மேனேஜர\S*|ஆபரேட்டர\S*|வாடிக்கையாளர் (?:சேவை|ஆதரவு|பராமரிப்பு)\S*|கஸ்டமர் கேர்\S*|உண்மையான ஆள\S*|ஆளுடன்|ஆளிடம்",
    firm=rf"{_LOANS}|ஏஜெ?ன்ட்|ஏஜண்ட்|முகவர்|மனிதர்|பிரதிநிதி|ஆபரேட்டர்|கஸ்டமர் கேர்",
    someone=r"யாரிடமாவது|யாருடனாவது|யாராவது|யாரையாவது|ஒருவருடன்|ஒருவரிடம்",
    talk=r"பேச\S*|இணை\S*|தொடர்பு\S*|கனெக்ட்|அழை\S*",
    fetch=r"வேண்டும்|வேணும்|தேவை|கொடுங்கள்|தாருங்கள்|அனுப்புங்கள்",
    no=r"வேண்டாம்|வேணாம்|தேவையில்லை|தேவை இல்லை|விரும்பவில்லை|இல்லாமல்|பதிலாக|(?:பேசினேன்|பேசிவிட்டேன்|பேசினார்)$",
    machine=r"பாட்\S*|ரோபோ\S*|இயந்திர\S*|மெஷின்\S*|கணினி\S*|bot|robot",
    filler=r"தயவுசெய்து|தயவு செய்து|எனக்கு|ஒரு|இப்போது|வணக்கம்|ஆம்|உடனே|ப்ளீஸ்|நான்",
    but=r"ஆனால்|ஏனென்றால்",
    never=r"(?:நீங்கள்|நீ) (?:\S+ )?(?:பாட்|ரோபோ|மனித|இயந்திர)|(?:எண்|நம்பர்|மின்னஞ்சல்) (?:\S+ ){0,2}(?:கொடு|வேண்டும்|என்ன|சொல்)",
)

TELUGU = Words(
    person=rf"{_LOANS}|ఏజెంట్\S*|ఏజంట్\S*|మనిషి\S*|మనుషు\S*|వ్యక్తి\S*|ప్రతినిధి\S*|అధికారి\S*|మేనేజర్\S*|ఆపరేటర్\S*|కస్టమర్ (?:కేర్|సర్వీస్|సపోర్ట్)\S*|వినియోగదారుల సేవ\S*",
    firm=rf"{_LOANS}|ఏజెంట్|మనిషి|ప్రతినిధి|ఆపరేటర్|కస్టమర్ కేర్",
    someone=r"ఎవరితోనైనా|ఎవరితోనన్నా|ఎవరైనా|ఎవరినైనా|ఎవరో",
    talk=r"మాట్లాడ\S*|కనెక్ట్|కలప\S*|సంప్రది\S*|కలుప\S*|కాల్",
    fetch=r"కావాలి|కావలి|ఇవ్వండి|పంపండి|పిలవండి|అవసరం$",
    no=r"వద్దు|అవసరం లేదు|అక్కర్లేదు|అక్కరలేదు|ఇష్టం లేదు|లేకుండా|బదులు|(?:మాట్లాడాను|మాట్లాడారు)$",
    machine=r"బాట్\S*|రోబో\S*|యంత్ర\S*|మెషిన్\S*|కంప్యూటర్\S*|bot|robot",
    filler=r"దయచేసి|నాకు|నేను|ఒక|ఇప్పుడు|నమస్తే|నమస్కారం|అవును|వెంటనే|ప్లీజ్|తో",
    but=r"కానీ|కాని|ఎందుకంటే",
    never=r"(?:మీరు|నువ్వు) (?:\S+ )?(?:బాట్|రోబో|మనిషి|యంత్ర)|(?:నంబర్|నెంబర్|ఈమెయిల్) (?:\S+ ){0,2}(?:ఇవ్వండి|కావాలి|ఏమిటి|చెప్పండి)",
)

KANNADA = Words(
    person=rf"{_LOANS}|ಏಜೆಂಟ್\S*|ಏಜಂಟ್\S*|ಮನುಷ್ಯ\S*|ವ್ಯಕ್ತಿ\S*|ಪ್ರತಿನಿಧಿ\S*|ಅಧಿಕಾರಿ\S*|ಮ್ಯಾನೇಜರ್\S*|ಆಪರೇಟರ್\S*|ಕಸ್ಟಮರ್ (?:ಕೇರ್|ಸರ್ವಿಸ್|ಸಪೋರ್ಟ್)\S*|ಗ್ರಾಹಕ ಸೇವೆ\S*",
    firm=rf"{_LOANS}|ಏಜೆಂಟ್|ಮನುಷ್ಯ|ಪ್ರತಿನಿಧಿ|ಆಪರೇಟರ್|ಕಸ್ಟಮರ್ ಕೇರ್",
    someone=r"ಯಾರೊಂದಿಗಾದರೂ|ಯಾರಾದರೂ|ಯಾರನ್ನಾದರೂ|ಯಾರ ಜೊತೆಗಾದರೂ|ಯಾರ ಹತ್ತಿರನಾದರೂ",
    talk=r"ಮಾತನಾಡ\S*|ಮಾತಾಡ\S*|ಸಂಪರ್ಕ\S*|ಕನೆಕ್ಟ್|ಜೋಡಿ\S*|ಕರೆ",
    fetch=r"ಬೇಕು|ಬೇಕಾಗಿದೆ|ಕೊಡಿ|ನೀಡಿ|ಕಳುಹಿಸಿ|ಕರೆಯಿರಿ",
    no=r"ಬೇಡ|ಅಗತ್ಯವಿಲ್ಲ|ಅಗತ್ಯ ಇಲ್ಲ|ಬೇಕಾಗಿಲ್ಲ|ಇಷ್ಟವಿಲ್ಲ|ಇಲ್ಲದೆ|ಬದಲು|(?:ಮಾತನಾಡಿದೆ|ಮಾತಾಡಿದೆ)$",
    machine=r"ಬಾಟ್\S*|ರೋಬೋ\S*|ಯಂತ್ರ\S*|ಮೆಷಿನ್\S*|ಕಂಪ್ಯೂಟರ್\S*|bot|robot",
    filler=r"ದಯವಿಟ್ಟು|ನನಗೆ|ನಾನು|ಒಬ್ಬ|ಈಗ|ನಮಸ್ಕಾರ|ಹೌದು|ತಕ್ಷಣ|ಪ್ಲೀಸ್|ಜೊತೆ",
    but=r"ಆದರೆ|ಏಕೆಂದರೆ",
    never=r"(?:ನೀವು|ನೀನು) (?:\S+ )?(?:ಬಾಟ್|ರೋಬೋ|ಮನುಷ್ಯ|ಯಂತ್ರ)|(?:ನಂಬರ್|ಸಂಖ್ಯೆ|ಇಮೇಲ್) (?:\S+ ){0,2}(?:ಕೊಡಿ|ಬೇಕು|ಏನು|ಹೇಳಿ)",
)

BY_SCRIPT: dict[str, tuple[Words, ...]] = {
    "Latin": (ENGLISH, HINGLISH, FRENCH),
    "Devanagari": (HINDI, MARATHI),
    "Gujarati": (GUJARATI,),
    "Tamil": (TAMIL,),
    "Telugu": (TELUGU,),
    "Kannada": (KANNADA,),
}
"""Which languages a script is tried in."""
