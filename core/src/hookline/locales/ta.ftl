# What every tenant's bot says; a tenant writes its own into [texts] or locales/.
# Machine-made translation, not yet read by a native speaker.

apology = மன்னிக்கவும், எங்கள் பக்கத்தில் ஏதோ தவறு நேர்ந்தது. சிறிது நேரத்தில் மீண்டும் முயற்சிக்கவும்.
safe = மன்னிக்கவும், இதற்கு என்னால் பதிலளிக்க முடியாது.
unknown = எனக்கு அது தெரியாது. எங்கள் ஆவணங்களில் இதைப் பற்றி எதுவும் கிடைக்கவில்லை.
greeting = வணக்கம்! நான் உங்களுக்கு எப்படி உதவலாம்?
thanks = மகிழ்ச்சி! வேறு ஏதாவது உதவி வேண்டுமா?
goodbye = நன்றி, மீண்டும் சந்திப்போம்.
