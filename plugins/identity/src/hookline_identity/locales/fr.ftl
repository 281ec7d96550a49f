# Ce que dit le bot pendant que quelqu'un prouve son identité.
# Machine-made translation, not yet read by a native speaker.

identity-who = Pour vous répondre, je dois savoir qui vous êtes. Quel est votre numéro de client, ou bien le téléphone ou l'e-mail enregistré chez nous ?
identity-help = Je le demande pour que personne d'autre n'apprenne rien de votre compte. L'un des trois suffit : votre numéro de client, ou le numéro de téléphone ou l'adresse e-mail enregistrés chez nous. Si vous n'en avez aucun, dites « Annuler », ou parlez à l'un de nous.
identity-sent = Merci. J'ai envoyé un code à six chiffres à l'adresse enregistrée qui finit par { $mask }. Veuillez l'écrire ici. Il est valable { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }.
identity-sent-unshown = Merci. J'ai envoyé un code à six chiffres à votre adresse enregistrée. Veuillez l'écrire ici. Il est valable { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }.
identity-resent = J'ai envoyé un nouveau code à l'adresse enregistrée qui finit par { $mask }. Le précédent n'est plus valable. Si rien n'arrive, votre adresse enregistrée est peut-être une autre, ou a changé récemment : parlez alors à l'un de nous.
identity-resent-unshown = J'ai envoyé un nouveau code à votre adresse enregistrée. Le précédent n'est plus valable. Si rien n'arrive, votre adresse enregistrée est peut-être une autre, ou a changé récemment : parlez alors à l'un de nous.
identity-wait = Un code est en route. S'il n'arrive pas, demandez-en un autre dans { $seconds ->
        [one] une seconde
       *[other] { $seconds } secondes
    }.
identity-still = Veuillez d'abord écrire le code que j'ai envoyé à l'adresse qui finit par { $mask }. Ensuite je vous répondrai.
identity-still-unshown = Veuillez d'abord écrire le code que j'ai envoyé à votre adresse enregistrée. Ensuite je vous répondrai.
identity-wrong = Ce n'est pas le bon code. Vous pouvez essayer encore { $tries ->
        [one] une fois
       *[other] { $tries } fois
    }.
identity-not-six = Le code a six chiffres. Veuillez vérifier.
identity-expired = Ce code est trop ancien. Voulez-vous que j'en envoie un nouveau ?
identity-no-code = Ce code n'est plus valable. Voulez-vous que j'en envoie un nouveau ?
identity-locked = Il y a eu trop d'erreurs, ce code est bloqué. Vous pourrez en demander un nouveau dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }, ou parler à l'un de nous.
identity-limited = Il y a eu trop d'essais. Réessayez dans { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }, ou parlez à l'un de nous.
identity-unavailable = Je ne peux pas vérifier le code en ce moment. Veuillez l'écrire à nouveau dans un instant.
identity-proved = Merci, je sais maintenant que c'est vous. Que puis-je faire pour vous ?
identity-cancelled = D'accord, c'est annulé.
identity-logged-out = Vous êtes déconnecté. Je ne dirai rien de votre compte tant que vous n'aurez pas de nouveau prouvé votre identité.
identity-only-in-chat = Je peux répondre à cela dans une conversation, une fois que vous aurez prouvé votre identité.
identity-guarded = Je pourrai vous le dire quand je saurai que c'est vous. Posez-moi une question sur votre compte et je vous enverrai un code.
identity-merge-offer = Vous nous avez aussi écrit ailleurs. Voulez-vous que je réunisse les deux conversations, pour que nous sachions ce que vous y avez dit ?
identity-merged = C'est fait : vos conversations sont réunies.
identity-not-merged = D'accord, elles restent séparées.
identity-button-resend = Renvoyer
identity-button-cancel = Annuler
identity-button-yes = Oui
identity-button-no = Non
identity-text = { $code } est votre code pour { $title }. Il est valable { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }. Ne le donnez à personne : nous ne le demandons jamais par téléphone.
identity-call = Bonjour. Ici { $title }. Votre code est : { $code }.
identity-mail = Votre code pour { $title } est { $code }. Il est valable { $minutes ->
        [one] une minute
       *[other] { $minutes } minutes
    }.

    Si vous ne l'avez pas demandé, ne faites rien et ne le donnez à personne.
identity-mail-subject = Votre code pour { $title }
