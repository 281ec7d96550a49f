# Machine-made translation, not yet read by a native speaker.

language-switched = తప్పకుండా, ఇకపై నేను { $language } భాషలో మాట్లాడతాను.
language-unlisted = క్షమించండి, నేను ఇంకా { $language } భాష మాట్లాడను. { $used } భాషలో కొనసాగిస్తాను.
