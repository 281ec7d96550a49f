# What flows say of themselves.  Machine-made: to be read by a native speaker.

flows-yes = होय
flows-no = नाही
flows-skip = वगळा
flows-ask = { $name } काय आहे?
flows-again-text = माफ करा, समजले नाही. कृपया दुसऱ्या शब्दांत लिहा.
flows-again-person = कृपया तुमचे पूर्ण नाव लिहा.
flows-again-number = कृपया एक संख्या लिहा.
flows-again-whole = कृपया पूर्ण संख्या लिहा.
flows-again-money = कृपया रक्कम लिहा.
flows-again-date = कृपया तारीख लिहा, जसे 21 नोव्हेंबर 2026.
flows-again-duration = कृपया कालावधी लिहा, जसे 2 वर्षे किंवा 18 महिने.
flows-again-phone = हा फोन नंबर बरोबर वाटत नाही. कृपया तपासा.
flows-again-email = हा ई-मेल पत्ता बरोबर वाटत नाही. कृपया तपासा.
flows-again-choice = कृपया यांपैकी एक निवडा.
flows-again-boolean = कृपया होय किंवा नाही असे उत्तर द्या.
flows-again-list = कृपया यांतून निवडा; एकापेक्षा जास्त चालेल.
flows-again-file = कृपया ते इथे फाइल किंवा फोटो म्हणून पाठवा.
flows-again-file-type = या प्रकारची फाइल इथे चालत नाही. कृपया पाठवा: { $types }.
flows-again-file-size = ही फाइल खूप मोठी आहे. कृपया { $max } MB पर्यंतची फाइल पाठवा.
flows-again-between = हे { $min } आणि { $max } यांच्या दरम्यान असले पाहिजे.
flows-again-least = हे किमान { $min } असले पाहिजे.
flows-again-most = हे जास्तीत जास्त { $max } असू शकते.
flows-again-date-from = तारीख { DATE($min) } च्या आधीची असू शकत नाही.
flows-again-date-until = तारीख { DATE($max) } नंतरची असू शकत नाही.
flows-again-more = कृपया किमान { $min } निवडा.
flows-again-fewer = कृपया जास्तीत जास्त { $max } निवडा.
flows-again-longer = कृपया किमान { $min } अक्षरे लिहा.
flows-again-shorter = कृपया जास्तीत जास्त { $max } अक्षरे लिहा.
flows-again-question = माझा प्रश्न होता:
flows-unknown = याचे उत्तर माझ्याकडे येथे नाही.
flows-remind = आपल्या प्रश्नाकडे परत:
flows-resume = पुन्हा स्वागत. आपण येथे होतो:
flows-return = आता पुन्हा: { $title }.
flows-noted = नोंद केली: { $name }: { $value }.
flows-changed = बदलले: { $name } आता { $value } आहे.
flows-range = सध्या { $value } लिहितो. { $other } असेल तर सांगा.
flows-most = जास्तीत जास्त { $value }.
flows-which = यापैकी कोणते: { $these }?
flows-change-what = काय बदलायचे आहे?
flows-recap = आतापर्यंत हे माहीत आहे:
flows-recap-nothing = तुम्ही अजून काही सांगितलेले नाही.
flows-cancelled = थांबवले. काहीही पाठवले नाही.
flows-at-start = हा पहिला प्रश्न आहे.
flows-restarted = चला, पुन्हा सुरू करूया.
flows-cant-skip = पुढे जाण्यासाठी हे आवश्यक आहे.
flows-offer-person = हे जमत नाही. मी एखाद्या व्यक्तीला बोलावू का?
flows-offer-stop = हे जमत नाही. येथेच थांबूया का?
flows-failed = माफ करा, आमच्याकडून काही चूक झाली. कृपया नंतर पुन्हा प्रयत्न करा.
flows-no-proof = मी हे येथे करू शकत नाही, कारण तुमची ओळख तपासता येत नाही.
flows-still-there = तुम्ही अजून येथे आहात का?

flows-duration = { $unit ->
    [years] { $count } वर्षे
    [weeks] { $count } आठवडे
    [days] { $count } दिवस
    [hours] { $count } तास
    [minutes] { $count } मिनिटे
   *[months] { DURATION($count) }
}
