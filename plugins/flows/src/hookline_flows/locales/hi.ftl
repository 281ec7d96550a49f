# What flows say of themselves.  Machine-made: to be read by a native speaker.

flows-yes = हाँ
flows-no = नहीं
flows-skip = छोड़ें
flows-ask = { $name } क्या है?
flows-again-text = माफ़ कीजिए, समझ नहीं आया। कृपया दूसरे शब्दों में लिखें।
flows-again-person = कृपया अपना पूरा नाम लिखें।
flows-again-number = कृपया एक संख्या लिखें।
flows-again-whole = कृपया पूरी संख्या लिखें।
flows-again-money = कृपया राशि लिखें।
flows-again-date = कृपया तारीख लिखें, जैसे 21 नवंबर 2026।
flows-again-duration = कृपया अवधि लिखें, जैसे 2 साल या 18 महीने।
flows-again-phone = यह फ़ोन नंबर सही नहीं लगता। कृपया जाँच लें।
flows-again-email = यह ई-मेल पता सही नहीं लगता। कृपया जाँच लें।
flows-again-choice = कृपया इनमें से एक चुनें।
flows-again-boolean = कृपया हाँ या नहीं में उत्तर दें।
flows-again-list = कृपया इनमें से चुनें; एक से अधिक भी चुन सकते हैं।
flows-again-file = कृपया इसे यहाँ फ़ाइल या फ़ोटो के रूप में भेजें।
flows-again-file-type = इस तरह की फ़ाइल यहाँ नहीं चलेगी। कृपया भेजें: { $types }।
flows-again-file-size = यह फ़ाइल बहुत बड़ी है। कृपया { $max } MB तक की फ़ाइल भेजें।
flows-again-between = यह { $min } और { $max } के बीच होना चाहिए।
flows-again-least = यह कम से कम { $min } होना चाहिए।
flows-again-most = यह अधिक से अधिक { $max } हो सकता है।
flows-again-date-from = तारीख { DATE($min) } से पहले की नहीं हो सकती।
flows-again-date-until = तारीख { DATE($max) } के बाद की नहीं हो सकती।
flows-again-more = कृपया कम से कम { $min } चुनें।
flows-again-fewer = कृपया अधिक से अधिक { $max } चुनें।
flows-again-longer = कृपया कम से कम { $min } अक्षर लिखें।
flows-again-shorter = कृपया अधिक से अधिक { $max } अक्षर लिखें।
flows-again-question = मेरा सवाल था:
flows-unknown = इसका उत्तर मेरे पास यहाँ नहीं है।
flows-remind = हमारे सवाल पर लौटते हैं:
flows-resume = फिर से स्वागत है। हम यहाँ थे:
flows-return = अब फिर से: { $title }।
flows-noted = लिख लिया: { $name }: { $value }।
flows-changed = बदल दिया: { $name } अब { $value } है।
flows-range = अभी { $value } लिख रहा हूँ। अगर { $other } हो, तो बता दीजिए।
flows-most = ज़्यादा से ज़्यादा { $value }।
flows-which = इनमें से कौन सा: { $these }?
flows-change-what = क्या बदलना है?
flows-recap = अब तक यह पता है:
flows-recap-nothing = आपने अभी तक कुछ नहीं बताया है।
flows-cancelled = रोक दिया। कुछ भी नहीं भेजा गया।
flows-at-start = यह पहला सवाल है।
flows-restarted = चलिए, फिर से शुरू करते हैं।
flows-cant-skip = आगे बढ़ने के लिए यह ज़रूरी है।
flows-offer-person = बात बन नहीं रही है। क्या मैं किसी व्यक्ति को बुलाऊँ?
flows-offer-stop = बात बन नहीं रही है। क्या यहीं रोक दें?
flows-failed = माफ़ कीजिए, हमारी ओर से कुछ गड़बड़ हो गई। कृपया बाद में फिर कोशिश करें।
flows-no-proof = मैं यह यहाँ नहीं कर सकता, क्योंकि आपकी पहचान की जाँच नहीं हो सकती।
flows-still-there = क्या आप अभी भी यहाँ हैं?

flows-duration = { $unit ->
    [years] { $count } साल
    [weeks] { $count } हफ़्ते
    [days] { $count } दिन
    [hours] { $count } घंटे
    [minutes] { $count } मिनट
   *[months] { DURATION($count) }
}
