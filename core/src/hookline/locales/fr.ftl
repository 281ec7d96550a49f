# What every tenant's bot says; a tenant writes its own into [texts] or locales/.
# Machine-made translation, not yet read by a native speaker.

apology = Désolé, un problème est survenu de notre côté. Veuillez réessayer dans un instant.
safe = Désolé, je ne peux pas répondre à cela.
unknown = Je ne sais pas. Je n'ai rien trouvé à ce sujet dans nos documents.
greeting = Bonjour ! Comment puis-je vous aider ?
thanks = Avec plaisir ! Puis-je encore vous aider ?
goodbye = Au revoir, et merci de votre message.
