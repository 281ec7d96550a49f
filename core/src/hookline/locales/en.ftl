# What every tenant's bot says; a tenant writes its own into [texts] or locales/.

apology = Sorry, something went wrong on our side. Please try again in a moment.
safe = Sorry, I can't answer that.
unknown = I don't know that. I found nothing about it in our documents.
greeting = Hello! How can I help you?
thanks = You're welcome! Is there anything else?
goodbye = Goodbye, and thank you for writing.
