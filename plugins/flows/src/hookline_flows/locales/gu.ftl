# What flows say of themselves.  Machine-made: to be read by a native speaker.

flows-yes = હા
flows-no = ના
flows-skip = છોડો
flows-ask = { $name } શું છે?
flows-again-text = માફ કરશો, સમજાયું નહીં. કૃપા કરીને બીજા શબ્દોમાં લખો.
flows-again-person = કૃપા કરીને તમારું પૂરું નામ લખો.
flows-again-number = કૃપા કરીને એક સંખ્યા લખો.
flows-again-whole = કૃપા કરીને પૂરી સંખ્યા લખો.
flows-again-money = કૃપા કરીને રકમ લખો.
flows-again-date = કૃપા કરીને તારીખ લખો, જેમ કે 21 નવેમ્બર 2026.
flows-again-duration = કૃપા કરીને સમય લખો, જેમ કે 2 વર્ષ અથવા 18 મહિના.
flows-again-phone = આ ફોન નંબર સાચો લાગતો નથી. કૃપા કરીને તપાસો.
flows-again-email = આ ઈ-મેલ સરનામું સાચું લાગતું નથી. કૃપા કરીને તપાસો.
flows-again-choice = કૃપા કરીને આમાંથી એક પસંદ કરો.
flows-again-boolean = કૃપા કરીને હા કે ના માં જવાબ આપો.
flows-again-list = કૃપા કરીને આમાંથી પસંદ કરો; એકથી વધુ ચાલશે.
flows-again-file = કૃપા કરીને તે અહીં ફાઇલ કે ફોટો તરીકે મોકલો.
flows-again-file-type = આ પ્રકારની ફાઇલ અહીં ચાલશે નહીં. કૃપા કરીને મોકલો: { $types }.
flows-again-file-size = આ ફાઇલ ઘણી મોટી છે. કૃપા કરીને { $max } MB સુધીની ફાઇલ મોકલો.
flows-again-between = તે { $min } અને { $max } ની વચ્ચે હોવું જોઈએ.
flows-again-least = તે ઓછામાં ઓછું { $min } હોવું જોઈએ.
flows-again-most = તે વધુમાં વધુ { $max } હોઈ શકે.
flows-again-date-from = તારીખ { DATE($min) } પહેલાંની ન હોઈ શકે.
flows-again-date-until = તારીખ { DATE($max) } પછીની ન હોઈ શકે.
flows-again-more = કૃપા કરીને ઓછામાં ઓછા { $min } પસંદ કરો.
flows-again-fewer = કૃપા કરીને વધુમાં વધુ { $max } પસંદ કરો.
flows-again-longer = કૃપા કરીને ઓછામાં ઓછા { $min } અક્ષર લખો.
flows-again-shorter = કૃપા કરીને વધુમાં વધુ { $max } અક્ષર લખો.
flows-again-question = મારો પ્રશ્ન હતો:
flows-unknown = આનો જવાબ મારી પાસે અહીં નથી.
flows-remind = આપણા પ્રશ્ન પર પાછા:
flows-resume = ફરી સ્વાગત છે. આપણે અહીં હતા:
flows-return = હવે ફરીથી: { $title }.
flows-noted = નોંધ્યું: { $name }: { $value }.
flows-changed = બદલ્યું: { $name } હવે { $value } છે.
flows-range = હમણાં { $value } લખું છું. { $other } હોય તો કહો.
flows-most = વધુમાં વધુ { $value }.
flows-which = આમાંથી કયું: { $these }?
flows-change-what = શું બદલવું છે?
flows-recap = અત્યાર સુધી આ ખબર છે:
flows-recap-nothing = તમે હજી કંઈ જણાવ્યું નથી.
flows-cancelled = રોકી દીધું. કંઈ મોકલ્યું નથી.
flows-at-start = આ પહેલો પ્રશ્ન છે.
flows-restarted = ચાલો, ફરી શરૂ કરીએ.
flows-cant-skip = આગળ વધવા માટે આ જરૂરી છે.
flows-offer-person = આ થતું નથી. શું હું કોઈ વ્યક્તિને બોલાવું?
flows-offer-stop = આ થતું નથી. શું અહીં અટકીએ?
flows-failed = માફ કરશો, અમારી તરફથી કંઈક ખોટું થયું. કૃપા કરીને પછી ફરી પ્રયત્ન કરો.
flows-no-proof = હું આ અહીં કરી શકતો નથી, કારણ કે તમારી ઓળખ તપાસી શકાતી નથી.
flows-still-there = શું તમે હજી અહીં છો?

flows-duration = { $unit ->
    [years] { $count } વર્ષ
    [weeks] { $count } અઠવાડિયાં
    [days] { $count } દિવસ
    [hours] { $count } કલાક
    [minutes] { $count } મિનિટ
   *[months] { DURATION($count) }
}
