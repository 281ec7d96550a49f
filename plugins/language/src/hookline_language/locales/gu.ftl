# Machine-made translation, not yet read by a native speaker.

language-switched = ચોક્કસ, હવે હું { $language } ભાષામાં વાત કરીશ.
language-unlisted = માફ કરશો, હું હજી { $language } ભાષા બોલતો નથી. હું { $used } ભાષામાં વાત કરીશ.
