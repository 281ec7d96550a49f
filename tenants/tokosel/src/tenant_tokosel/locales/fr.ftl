# Machine-made translation, not yet read by a native speaker.
# Ce que dit le code de Tokosel.  { $number } est le numéro que le client a donné.

tokosel-no-rate = Pour votre situation, nous n'avons pas de taux indicatif : un conseiller doit étudier votre demande avec vous.
tokosel-too-long = Un { $title } dure { $longest } au plus. Choisissez une durée plus courte, s'il vous plaît.
tokosel-bad-name = Je n'y ai pas reconnu de nom. Écrivez-le en lettres et seul, s'il vous plaît.
tokosel-bad-phone =
    Ce numéro n'est pas valable au Sénégal : il faut 9 chiffres qui commencent par 7 ou 3, par exemple 77 123 45 67.
    Quel est votre numéro de téléphone ?
tokosel-bad-date = Je n'ai pas compris la date. Écrivez par exemple « hier », « lundi » ou « le 12 novembre ».
tokosel-bad-future = Cette date n'est pas encore passée. Quel jour l'incident a-t-il eu lieu ?
tokosel-bad-old = Cette date est trop ancienne pour une réclamation en ligne. Vérifiez l'année, ou demandez un conseiller.
tokosel-no-claim = Je ne trouve pas de réclamation { $number } parmi les vôtres. Vérifiez le numéro : il commence par CLAIM_.

type-immobilier = Prêt Immobilier
type-auto = Prêt Auto
type-consommation = Prêt Consommation
type-entreprise = Prêt Entreprise

claim-nouvelle = enregistrée, en attente d'un conseiller
claim-en_cours = en cours de traitement
claim-resolue = résolue
claim-rejetee = rejetée
