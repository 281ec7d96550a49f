# What every tenant's bot says; a tenant writes its own into [texts] or locales/.
# Machine-made translation, not yet read by a native speaker.

apology = માફ કરશો, અમારા તરફથી કંઈક ભૂલ થઈ. કૃપા કરીને થોડી વાર પછી ફરી પ્રયાસ કરો.
safe = માફ કરશો, હું તેનો જવાબ આપી શકતો નથી.
unknown = મને તે ખબર નથી. અમારા દસ્તાવેજોમાં તેના વિશે કંઈ મળ્યું નથી.
greeting = નમસ્તે! હું તમને કેવી રીતે મદદ કરી શકું?
thanks = તમારું સ્વાગત છે! બીજું કંઈ પૂછવું છે?
goodbye = આવજો, સંદેશ માટે આભાર.
