# What every tenant's bot says; a tenant writes its own into [texts] or locales/.
# Machine-made translation, not yet read by a native speaker.

apology = క్షమించండి, మా వైపు ఏదో పొరపాటు జరిగింది. దయచేసి కొద్దిసేపటి తర్వాత మళ్ళీ ప్రయత్నించండి.
safe = క్షమించండి, నేను దానికి సమాధానం ఇవ్వలేను.
unknown = నాకు అది తెలియదు. మా పత్రాలలో దాని గురించి ఏమీ దొరకలేదు.
greeting = నమస్కారం! నేను మీకు ఎలా సహాయం చేయగలను?
thanks = సంతోషం! ఇంకేమైనా అడగాలా?
goodbye = నమస్కారం, సందేశానికి ధన్యవాదాలు.
