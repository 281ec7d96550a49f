# What the bot says while somebody proves who they are.

identity-who = To answer that I need to know who you are. What is your customer number, or the phone number or e-mail address that is registered with us?
identity-help = I ask so that nobody else hears of your account. One of these is enough: your customer number, or the phone number or e-mail address that is registered with us. Without one, say “Cancel”, or talk to one of us.
identity-sent = Thank you. I have sent a code of six digits to the registered address that ends in { $mask }. Please type it here. It is good for { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }.
identity-sent-unshown = Thank you. I have sent a code of six digits to your registered address. Please type it here. It is good for { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }.
identity-resent = I have sent a new code to the registered address that ends in { $mask }. The one before is not good any more. If nothing comes, your registered address may be another one or may have changed lately: then please talk to one of us.
identity-resent-unshown = I have sent a new code to your registered address. The one before is not good any more. If nothing comes, your registered address may be another one or may have changed lately: then please talk to one of us.
identity-wait = A code is on its way. If it does not come, ask for another in { $seconds ->
        [one] one second
       *[other] { $seconds } seconds
    }.
identity-still = Please type the code first that I sent to the address that ends in { $mask }. Then I will answer that.
identity-still-unshown = Please type the code first that I sent to your registered address. Then I will answer that.
identity-wrong = That is not the code. You can try { $tries ->
        [one] once more
       *[other] { $tries } more times
    }.
identity-not-six = The code has six digits. Please look again.
identity-expired = That code is too old. Shall I send a new one?
identity-no-code = That code is not good any more. Shall I send a new one?
identity-locked = That was wrong too often, so this code is locked. You can ask for a new one in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }, or talk to one of us.
identity-limited = There were too many attempts. Please try again in { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }, or talk to one of us.
identity-unavailable = I can't check the code just now. Please type it again in a moment.
identity-proved = Thank you, I know now that it is you. What can I do for you?
identity-cancelled = All right, I have cancelled that.
identity-logged-out = You are signed out. I say nothing about your account until you prove again who you are.
identity-only-in-chat = I can answer that in a conversation, once you have proved who you are.
identity-guarded = I can tell you that once I know that it is you. Ask me about your account and I will send you a code.
identity-merge-offer = You have also written to us elsewhere. Shall I put both conversations together, so that we know what you told us there?
identity-merged = Done: your conversations belong together now.
identity-not-merged = All right, they stay apart.
identity-button-resend = Send again
identity-button-cancel = Cancel
identity-button-yes = Yes
identity-button-no = No
identity-text = { $code } is your code for { $title }. It is good for { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }. Give it to nobody: we never ask for it by phone.
identity-call = Hello. This is { $title }. Your code is: { $code }.
identity-mail = Your code for { $title } is { $code }. It is good for { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    }.

    If you did not ask for it, do nothing, and give it to nobody.
identity-mail-subject = Your code for { $title }
