"""Words that say nothing about the subject, of those languages whose answers are checked most."""

from __future__ import annotations

STOPWORDS = frozenset(
    """
    about above after again also although always another anything because been before being below between both could
    does doing done during each either else even ever every following from further have having hence here however
    instead into itself just like many might more most must need needs never once only other otherwise over please
    same shall should simply since some such sure than that their them then there therefore these they thing this
    those through thus under unless until using very want well were what when where whether which while will with
    within without would your yours yourself
    ainsi alors après aucun aussi autre autres aux avant avec avez avoir avons bien cela ceci celle celui cependant
    certaine certains ces cette chaque comme comment dans depuis des deux devez donc elle elles encore ensuite entre
    est êtes être fait faire faut lorsque leur leurs lui mais même moins nos notre nous par parce pas pendant peut
    peuvent plus pour pourrez pouvez puis quand quel quelle quelles quels qui quoi sans sera ses soit son sont sous
    sur tous tout toute toutes très une vers veuillez voici voilà vos votre vous voulez
    और का की के को कि जो तो था थी थे ने पर भी में से है हैं हो होता होती होते हूँ यह ये वह वे एक इस इसे उस उसे लिए साथ
    आप आपका आपकी आपके अपना अपनी अपने कर करना करने करें किया किसी कोई कुछ गया जब तक तब नहीं बाद या यदि अगर सकता सकती
    सकते कृपया हम हमारे द्वारा जा जाता जाती जाते रहा रही रहे वाला वाली वाले
    மற்றும் அல்லது ஒரு இந்த அந்த இது அது என்று என உள்ள உங்கள் நீங்கள் நாங்கள் எங்கள் ஆகும் மூலம் போது பின்னர் முன்
    """.split()
)
STOPWORDS |= frozenset(
    """
    a an the and or but if of to in on at by for as is am are was were be it its he she his her him they we us our you
    your i me my so up out off not no yes do did has had can may will would could should shall might one two per via
    am pm etc eg ie how who why all any both few own too now new also there's it's you'll we'll you're
    le la les un une de du des et ou à au en y ne pas plus que qu se sa son si il ils elle on je tu me te ma mon ta ton
    ce c'est est a ont sont été ai as avons avez ni car or où dès ici là oui non cet fut était étaient furent soient
    lors afin ainsi vont va via chez selon entre ses
    हैं है था थे थी हो हुआ हुई हुए गई गए दिया दी दिए ही तो भी ना न हाँ जी को ने रूप लिये तथा एवं व या इन उन उनके उनकी उनका इसके
    इसकी इसका उसके उसकी उसका जिस जिसे जिसके जिसकी जिसका जिन जिन्हें कई बहुत अन्य होने होना करता करती करते हुए गयी गये जाने जाए
    कौन क्या कब कहाँ कहां क्यों कैसे कितना कितनी कितने किस किसने किसका किसकी किसके रखा रखते साथ बीच दौरान ओर तरफ मे
    der die das den dem des ein eine einen einem einer und oder nicht ist sind war im in zu von mit auf für an als auch
    es er sie wir ihr sich bei aus nach am zum zur wird werden hat haben
    """.split()
)
