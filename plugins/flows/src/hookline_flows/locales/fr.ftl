# Machine-made translation, not yet read by a native speaker.
# Ce que les parcours disent d'eux-mêmes.  Un tenant en remplace ce qu'il veut dans ses propres locales/.

flows-yes = Oui
flows-no = Non
flows-skip = Passer

flows-ask = { $name } ?
flows-again-text = Désolé, je n'ai pas compris. Pouvez-vous le dire autrement ?
flows-again-person = Écrivez votre nom complet, s'il vous plaît.
flows-again-number = Écrivez un nombre, s'il vous plaît.
flows-again-whole = Écrivez un nombre entier, s'il vous plaît.
flows-again-money = Écrivez un montant, s'il vous plaît.
flows-again-date = Écrivez une date, par exemple « 21 novembre 2026 ».
flows-again-duration = Écrivez une durée, par exemple « 2 ans » ou « 18 mois ».
flows-again-phone = Ce numéro de téléphone ne semble pas valable. Pouvez-vous le vérifier ?
flows-again-email = Cette adresse e-mail ne semble pas valable. Pouvez-vous la vérifier ?
flows-again-choice = Choisissez l'une de ces réponses, s'il vous plaît.
flows-again-boolean = Répondez par oui ou par non, s'il vous plaît.
flows-again-list = Choisissez parmi ces réponses ; il peut y en avoir plusieurs.
flows-again-file = Envoyez-le ici, en photo ou en fichier, s'il vous plaît.
flows-again-file-type = Ce type de fichier ne convient pas. Envoyez : { $types }.
flows-again-file-size = Ce fichier est trop grand. Envoyez-en un de { $max } Mo au plus.
flows-again-between = La valeur doit être comprise entre { $min } et { $max }.
flows-again-least = La valeur doit être d'au moins { $min }.
flows-again-most = La valeur doit être d'au plus { $max }.
flows-again-date-from = La date ne peut pas être avant le { DATE($min) }.
flows-again-date-until = La date ne peut pas être après le { DATE($max) }.
flows-again-more = Choisissez au moins { $min } réponses.
flows-again-fewer = Choisissez au plus { $max } réponses.
flows-again-longer = Écrivez au moins { $min } caractères.
flows-again-shorter = Écrivez au plus { $max } caractères.
flows-again-question = Ma question était :

flows-unknown = Je n'ai pas de réponse à cela ici.
flows-remind = Revenons à notre question :
flows-resume = Nous en étions là :
flows-return = Revenons à : { $title }.
flows-noted = Noté : { $name } : { $value }.
flows-changed = Modifié : { $name } : { $value }.
flows-range = Je prends { $value }. Si c'est plutôt { $other }, dites-le-moi.
flows-most = { $value } au plus.
flows-which = Lequel est-ce : { $these } ?
flows-change-what = Que voulez-vous changer ?
flows-recap = Voici ce que j'ai noté :
flows-recap-nothing = Vous ne m'avez encore rien dit.

flows-cancelled = C'est arrêté. Rien n'a été envoyé.
flows-at-start = C'est la première question.
flows-restarted = Recommençons.
flows-cant-skip = J'ai besoin de cette réponse pour continuer.
flows-offer-person = Je n'y arrive pas. Voulez-vous parler à une personne ?
flows-offer-stop = Je n'y arrive pas. Voulez-vous en rester là ?
flows-failed = Désolé, un problème est survenu de notre côté. Réessayez plus tard.
flows-no-proof = Je ne peux pas le faire ici, car je ne peux pas vérifier qui vous êtes.
flows-still-there = Êtes-vous toujours là ?

flows-duration = { $unit ->
    [years] { $count ->
        [one] { $count } an
       *[other] { $count } ans
    }
    [weeks] { $count ->
        [one] { $count } semaine
       *[other] { $count } semaines
    }
    [days] { $count ->
        [one] { $count } jour
       *[other] { $count } jours
    }
    [hours] { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }
    [minutes] { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
   *[months] { DURATION($count) }
}
