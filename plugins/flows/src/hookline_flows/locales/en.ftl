# What flows say of themselves.  A tenant overrides any of it in its own locales/.

flows-yes = Yes
flows-no = No
flows-skip = Skip

flows-ask = What is your { $name }?
flows-again-text = Sorry, I did not get that. Could you write it in other words?
flows-again-person = Please write your full name.
flows-again-number = Please write a number.
flows-again-whole = Please write a whole number.
flows-again-money = Please write an amount.
flows-again-date = Please write a date, for example 21 November 2026.
flows-again-duration = Please write how long, for example 2 years or 18 months.
flows-again-phone = That does not look like a telephone number. Could you check it?
flows-again-email = That does not look like an e-mail address. Could you check it?
flows-again-choice = Please choose one of these.
flows-again-boolean = Please answer yes or no.
flows-again-list = Please choose from these; it may be more than one.
flows-again-file = Please send it here as a file or photo.
flows-again-file-type = This kind of file can't be used here. Please send: { $types }.
flows-again-file-size = This file is too large. Please send one of at most { $max } MB.
flows-again-between = It must be between { $min } and { $max }.
flows-again-least = It must be at least { $min }.
flows-again-most = It must be at most { $max }.
flows-again-date-from = The date can't be before { DATE($min) }.
flows-again-date-until = The date can't be after { DATE($max) }.
flows-again-more = Please name at least { $min }.
flows-again-fewer = Please name at most { $max }.
flows-again-longer = Please write at least { $min } characters.
flows-again-shorter = Please write at most { $max } characters.
flows-again-question = My question was:

flows-unknown = I have no answer to that here.
flows-remind = Back to our question:
flows-resume = Welcome back. We were here:
flows-return = Back to { $title }.
flows-noted = Noted: { $name }: { $value }.
flows-changed = Changed: { $name } is now { $value }.
flows-range = I take { $value } for now. If it shall be { $other }, just say so.
flows-most = { $value } is the most.
flows-which = Which one is it about: { $these }?
flows-change-what = What shall I change?
flows-recap = So far I have:
flows-recap-nothing = You have not told me anything yet.

flows-cancelled = I have stopped that. Nothing was sent.
flows-at-start = This is the first question.
flows-restarted = Let's start again.
flows-cant-skip = I need this to go on.
flows-offer-person = This does not seem to work. Shall I get a person for you?
flows-offer-stop = This does not seem to work. Shall we stop here?
flows-failed = Sorry, something went wrong on our side. Please try again later.
flows-no-proof = I can't do this here, as I can't check who you are.
flows-still-there = Are you still there?

flows-duration = { $unit ->
    [years] { $count ->
        [one] { $count } year
       *[other] { $count } years
    }
    [weeks] { $count ->
        [one] { $count } week
       *[other] { $count } weeks
    }
    [days] { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
    [hours] { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
    [minutes] { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
   *[months] { DURATION($count) }
}
