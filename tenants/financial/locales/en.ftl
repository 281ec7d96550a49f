# What the bank says.  Amounts are MONEY, days DATE: both are written as the tenant's customers write them.

flow-emi = Your instalment
flow-balance = Your balance
flow-loan = Your loan

emi-told = { $record_text }
emi-line = Your EMI for the { $kind } { $loan } is { MONEY($amount) }, due on { DATE($due, style: "d MMM y") }.
emi-none = No EMI is due for your { $kind } { $loan }.
balance-told = { $record_text }
balance-line = The balance of your { $kind } { $account } is { MONEY($balance) }.
loan-told = { $record_text }
loan-line = Your { $kind } { $loan }: { MONEY($outstanding) } outstanding, { $months ->
        [one] 1 month
       *[other] { $months } months
    } remaining.

loan-home = home loan
loan-personal = personal loan
loan-car = car loan
loan-gold = gold loan
loan-education = education loan
loan-business = business loan
account-savings = savings account
account-current = current account
account-salary = salary account

only-own = I can only tell you about your own accounts and loans. For anything else please talk to an agent.
not-proved = Please confirm who you are first. Then I can tell you about your accounts and loans.
no-account = There is no account in your name.
no-loan = There is no loan in your name.

# -- phone calls

flow-call = Your call
call-language = Welcome to Anchor Bank.
call-language-again = Sorry, I did not get that. Please choose a language.
call-identity = Am I speaking with { $callee_name }?
call-identity-again = Sorry, I did not get that. Am I speaking with { $callee_name }?
call-emi = { $due_text }
call-emi-line = Your instalment for the { $kind } is { MONEY($amount) }, due on { DATE($due, style: "d MMMM y") }.
call-impact = If an instalment is missed, a late fee and penal interest are added, and the delay is reported to the credit bureaus, which can lower your credit score.
call-support = How can we help you?
call-support-again = Sorry, I did not get that. How can we help you?
call-plan-label = a payment plan
call-agent-label = an agent
call-none-label = nothing more
call-plan = Thank you. We have noted that you want a payment plan, and send you the details. Goodbye.
call-agent = I connect you to a colleague.
call-bye = Thank you for your time. Goodbye.
call-refused = Sorry to have disturbed you. Goodbye.
call-stranger = This telephone is not registered with us. Please call our branch. Goodbye.
call-nothing = No instalment is due at the moment. Goodbye.
call-unheard = Sorry, I could not understand you. Please call again. Goodbye.

# -- answers to the collections

collect-noted = Thank you, we have noted your answer. A colleague will get in touch if anything is still open.
collect-promised = Thank you, we have noted the day. A colleague will get in touch if anything is still open.
collect-none = Thank you for your message. Nothing is open with our collections. For anything else please write to our assistant.
