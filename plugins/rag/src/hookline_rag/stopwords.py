"""The commonest words of languages: what tells languages of one script apart, and what a question is not about."""

from __future__ import annotations

from collections import Counter

_LATIN = {
    "en": """a about after again all also am an and any are as at be because been before being between both but by can
    could did do does doing during each few for from further get give had has have having he her here hers him his how
    i if in into is it its just let may me might more most must my no nor not of off on once only or other our out over
    own please same she should so some such tell than that the their them then there these they this those through to
    too under until up us very was we were what when where which while who whom whose why will with would you your
    yours s t d ll m re ve don doesn isn im id ive want know need hi hello thanks thank ok""",
    "fr": """à a ai aie au aux avec avez avoir avons c ce ceci cela ces cet cette comment combien d dans de des donc du
    elle elles en es est et été être eu faire fait faut il ils j je l la là le les leur leurs lui m ma mais me mes moi
    mon n ne nos notre nous on ont ou où par pas peut peux plus pour pourquoi puis qu quand que quel quelle quelles
    quels qui quoi s sa sans se ses si son sont sur t ta te tes toi ton tu un une vos votre vous y veux dois doit
    bonjour merci combien puis peut être faut il va vas sommes êtes quels fais fait faites""",
    "de": """ab aber alle als also am an auch auf aus bei bin bis bist da damit dann das dass dein dem den der des dich
    die dies diese diesem diesen dieser dieses dir doch du durch ein eine einem einen einer eines er es euch für gibt
    habe haben hat hier ich ihm ihn ihr ihre im in ist ja kann kein keine können man mein meine mich mir mit muss nach
    nicht noch nur ob oder ohne sehr sein seine sich sie sind so über um und uns unser unter vom von vor wann war warum
    was welche welcher welches wenn wer werden wie wir wird wo wurde zu zum zur hallo danke""",
    "es": """a al algo ante aquí como cómo con cual cuál cuales cuando cuándo cuanto cuánto cuántos de del desde donde
    dónde dos e el él ella ellos en entre era es esa ese eso esta está están este esto estos fue ha han hasta hay la las
    le les lo los más me mi mis muy ni no nos o os otra otro para pero por porque puedo puede qué que quién se ser si sí
    sin sobre son su sus también te tengo tiene tu tus un una uno unos y ya yo hola gracias""",
    "pt": """a ao aos as até com como da das de dela dele do dos e é ela ele em entre era essa esse esta este eu foi há
    isso isto já lhe mais mas me meu minha muito na não nas nem no nos nós o onde os ou para pela pelo por porque posso
    pode qual quais quando quanto que quem se sem ser seu sua são também te tem tenho um uma você vocês olá obrigado""",
    "it": """a ai al alla alle anche c che chi ci come con cosa cui da dal dalla dei del della delle di dove e è ed essere
    fra gli ha hai ho i il in io l la le lei lo loro lui ma mi mia mio ne nei nel nella noi non nostro o per perché più
    posso può qual quale quali quando quanto quella quello questa questo se sei si sia sono su sua suo sul ti tra tu un
    una uno vi voi ciao grazie""",
    "nl": """aan al als ben bij dan dat de der deze die dit doen door dus een en er geen had heb hebben heeft het hij hoe
    hun ik in is ja je jij kan kunnen maar me meer met mij mijn moet na naar niet nog nu of om onder ons onze ook op over
    te tot u uit van veel voor waar waarom was wat we wel welke wie wij wil word worden wordt zal ze zich zij zijn zo""",
    "id": """ada adalah akan aku anda apa apakah atau bagaimana bagi bahwa berapa bisa bukan dalam dan dapat dari dengan
    di dia hari ini itu jika juga kami kapan karena ke kita lagi lebih mana mengapa mereka oleh pada saat saja saya
    sebagai seperti siapa sudah tentang tersebut tidak untuk yang ya halo terima kasih""",
    "tr": """acaba ama bana bazı ben beni benim bir biz bu çok da daha de değil diye en gibi hangi hem hiç için ile ise
    kaç kadar ki kim mı mi mu mü nasıl ne neden nerede ne niçin o olan olarak onu sen siz şey şu ve veya ya yani zaman""",
    "ro": """a acest această ai al ale am ar are au ca care ce cel cine cu cum da de din după ea ei el este eu fi fost
    în îl îmi la le lui mai mă mea meu nu o pe pentru prin sau să se sunt și te un una unde unei unui va vă""",
    "sv": """alla att av bara blir då de dem den det detta dig din du där efter eller en ett från för får finns gör ha hade
    han har hon hur här i inte jag ja kan kommer man med mig min mitt mot måste när och om på sig sin ska som så till under
    ut vad var varför vara vem vi vid vilka vilken vill är ni oss eller hej tack också skulle""",
    "da": """af alle at blive da de dem den der det dig din dit du efter eller en er et for fra få går gør ham han har have
    hendes hun hvad hvem hver hvis hvor hvordan hvorfor hvornår i ikke ind jeg kan kommer man med meget men mig min mit mod
    må når nogle nu og også om op os over på sig sin skal som så til ud var ved vi vil være""",
    "fi": """ei eivät emme en että hän he ja jos joka jotka kanssa kuin kuka kun kuinka mikä mitä miksi missä milloin miten
    mihin mistä mukaan mutta myös minä minun ne niin nyt oli olen on onko ole olla ovat saa se sen sekä sitä siellä tai
    tämä tässä vain voi voiko voin vuonna kuinka montako minkä""",
    "pl": """a aby ale bardzo być był była było będzie co czy dla do gdy gdzie go i ich ile im ja jak jaka jaki jakie jako
    jest jestem jeśli jego jej już kiedy kto która które który lub ma mam mi mnie może można moja mój na nie nim nich o od
    oraz po pod przed przez przy się są ta tak także tego tej ten to tu tym tylko w we więc wszystko z za ze że""",
    "sw": """ambayo ambao au bila cha hadi hapa hii hiyo huo huu hizi hizo ili je jinsi ka kama karibu katika kila kuna kuwa kwa
    kwamba kwani la lakini leo lini mimi na nani nini ngapi ni nje pia sana sasa si tu wa wakati wake wako wapi wangu wao
    watu wewe ya yake yako yangu yao yeye za zake""",
    "vi": """ai anh bạn bao bị các cái cho chúng có của cũng đã đang đâu để đến điều đó được gì hay hơn khi không là làm
    lại mà mình mỗi một này nào nếu nhiều như những nơi ở phải ra rất sao sẽ tại tôi trong trên từ và vào về với""",
}
_DEVANAGARI = {
    "hi": """अगर अपना अपनी अपने अब आप आपका आपकी आपके इस इसका इसकी इसके इसे उन उनके उस उसका उसके उसे एक और कब कर करना करने
    करें करता करते करूँ करूं का कि कितना कितनी कितने किया किस किसी की कुछ के कैसे को कोई कौन कौनसा कौन सा क्या क्यों गया चाहिए
    जब जा जाता जाती जाते जो तक तब तो था थी थे दिया दें दो नहीं ने पर पास फिर भी मुझे मेरा मेरी मेरे में मैं यदि यह यहाँ या ये
    रहा रही रहे लिए ले वह वहाँ वाला वाली वाले वे सकता सकती सकते सब साथ से सा सी ही हुआ हुई हुए हूँ हूं हैं है हम हमारे हो होगा
    होगी होता होती होते होना नमस्ते धन्यवाद बताइए बताएं कहाँ कहां कौनसी जाए मिलता मिलती मिलेगा""",
    "mr": """आणि आता आपण आपला आपली आपले आम्ही आहे आहेत असा अशी असे असते एक का काय कर करा करायचे कधी कसा कशी कसे किती की कुठे
    केला केली केले कोण कोणता कोणती कोणते खूप च चा ची चे जर जा जो ज्या झाला झाली झाले त तर तरी ती तुम्ही तुमचा तुमची तुमचे ते
    तो त्या नको नाही ने पण पाहिजे मध्ये मला माझा माझी माझे मी या येते येथे ला व वर शकता शकतो सर्व साठी होता होती होते होईल
    ह्या हा ही हे नमस्कार धन्यवाद""",
}
_ARABIC = {
    "ar": """أن أو أي أين إذا إلى إن الى التي الذي الذين أنا أنت ان او بعد بعض به بها بين تم ثم حتى حول خلال دون ذلك سوف
    على عليه عن عند عندما غير في فيه فيها قبل قد كان كانت كل كم كما كيف لا لم لن له لها لي ليس ما ماذا متى مع من منذ منها
    نحن هذا هذه هل هم هناك هو هي و وقد وكان ولا يا يتم يكون يمكن مرحبا شكرا هي وما لماذا""",
    "ur": """آپ اب اس اور اپنا اپنی اپنے ایک بھی پر تک تو تھا تھی تھے جا جو سے کا کر کرنا کریں کہ کو کی کے کیا کیسے کیوں
    کب کتنا کتنی گا گی گے لیے میرا میری میرے میں مجھے نہیں نے وہ ہم ہو ہوں ہے ہیں یا یہ کہاں کون شکریہ""",
    "fa": """آن از است اگر او این ای با باید بر برای به بود تا چرا چگونه چند چه چیست خود در دارد را شد شده شما شود کجا
    کدام کرد که کی ما من می نمی نه ها های هر هم و یا یک سلام ممنون""",
}
_CYRILLIC = {
    "ru": """а без бы был была были было быть в вам вас весь во вот все всё вы где да для до его ее её если есть еще ещё
    же за здесь и из или им их к как какая какие какой каков когда которая которые который кто ли мне мой моя мы на над
    не него нет ни но ну о об он она они оно от по под почему при с сколько со так такой там то тоже только ты у уже чего
    чем что чтобы эта эти это этот я привет спасибо можно нужно могу""",
    "uk": """або але без був була було бути в ви від вона вони воно все для до же з за зі і із її його й коли кому куди
    ми мені мій може можна моя на над не немає ні ну о під по при про скільки та так там те тільки ти то у хто це цей ця
    чи чому що щоб я як яка який які привіт дякую де""",
}
_ALONE = {
    "ta": ("Tamil", """அது அந்த அல்லது அவர் ஆகும் ஆனால் இங்கே இது இந்த இருந்து இல்லை உங்கள் உள்ளது உள்ள எங்கு எங்கே என் எனது
    என்பது என்ன எந்த எப்படி எப்போது எவ்வளவு எத்தனை ஏன் ஒரு ஓர் கொண்டு செய்ய செய்வது தான் நான் நீங்கள் நாங்கள் பற்றி போது மற்றும்
    முடியும் மூலம் யார் வேண்டும் எனக்கு வணக்கம் நன்றி என்று ஆகிய"""),
    "te": ("Telugu", """అది ఆ ఇది ఈ ఎంత ఎక్కడ ఎందుకు ఎన్ని ఎప్పుడు ఎలా ఎవరు ఏ ఏది ఏమి ఏమిటి ఒక కానీ కోసం చేయాలి చేయండి నా నాకు
    నేను మరియు మా మీ మీకు మీరు యొక్క లేదా లో వద్ద ఉంది ఉంటుంది ఉన్నాయి నమస్కారం ధన్యవాదాలు"""),
    "kn": ("Kannada", """ಅದು ಆ ಇದು ಈ ಎಷ್ಟು ಎಲ್ಲಿ ಏಕೆ ಏನು ಯಾವ ಯಾವಾಗ ಯಾರು ಹೇಗೆ ಒಂದು ಆದರೆ ಮತ್ತು ಅಥವಾ ನನ್ನ ನನಗೆ ನಾನು ನಿಮ್ಮ ನೀವು ನಾವು
    ಇದೆ ಇಲ್ಲ ಮಾಡಲು ಬಗ್ಗೆ ನಮಸ್ಕಾರ ಧನ್ಯವಾದಗಳು"""),
    "gu": ("Gujarati", """અને અથવા આ આપ એ એક કયા કયો કઈ કેટલા કેટલી કેટલો કેટલું કેમ કેવી કેવું કોણ ક્યાં ક્યારે છે છું તમારા
    તમારી તમારું તમે તે થી ના ની નું ને પણ પર મને મારા મારી મારું માટે માં રીતે શું હું હોય નમસ્તે આભાર કરવું"""),
}  # fmt: skip

_ALONE |= {
    "el": ("Greek", """από αυτά αυτές αυτή αυτό αυτός αυτών για γιατί δεν δύο εάν είναι είχε εκεί ένα έναν ένας εδώ έχει
    έχουν έχω ή ήταν θα κάθε και κατά κάτι λόγω μας με μέσα μετά μέχρι μη μία μια μου μπορεί μπορώ μπορούν να ναι ο οι
    όμως όπου όπως όσο όταν ότι όχι πάνω παρά πιο ποια ποιά ποιες ποιο ποιοι ποιον ποιος ποιός ποιους πολύ πόσα πόσες
    πόσο πόσοι πότε που πού πριν προς πρέπει πώς πως σας σε στα στη στην στης στις στο στον στους στων τα τη την της τι
    τί τις το του τους τον των υπάρχει υπάρχουν ως ως γεια ευχαριστώ θέλω"""),
    "bn": ("Bengali", """অথবা আছে আপনার আপনি আমার আমাদের আমি আর এ এই এক একটি এবং ও ওই কখন করতে করা করে কারণ কি কী কীভাবে কে কেন
    কোথায় কোন কোনটি কত কতটি কিন্তু থেকে দিয়ে না পর্যন্ত বা মধ্যে যদি যা যে যায় সঙ্গে সাথে সে হতে হবে হয় হয়েছে হয়েছিল ছিল ছিলেন
    জন্য নমস্কার ধন্যবাদ"""),
    "ml": ("Malayalam", """അത് ആ ആണ് ആയി ആയിരുന്നു ആര് ഇത് ഈ ഉണ്ട് എങ്ങനെ എത്ര എന്ത് എന്താണ് എന്ന് എന്ന എപ്പോൾ എപ്പോഴാണ് എവിടെ എവിടെയാണ്
    ഏത് ഏതാണ് ഒരു കൂടാതെ ഞാൻ നിങ്ങൾ നിങ്ങളുടെ പക്ഷേ മറ്റ് വേണ്ടി എന്റെ എനിക്ക് അല്ലെങ്കിൽ നമസ്കാരം നന്ദി"""),
    "pa": ("Gurmukhi", """ਅਤੇ ਆਪਣਾ ਇਸ ਇਹ ਇੱਕ ਉਹ ਕਦੋਂ ਕਰਨ ਕਰਨਾ ਕਿ ਕਿਉਂ ਕਿਹੜਾ ਕਿਹੜੀ ਕਿੱਥੇ ਕਿੰਨਾ ਕਿੰਨੇ ਕਿਵੇਂ ਕੀ ਕੌਣ ਜਾਂ ਜੇ ਤੁਸੀਂ ਤੁਹਾਡਾ ਤੇ ਤੋਂ ਦਾ ਦੀ ਦੇ ਨਾਲ
    ਨੂੰ ਨੇ ਨਹੀਂ ਪਰ ਮੇਰਾ ਮੇਰੀ ਮੇਰੇ ਮੈਂ ਮੈਨੂੰ ਲਈ ਵਿੱਚ ਵਿਚ ਹਨ ਹਾਂ ਹੁੰਦਾ ਹੈ ਸੀ ਸਨ ਧੰਨਵਾਦ"""),
    "he": ("Hebrew", """או אז איזה איזו איך אילו אין איפה אל אלה אם אני אתה את באיזו באיזה בין גם הוא היא היה היו הם הן זאת זה זו
    יש כל כמה כאשר כי לא לי למה מאיפה מה מהו מהי מי מתי על עם של שלי שלך שהיה תודה שלום"""),
    "ko": ("Hangul", """그 그리고 나는 내 누가 누구 누구의 누구인가 몇 무슨 무엇 무엇을 무엇이 무엇인가 무엇인가요 수 언제 얼마 얼마나 어느 어떤 어떻게
    어디 어디서 어디에 어디인가 왜 이 있는 있나요 있는가 있습니까 저 제 하는 합니까 하나요 할 것 것은 것인가 및 또는 안녕하세요 감사합니다"""),
}  # fmt: skip

# Letters of languages without spaces, in which a pair with one of them seldom carries meaning.
FUNCTION_LETTERS = {
    "zh": frozenset("的是在了和有为為与與及吗嗎呢么麼什哪谁誰几幾多少何以被到由于於中之其個个哪这這那也而就可請请"),
    "ja": frozenset("はがのをにへとでもやかなねよたですまるいっこそれどうらしくりさせきけてめんあえおじゃちょつ何"),
}

_raw: dict[str, tuple[str, set[str]]] = {}
for _script, _languages in (
    ("Latin", _LATIN), ("Devanagari", _DEVANAGARI), ("Arabic", _ARABIC), ("Cyrillic", _CYRILLIC)
):  # fmt: skip
    for _code, _text in _languages.items():
        _raw[_code] = (_script, set(_text.split()))
for _code, (_script, _text) in _ALONE.items():
    _raw[_code] = (_script, set(_text.split()))

_shared: Counter[str] = Counter(word for _, words in _raw.values() for word in words)

# Language -> (script, {word: weight}); a word that many languages have says less about which one it is.
STOPWORDS: dict[str, tuple[str, dict[str, float]]] = {
    code: (script, {word: 1.0 / _shared[word] for word in words}) for code, (script, words) in _raw.items()
}
