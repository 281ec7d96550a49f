# What flows say of themselves.  Machine-made: to be read by a native speaker.

flows-yes = అవును
flows-no = కాదు
flows-skip = దాటవేయి
flows-ask = { $name } ఏమిటి?
flows-again-text = క్షమించండి, అర్థం కాలేదు. వేరే మాటల్లో రాయండి.
flows-again-person = దయచేసి మీ పూర్తి పేరు రాయండి.
flows-again-number = దయచేసి ఒక సంఖ్య రాయండి.
flows-again-whole = దయచేసి పూర్తి సంఖ్య రాయండి.
flows-again-money = దయచేసి మొత్తం రాయండి.
flows-again-date = దయచేసి తేదీ రాయండి, ఉదాహరణకు 21 నవంబర్ 2026.
flows-again-duration = దయచేసి ఎంత కాలమో రాయండి, ఉదాహరణకు 2 సంవత్సరాలు లేదా 18 నెలలు.
flows-again-phone = ఈ ఫోన్ నంబర్ సరిగా లేదు. దయచేసి సరిచూడండి.
flows-again-email = ఈ ఇ-మెయిల్ చిరునామా సరిగా లేదు. దయచేసి సరిచూడండి.
flows-again-choice = దయచేసి వీటిలో ఒకటి ఎంచుకోండి.
flows-again-boolean = దయచేసి అవును లేదా కాదు అని చెప్పండి.
flows-again-list = దయచేసి వీటి నుండి ఎంచుకోండి; ఒకటి కంటే ఎక్కువ కావచ్చు.
flows-again-file = దయచేసి దాన్ని ఇక్కడ ఫైల్ లేదా ఫోటోగా పంపండి.
flows-again-file-type = ఈ రకమైన ఫైల్ ఇక్కడ పనికిరాదు. దయచేసి పంపండి: { $types }.
flows-again-file-size = ఈ ఫైల్ చాలా పెద్దది. దయచేసి { $max } MB లోపు ఫైల్ పంపండి.
flows-again-between = ఇది { $min } నుండి { $max } మధ్య ఉండాలి.
flows-again-least = ఇది కనీసం { $min } ఉండాలి.
flows-again-most = ఇది గరిష్ఠంగా { $max } ఉండవచ్చు.
flows-again-date-from = తేదీ { DATE($min) } కంటే ముందు ఉండకూడదు.
flows-again-date-until = తేదీ { DATE($max) } తర్వాత ఉండకూడదు.
flows-again-more = దయచేసి కనీసం { $min } ఎంచుకోండి.
flows-again-fewer = దయచేసి గరిష్ఠంగా { $max } ఎంచుకోండి.
flows-again-longer = దయచేసి కనీసం { $min } అక్షరాలు రాయండి.
flows-again-shorter = దయచేసి గరిష్ఠంగా { $max } అక్షరాలు రాయండి.
flows-again-question = నా ప్రశ్న:
flows-unknown = దీనికి సమాధానం నా దగ్గర ఇక్కడ లేదు.
flows-remind = మన ప్రశ్నకు తిరిగి వద్దాం:
flows-resume = మళ్ళీ స్వాగతం. మనం ఇక్కడ ఉన్నాం:
flows-return = మళ్ళీ: { $title }.
flows-noted = నమోదు చేశాను: { $name }: { $value }.
flows-changed = మార్చాను: { $name } ఇప్పుడు { $value }.
flows-range = ప్రస్తుతానికి { $value } అని రాస్తున్నాను. { $other } అయితే చెప్పండి.
flows-most = గరిష్ఠంగా { $value }.
flows-which = వీటిలో ఏది: { $these }?
flows-change-what = ఏమి మార్చాలి?
flows-recap = ఇప్పటివరకు తెలిసినవి:
flows-recap-nothing = మీరు ఇంకా ఏమీ చెప్పలేదు.
flows-cancelled = ఆపేశాను. ఏమీ పంపలేదు.
flows-at-start = ఇది మొదటి ప్రశ్న.
flows-restarted = మళ్ళీ మొదలుపెడదాం.
flows-cant-skip = ముందుకు వెళ్లడానికి ఇది అవసరం.
flows-offer-person = ఇది కుదరడం లేదు. ఒక వ్యక్తిని పిలవమంటారా?
flows-offer-stop = ఇది కుదరడం లేదు. ఇక్కడ ఆపుదామా?
flows-failed = క్షమించండి, మా వైపు ఏదో తప్పు జరిగింది. తర్వాత మళ్ళీ ప్రయత్నించండి.
flows-no-proof = మీరు ఎవరో సరిచూడలేను కాబట్టి ఇది ఇక్కడ చేయలేను.
flows-still-there = మీరు ఇంకా ఉన్నారా?

flows-duration = { $unit ->
    [years] { $count } సంవత్సరాలు
    [weeks] { $count } వారాలు
    [days] { $count } రోజులు
    [hours] { $count } గంటలు
    [minutes] { $count } నిమిషాలు
   *[months] { DURATION($count) }
}
