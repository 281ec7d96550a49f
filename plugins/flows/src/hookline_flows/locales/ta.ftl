# What flows say of themselves.  Machine-made: to be read by a native speaker.

flows-yes = ஆம்
flows-no = இல்லை
flows-skip = தவிர்
flows-ask = { $name } என்ன?
flows-again-text = மன்னிக்கவும், புரியவில்லை. வேறு சொற்களில் எழுதுங்கள்.
flows-again-person = உங்கள் முழுப் பெயரை எழுதுங்கள்.
flows-again-number = ஒரு எண்ணை எழுதுங்கள்.
flows-again-whole = முழு எண்ணை எழுதுங்கள்.
flows-again-money = தொகையை எழுதுங்கள்.
flows-again-date = தேதியை எழுதுங்கள், எடுத்துக்காட்டு: 21 நவம்பர் 2026.
flows-again-duration = கால அளவை எழுதுங்கள், எடுத்துக்காட்டு: 2 ஆண்டுகள் அல்லது 18 மாதங்கள்.
flows-again-phone = இந்தத் தொலைபேசி எண் சரியாகத் தெரியவில்லை. சரிபார்க்கவும்.
flows-again-email = இந்த மின்னஞ்சல் முகவரி சரியாகத் தெரியவில்லை. சரிபார்க்கவும்.
flows-again-choice = இவற்றில் ஒன்றைத் தேர்ந்தெடுங்கள்.
flows-again-boolean = ஆம் அல்லது இல்லை என்று பதிலளியுங்கள்.
flows-again-list = இவற்றிலிருந்து தேர்ந்தெடுங்கள்; ஒன்றுக்கு மேலும் இருக்கலாம்.
flows-again-file = தயவுசெய்து அதை கோப்பாகவோ புகைப்படமாகவோ இங்கே அனுப்புங்கள்.
flows-again-file-type = இந்த வகை கோப்பை இங்கே பயன்படுத்த முடியாது. தயவுசெய்து அனுப்புங்கள்: { $types }.
flows-again-file-size = இந்தக் கோப்பு மிகப் பெரியது. { $max } MB வரையிலான கோப்பை அனுப்புங்கள்.
flows-again-between = இது { $min } முதல் { $max } வரை இருக்க வேண்டும்.
flows-again-least = இது குறைந்தது { $min } ஆக இருக்க வேண்டும்.
flows-again-most = இது அதிகபட்சம் { $max } ஆக இருக்கலாம்.
flows-again-date-from = தேதி { DATE($min) } க்கு முன் இருக்க முடியாது.
flows-again-date-until = தேதி { DATE($max) } க்குப் பின் இருக்க முடியாது.
flows-again-more = குறைந்தது { $min } தேர்ந்தெடுங்கள்.
flows-again-fewer = அதிகபட்சம் { $max } தேர்ந்தெடுங்கள்.
flows-again-longer = குறைந்தது { $min } எழுத்துகள் எழுதுங்கள்.
flows-again-shorter = அதிகபட்சம் { $max } எழுத்துகள் எழுதுங்கள்.
flows-again-question = என் கேள்வி:
flows-unknown = இதற்கான பதில் என்னிடம் இங்கு இல்லை.
flows-remind = நம் கேள்விக்குத் திரும்புவோம்:
flows-resume = மீண்டும் வரவேற்கிறோம். நாம் இங்கு இருந்தோம்:
flows-return = மீண்டும்: { $title }.
flows-noted = குறித்துக்கொண்டேன்: { $name }: { $value }.
flows-changed = மாற்றப்பட்டது: { $name } இப்போது { $value }.
flows-range = இப்போது { $value } என்று குறித்துக்கொள்கிறேன். { $other } என்றால் சொல்லுங்கள்.
flows-most = அதிகபட்சம் { $value }.
flows-which = இவற்றில் எது: { $these }?
flows-change-what = எதை மாற்ற வேண்டும்?
flows-recap = இதுவரை தெரிந்தவை:
flows-recap-nothing = நீங்கள் இன்னும் எதுவும் சொல்லவில்லை.
flows-cancelled = நிறுத்திவிட்டேன். எதுவும் அனுப்பப்படவில்லை.
flows-at-start = இது முதல் கேள்வி.
flows-restarted = மீண்டும் தொடங்குவோம்.
flows-cant-skip = தொடர இது தேவை.
flows-offer-person = இது சரியாக வரவில்லை. ஒருவரை அழைக்கவா?
flows-offer-stop = இது சரியாக வரவில்லை. இங்கே நிறுத்தலாமா?
flows-failed = மன்னிக்கவும், எங்கள் பக்கத்தில் தவறு நேர்ந்தது. பிறகு மீண்டும் முயலுங்கள்.
flows-no-proof = நீங்கள் யார் என்பதைச் சரிபார்க்க முடியாததால் இதை இங்கு செய்ய முடியாது.
flows-still-there = நீங்கள் இன்னும் இருக்கிறீர்களா?

flows-duration = { $unit ->
    [years] { $count } ஆண்டுகள்
    [weeks] { $count } வாரங்கள்
    [days] { $count } நாட்கள்
    [hours] { $count } மணி நேரம்
    [minutes] { $count } நிமிடங்கள்
   *[months] { DURATION($count) }
}
