# Machine-made translation, not yet read by a native speaker.

voice-unheard = Je ne peux pas écouter votre message vocal pour le moment (texte seulement). Merci d’écrire votre question.
voice-silent = Je n’ai rien entendu dans votre message vocal. Merci de l’enregistrer à nouveau ou d’écrire votre question.
voice-unclear = Je n’ai pas compris ce que vous avez dit. Merci de le redire plus lentement ou d’écrire votre question.
voice-long = Votre message vocal est trop long pour moi : { $minutes ->
    [one] une minute au plus
   *[other] { $minutes } minutes au plus
 }. Merci d’en envoyer un plus court ou d’écrire votre question.
voice-damaged = Je ne peux pas lire votre message vocal. Merci de l’enregistrer à nouveau ou d’écrire votre question.
voice-file = Message vocal

# What phone calls say besides the flow's own words.

voice-option = Pour { $option }, tapez { $key }.
voice-yes-no = Dites oui ou tapez 1, dites non ou tapez 2.
voice-keys = Dites-le, ou tapez-le puis la touche dièse.
voice-silence = Je n'ai rien entendu.
voice-goodbye = Je ne vous entends pas. Au revoir.
voice-recorded = Cet appel est enregistré.
voice-consent = Pouvons-nous enregistrer cet appel ? Dites oui ou tapez 1, dites non ou tapez 2.
voice-no-person = Personne ne peut prendre l'appel. Nous vous rappelons.
