# Machine-made translation, not yet read by a native speaker.

flow-emi = आपकी किस्त
flow-balance = आपका बैलेंस
flow-loan = आपका लोन

emi-told = { $record_text }
emi-line = आपके { $kind } { $loan } की ईएमआई { MONEY($amount) } है, देय तिथि { DATE($due, style: "d MMM y") }।
emi-none = आपके { $kind } { $loan } की कोई ईएमआई बाकी नहीं है।
balance-told = { $record_text }
balance-line = आपके { $kind } { $account } में { MONEY($balance) } हैं।
loan-told = { $record_text }
loan-line = आपका { $kind } { $loan }: बकाया { MONEY($outstanding) }, { $months } महीने शेष।

loan-home = होम लोन
loan-personal = पर्सनल लोन
loan-car = कार लोन
loan-gold = गोल्ड लोन
loan-education = एजुकेशन लोन
loan-business = बिज़नेस लोन
account-savings = बचत खाते
account-current = चालू खाते
account-salary = वेतन खाते

only-own = मैं केवल आपके अपने खातों और लोन की जानकारी दे सकता हूँ। बाकी के लिए कृपया एजेंट से बात करें।
not-proved = कृपया पहले अपनी पहचान की पुष्टि करें। फिर मैं आपके खातों और लोन की जानकारी दे सकता हूँ।
no-account = आपके नाम पर कोई खाता नहीं है।
no-loan = आपके नाम पर कोई लोन नहीं है।

# -- phone calls

flow-call = आपकी कॉल
call-language = एंकर बैंक में आपका स्वागत है।
call-language-again = क्षमा करें, मैं समझ नहीं पाया। कृपया भाषा चुनिए।
call-identity = क्या मैं { $callee_name } से बात कर रहा हूँ?
call-identity-again = क्षमा करें, मैं समझ नहीं पाया। क्या मैं { $callee_name } से बात कर रहा हूँ?
call-emi = { $due_text }
call-emi-line = आपके { $kind } की किस्त { MONEY($amount) } है, देय तिथि { DATE($due, style: "d MMMM y") }।
call-impact = किस्त न चुकाने पर विलंब शुल्क और दंड ब्याज लगता है, और देरी की सूचना क्रेडिट ब्यूरो को दी जाती है, जिससे आपका क्रेडिट स्कोर घट सकता है।
call-support = हम आपकी क्या सहायता कर सकते हैं?
call-support-again = क्षमा करें, मैं समझ नहीं पाया। हम आपकी क्या सहायता कर सकते हैं?
call-plan-label = भुगतान योजना
call-agent-label = एजेंट से बात
call-none-label = कुछ और नहीं
call-plan = धन्यवाद। हमने नोट कर लिया है कि आपको भुगतान योजना चाहिए, और जानकारी भेज रहे हैं। नमस्ते।
call-agent = मैं आपको हमारे सहकर्मी से जोड़ रहा हूँ।
call-bye = आपके समय के लिए धन्यवाद। नमस्ते।
call-refused = असुविधा के लिए क्षमा करें। नमस्ते।
call-stranger = यह फ़ोन नंबर हमारे यहाँ पंजीकृत नहीं है। कृपया शाखा से संपर्क करें। नमस्ते।
call-nothing = अभी कोई किस्त बाकी नहीं है। नमस्ते।
call-unheard = क्षमा करें, मैं समझ नहीं पाया। कृपया फिर से कॉल करें। नमस्ते।

# -- answers to the collections

collect-noted = धन्यवाद, हमने आपका उत्तर दर्ज कर लिया है। कुछ बाकी हुआ तो हमारे सहयोगी आपसे संपर्क करेंगे।
collect-promised = धन्यवाद, हमने दिन दर्ज कर लिया है। कुछ बाकी हुआ तो हमारे सहयोगी आपसे संपर्क करेंगे।
collect-none = आपके संदेश के लिए धन्यवाद। वसूली विभाग में आपका कुछ बाकी नहीं है। और किसी बात के लिए कृपया हमारे सहायक को लिखें।
