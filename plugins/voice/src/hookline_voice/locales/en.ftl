# What voice notes are answered with where they can't be written down.

voice-unheard = I can't listen to your voice message right now. Please write your question as text.
voice-silent = I heard nothing in your voice message. Please record it again, or write your question as text.
voice-unclear = I could not make out what you said. Please say it again more slowly, or write your question as text.
voice-long = Your voice message is too long for me: { $minutes ->
    [one] one minute is the most
   *[other] { $minutes } minutes are the most
 }. Please send a shorter one, or write your question as text.
voice-damaged = I can't play your voice message. Please record it again, or write your question as text.
voice-file = Voice message

# What phone calls say besides the flow's own words.

voice-option = For { $option }, press { $key }.
voice-yes-no = Say yes or press 1, say no or press 2.
voice-keys = Say it, or type it and press the hash key.
voice-silence = I did not hear anything.
voice-goodbye = I can't hear you. Goodbye.
voice-recorded = This call is recorded.
voice-consent = May we record this call? Say yes or press 1, say no or press 2.
voice-no-person = Nobody can take the call now. We call you back.
