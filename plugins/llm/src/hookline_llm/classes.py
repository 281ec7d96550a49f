"""Words that turn a sentence round when they are added, left out or exchanged: negations, "all", "must", opposites.

A sentence of the model may hold a word of a class only if the passage holds one of the same class nearby; a word with
an opposite may not stand where the passage has the opposite.  English, French, Hindi; German and Tamil in part.
"""

from __future__ import annotations

from collections.abc import Mapping

NEGATIONS = frozenset(
    """
    not no never none neither nor nobody nothing nowhere cannot without unable hardly n't
    dont doesnt didnt isnt arent wasnt werent wont cant couldnt shouldnt wouldnt
    ne n' pas jamais aucun aucune rien sans ni non nulle nul guère personne
    नहीं न ना मत बिना बगैर बिन नही कभी_नहीं
    nicht kein keine keinen keinem keiner keines nie niemals ohne weder nichts
    இல்லை இல்லாமல் முடியாது கூடாது வேண்டாம் இல்லாத
    """.split()
)
# Not a negation of what is said, though it holds a word that is one elsewhere (regular expressions).
HARMLESS = (
    r"not (?:be )?(?:older|more|less|later|longer|earlier|larger|smaller|fewer|higher|lower) than", r"not exceed",
    r"pas plus (?:de|que)", r"(?:ne )?d[ée]passe(?:nt|r)? pas", r"से (?:अधिक|ज़्यादा|ज्यादा|पुराना|पुरानी) न(?:हीं)?", r"nicht (?:mehr|älter|länger|später) als",
    "not only", "no matter", "no doubt", "why not", "no later than", "no more than", "no less than", "no fewer than",
    "non seulement", "ne que", "pas seulement", "न केवल", "nicht nur", "n'importe", "neither nor",
)  # fmt: skip

_CLASSES = """
all: all every always each entire entirely completely tout toute tous toutes toujours chaque सभी सब हमेशा हर प्रत्येक पूरी पूरा पूरे alle immer jeder jede jedes
only: only solely exclusively merely uniquement seulement exclusivement केवल सिर्फ मात्र nur ausschließlich
free: free gratis complimentary gratuit gratuite gratuits gratuites gratuitement मुफ़्त मुफ्त निःशुल्क नि:शुल्क kostenlos gratis இலவசம் இலவச
guarantee: guarantee guarantees guaranteed promise promises promised assure assured ensure ensures garantie garantir garantit garanti garantis promet promettons assurer गारंटी वादा आश्वासन garantieren garantiert
must: mandatory compulsory obligatory obligatoire obligatoires अनिवार्य pflicht
refund: refund refunds refunded reimburse reimbursed reimbursement remboursement remboursé rembourser remboursons रिफंड रिफ़ंड धनवापसी erstattung compensation indemnisation मुआवज़ा मुआवजा
instant: immediately instantly instant immédiatement instantanément immédiat तुरंत तत्काल sofort
unlimited: unlimited illimité illimitée illimités illimitées असीमित अनलिमिटेड unbegrenzt
never: never jamais कभी niemals
today: today tonight aujourd'hui आज heute இன்று
tomorrow: tomorrow demain morgen நாளை कल
yesterday: yesterday hier gestern நேற்று
mon: monday mondays lundi lundis सोमवार montag திங்கள்
tue: tuesday tuesdays mardi mardis मंगलवार dienstag செவ்வாய்
wed: wednesday wednesdays mercredi mercredis बुधवार mittwoch புதன்
thu: thursday thursdays jeudi jeudis गुरुवार बृहस्पतिवार donnerstag வியாழன்
fri: friday fridays vendredi vendredis शुक्रवार freitag வெள்ளி
sat: saturday saturdays samedi samedis शनिवार samstag சனி
sun: sunday sundays dimanche dimanches रविवार इतवार sonntag ஞாயிறு
weekend: weekend weekends सप्ताहांत wochenende
next: next prochain prochaine nächste nächsten अगले अगला अगली
last: last dernier dernière पिछले पिछला पिछली letzte letzten
"""

_OPPOSITES = """
before earlier avant plus_tôt पहले पूर्व vor vorher / after later après बाद पश्चात nach nachher
increase increased increases rise rises rose risen grew grow grows grown higher augmenter augmente augmenté hausse बढ़ बढ़ा बढ़ी बढ़ता बढ़ती वृद्धि steigen / decrease decreased decreases fall falls fell fallen decline declined declines drop dropped drops lower reduced reduce diminuer diminue diminué baisse घट घटा घटी घटता घटती कमी sinken
include included includes including inclus incluse incluses comprend compris comprise शामिल सम्मिलित enthalten / exclude excluded excludes excluding exclu exclue exclus exclues अपवर्जित ausgeschlossen
allowed allow allows permitted permit permits autorisé autorisée autorisés permis permet अनुमति erlaubt / forbidden prohibited prohibit prohibits banned disallowed interdit interdite interdits interdites प्रतिबंधित निषिद्ध मना verboten
open opens opened ouvert ouverte ouvre ouverts खुला खुले खुलता खुली geöffnet / closed close closes shut fermé fermée ferme fermés बंद geschlossen
minimum least मिनिमम न्यूनतम mindestens moins कम / maximum most माक्सिमम अधिकतम höchstens plus अधिक ज़्यादा ज्यादा
more above over exceeds exceeding greater larger supérieur supérieure dépasse mehr / less below under fewer smaller inférieur inférieure weniger
first premier première प्रथम / last final dernier dernière अंतिम आखिरी letzte
start starts started begin begins began beginning début commence commencé शुरू आरंभ प्रारंभ / end ends ended ending finish finishes finished stop stopped fin termine terminé समाप्त खत्म ख़त्म
incoming received entrant entrants entrante / outgoing sent sortant sortants sortante
buy buys bought purchase purchased acheter achète acheté खरीद खरीदा खरीदें खरीदना / sell sells sold vendre vend vendu बेच बेचा बेचें बेचना
accept accepts accepted accepter accepte accepté स्वीकार / reject rejects rejected refuse refused refuser refusé अस्वीकार
activate activated enable enabled activer activé activez सक्रिय चालू / deactivate deactivated disable disabled désactiver désactivé désactivez निष्क्रिय
north northern nord उत्तर उत्तरी / south southern sud दक्षिण दक्षिणी
east eastern est_ पूर्वी / west western ouest पश्चिम पश्चिमी
possible / impossible असंभव
optional facultatif facultative वैकल्पिक freiwillig / mandatory required compulsory obligatory obligatoire obligatoires अनिवार्य
cheaper cheapest / dearer expensive costlier
won win wins victory gagné victoire जीता जीत / lost lose loses defeat perdu défaite हारा हार
best better meilleur meilleure सर्वश्रेष्ठ बेहतर / worst worse pire सबसे_खराब
male men man homme hommes पुरुष / female women woman femme femmes महिला महिलाओं
true vrai सच / false faux झूठ
public publics publique publiques सार्वजनिक / private privé privée privés निजी
same même / different différent différente
left gauche बाएं बाईं / right droite दाएं दाईं
morning mornings matin matins सुबह morgens / evening evenings soir soirs शाम abends
tenant tenants locataire locataires किरायेदार / landlord landlords propriétaire propriétaires मकान-मालिक
"""


def _classes() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _CLASSES.strip().splitlines():
        name, words = line.split(": ", 1)
        for word in words.split():
            found.setdefault(word, name)
    return found


def _opposites() -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(_OPPOSITES.strip().splitlines()):
        for side, words in enumerate(line.split(" / ")):
            for word in words.split():
                found.setdefault(word, (number, side))
    return found


# What an answer in other words may say in place of the passages' own words.
BRIDGES = frozenset(
    """
    go goes open select choose click tap press use using used get gets receive received find see check contact call ask visit
    turn switch need needs needed allow allowed provide provided provides available possible follow works work working valid
    arrive arrives reach reaches ship shipped send sent sends resend stored saved listed shown must want wish able simply
    include included includes larger greater bigger smaller than more less about around approximately roughly also then
    once when within during before after until upto amount number total price prices cost costs costing priced charge charged
    break breaks down fail fails happens occurs fee fees pay paid payment customers customer people person user users item items thing things order orders take takes
    make made give given gives offer offered offers have has left mean means called known located based begin starts
    aller allez ouvrez choisissez cliquez utilisez obtenez recevez trouver trouverez voir voyez vérifiez contactez appelez
    demandez faites faire fait besoin disponible possible suivez fonctionne arrive envoyer envoyé doit doivent peut peuvent
    environ montant nombre prix coûte coûtent frais payer paiement client clients personne personnes commande prend dure
    donner donne offert avoir situé commence occuper dès être mettre rendre
    जाएँ जाएं जाकर खोलें चुनें क्लिक दबाएँ करें उपयोग मिल मिलता मिलती मिलेगा प्राप्त देखें संपर्क पूछें ज़रूरत जरूरत उपलब्ध संभव पहुँच
    पहुंच भेज भेजा चाहिए लगभग राशि संख्या कीमत शुल्क लगता लगती देना देनी होगी होगा होंगे ग्राहक व्यक्ति लेता लिया लेकर फिलहाल रहता
    रहती रहेगा सकेंगे जाए जाता निकाल आपको आपका
    """.split()
)

CLASSES: Mapping[str, str] = _classes()
"""A casefolded word's class: what may only be said where the passage says it too."""

OPPOSITES: Mapping[str, tuple[int, int]] = _opposites()
"""A casefolded word's pair of opposites and its side in it."""
