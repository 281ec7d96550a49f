# Machine-made translation, not yet read by a native speaker.

whatsapp-sources = Sources : { $titles }
whatsapp-choose = Veuillez choisir :
whatsapp-options = Choisir
whatsapp-opted-out = Vous ne recevrez plus de messages de notre part, sauf si vous nous écrivez. Pour les recevoir à nouveau, écrivez START.
whatsapp-opted-in = Vous recevrez à nouveau nos messages.
whatsapp-unread-voice = Je ne peux pas écouter les messages vocaux. Merci d’écrire votre question sous forme de texte.
whatsapp-unread-file = Merci, j’ai bien reçu votre fichier. Je ne peux pas le lire : dites-moi par écrit de quoi il s’agit.
whatsapp-unread-kind = Je ne peux pas lire ce type de message. Merci d’écrire votre question sous forme de texte.
whatsapp-only-link = Merci pour le lien. Je ne peux pas l’ouvrir : dites-moi par écrit de quoi il s’agit.
whatsapp-only-place = Merci pour la position. Dites-moi par écrit de quoi il s’agit.
whatsapp-only-card = Merci pour le contact. Dites-moi par écrit de quoi il s’agit.
whatsapp-file-size = Votre fichier est trop volumineux pour moi. Merci d’en envoyer un plus petit.
whatsapp-file-type = Je ne peux pas recevoir ce type de fichier. Une photo, un PDF ou du texte conviennent.
whatsapp-file-lost = Votre fichier ne m’est pas parvenu. Merci de l’envoyer à nouveau.
whatsapp-too-fast = Vous écrivez plus vite que je ne lis. Patientez un instant, puis renvoyez-moi la fin.
