# Machine-made, not yet read by a native speaker, but for what the replaced system's examples say.
# Les textes des parcours.  Ceux des exemples du système remplacé sont repris mot pour mot.

## Simuler un prêt

ask-type-pret = Quel type de prêt souhaitez-vous ?
again-type-pret =
    Je n'ai pas compris. Choisissez l'une de ces réponses, s'il vous plaît.
    { ask-type-pret }
ask-montant = Quel montant souhaitez-vous emprunter ?
again-montant =
    Je n'ai pas compris le montant. Écrivez par exemple « 10 millions » ou « 800 000 » : entre 100 000 et 500 millions de FCFA.
    { ask-montant }
ask-duree = Sur combien de temps ?
again-duree =
    Je n'ai pas compris la durée. Écrivez par exemple « 15 ans » ou « 36 mois » : de 6 mois à 25 ans, selon le prêt.
    { ask-duree }
ask-revenus = Quels sont vos revenus mensuels ?
again-revenus =
    Je n'ai pas compris vos revenus. Écrivez ce que vous gagnez par mois, par exemple « 800 000 ».
    { ask-revenus }
ask-situation = Votre situation professionnelle ?
again-situation =
    Je n'ai pas compris. Choisissez l'une de ces réponses, s'il vous plaît.
    { ask-situation }

result-block =
    📊 RÉSULTATS DE VOTRE SIMULATION
    💰 { $resultat_title } : { $resultat_amount_said }
    Durée : { $resultat_duration_said }
    💳 MENSUALITÉ : { $resultat_payment_said }
    Taux : { $resultat_rate_said } / an
    ✅ Votre dossier est éligible !
result-details =
    {""}
    Taux d'endettement : { $resultat_ratio_said } de vos revenus de { MONEY($revenus) } par mois (il doit rester sous { $resultat_limit_said })
    Coût total : { $resultat_total_said }, dont { $resultat_interest_said } d'intérêts
    Simulation indicative { $resultat_id }, hors assurance et frais de dossier. Le tableau d'amortissement est joint.

refused-block =
    📊 RÉSULTATS DE VOTRE SIMULATION
    💰 { $resultat_title } : { $resultat_amount_said }
    Durée : { $resultat_duration_said }
    💳 MENSUALITÉ : { $resultat_payment_said }
    Taux : { $resultat_rate_said } / an
    ⚠️ Avec des revenus de { MONEY($revenus) } par mois, votre taux d'endettement serait de { $resultat_ratio_said }. Il doit rester sous la limite de { $resultat_limit_said }.
refused-details =
    {""}
    Sur la même durée, vous pourriez emprunter jusqu'à { $resultat_most_said }. Un conseiller peut étudier votre situation avec vous.
    Simulation indicative { $resultat_id }, hors assurance et frais de dossier.
ask-suite = Vous pouvez changer un chiffre (« et sur 12 ans ? ») ou parler à un conseiller.
table-again = Voici de nouveau le tableau d'amortissement de votre simulation { $resultat_id }.
loan-bye = Avec plaisir ! À bientôt.

## Ouvrir un compte

ask-type-compte = Quel type de compte vous intéresse ?
again-type-compte =
    Je n'ai pas compris. Choisissez l'une de ces réponses, s'il vous plaît.
    { ask-type-compte }
ask-nom = Quel est votre nom de famille ?
ask-prenom = Et votre prénom ?
ask-telephone = Quel est votre numéro de téléphone ?
again-telephone =
    Ce numéro n'est pas valable au Sénégal : il faut 9 chiffres qui commencent par 7 ou 3, par exemple 77 123 45 67.
    { ask-telephone }
ask-email = Et votre adresse e-mail ?
again-email =
    Cette adresse e-mail n'est pas valable. Écrivez-la en entier, par exemple nom@exemple.sn.
    { ask-email }
prospect-done =
    ✅ Votre demande est enregistrée ({ $prospect_id })
    Un conseiller vous contactera sous 48h
prospect-recap =
    {""}
    Compte { $type_compte_label }, { $prenom } { $nom }, { $prospect_reached_said }
task-prospect = Ouverture de compte { $type_compte_label } : contacter { $prenom } { $nom }
task-prospect-detail = Téléphone { $telephone }, e-mail { $email }

## Réclamation

ask-categorie = De quelle catégorie s'agit-il ?
again-categorie =
    Je n'ai pas compris. Choisissez l'une de ces réponses, s'il vous plaît.
    { ask-categorie }
ask-description = Pouvez-vous décrire le problème ?
ask-montant-litige = Quel est le montant concerné ? (Répondez « aucun » s'il n'y en a pas.)
again-montant-litige =
    Je n'ai pas compris le montant. Écrivez par exemple « 50 000 », ou « aucun ».
    { ask-montant-litige }
ask-date-incident = Quand cela s'est-il passé ?
again-date =
    Je n'ai pas compris la date, ou elle n'est pas encore passée. Écrivez par exemple « hier », « lundi » ou « le 12 novembre ».
    { ask-date-incident }
ask-nom-complet = Quel est votre nom complet ?
claim-done =
    ✅ Votre réclamation est enregistrée ({ $reclamation_id })
    Un conseiller vous contactera sous 24h
claim-recap =
    {""}
    { $categorie_label }, { DATE($date_incident) }
claim-recap-amount =
    {""}
    { $categorie_label }, { DATE($date_incident) }, { MONEY($montant) }
claim-recap-who =
    { $nom_complet }, { $reclamation_reached_said }
    Pour suivre votre réclamation, écrivez son numéro.
task-claim = Réclamation { $categorie_label } : contacter { $nom_complet }
task-claim-detail = Téléphone { $telephone }, e-mail { $email }

## Suivre une réclamation

ask-numero = Quel est le numéro de votre réclamation ? Il commence par CLAIM_.
ask-numero-list = Vos dernières réclamations : { LIST($miennes_numbers) }
claim-status =
    Réclamation { $statut_id } ({ $statut_category }) : { $statut_status }.
    Enregistrée le { DATE($statut_made) }, dernière mise à jour le { DATE($statut_changed) }.

## Dans tous les parcours

still-there = Êtes-vous toujours là ? Écrivez votre réponse quand vous voulez, ou « annuler ».
not-registered = Je n'ai pas pu enregistrer votre demande. Vérifiez vos réponses et recommencez, ou demandez un conseiller.
