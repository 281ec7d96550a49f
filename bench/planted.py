"""True sentences in other forms, and false ones made of true ones: what `grounding.py` feeds to the check of answers.

Nothing here is shared with the plugin: numbers, names and sentences are found by rules of this module's own.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
    "hi": "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर".split(),
}
SPELLED = {
    "en": dict(enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)),
    "fr": dict(enumerate("deux trois quatre cinq six sept huit neuf dix onze douze".split(), 2)),
    "hi": dict(enumerate("दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह".split(), 2)),
}
LEADS = {
    "en": ("According to the documents, ", "In short: ", "Yes. ", "Please note: "),
    "fr": ("Selon les documents, ", "En bref : ", "Oui. ", "Veuillez noter : "),
    "hi": ("दस्तावेज़ के अनुसार, ", "संक्षेप में: ", "जी हाँ, ", "कृपया ध्यान दें: "),
}
NAMES = {
    "en": "Kowalski Zimmermann Brightwater Okonkwo Helsinki Montevideo Thornbury Netflix Vodafone Valparaíso".split(),
    "fr": "Kowalski Zimmermann Okonkwo Helsinki Montevideo Vaugelas Netflix Vodafone Brandebourg Castelnau".split(),
    "hi": "कोवाल्स्की हेलसिंकी मोंटेवीडियो नेटफ्लिक्स वोडाफोन ज़िमरमैन ब्रैंडनबर्ग ओकोन्क्वो वालपराइसो थॉर्नबरी".split(),
}
LINKS = {
    "en": (
        " See https://www.saltwind-help.example/start.",
        " Write to refunds@saltwind-care.org.",
        " Call 0800 555 0199.",
    ),
    "fr": (
        " Voir https://www.saltwind-aide.example/debut.",
        " Écrivez à aide@saltwind-service.org.",
        " Appelez le 08 05 55 01 99.",
    ),
    "hi": (
        " https://www.saltwind-help.example/start देखें।",
        " refunds@saltwind-care.org पर लिखें।",
        " 1800 555 0199 पर कॉल करें।",
    ),
}
PROMISES = {
    "en": ("We guarantee you a full refund.", "This is free of charge for all customers.", "You will receive it immediately, guaranteed.",
           "We promise to compensate you.", "Every customer gets unlimited use of this."),
    "fr": ("Nous vous garantissons un remboursement intégral.", "C'est gratuit pour tous les clients.",
           "Vous le recevrez immédiatement, c'est garanti.", "Nous promettons de vous indemniser.", "Chaque client y a droit de façon illimitée."),
    "hi": ("हम आपको पूरे रिफंड की गारंटी देते हैं।", "यह सभी ग्राहकों के लिए मुफ़्त है।", "आपको यह तुरंत मिलेगा, हमारी गारंटी है।",
           "हम आपको मुआवज़ा देने का वादा करते हैं।", "हर ग्राहक को यह असीमित मिलता है।"),
}  # fmt: skip
SOON = {
    "en": (" starting tomorrow", " since last Monday", " from next Friday"),
    "fr": (" à partir de demain", " depuis lundi dernier", " dès vendredi prochain"),
    "hi": ("कल से ", "पिछले सोमवार से ", "अगले शुक्रवार से "),
}
UNITS = [
    {"en": "minutes", "fr": "minutes", "hi": "मिनट"}, {"en": "hours", "fr": "heures", "hi": "घंटे"},
    {"en": "days", "fr": "jours", "hi": "दिन"}, {"en": "months", "fr": "mois", "hi": "महीने"},
    {"en": "years", "fr": "ans", "hi": "वर्ष"}, {"en": "euros", "fr": "euros", "hi": "यूरो"},
    {"en": "dollars", "fr": "dollars", "hi": "डॉलर"}, {"en": "rupees", "fr": "roupies", "hi": "रुपये"},
    {"en": "kilometres", "fr": "kilomètres", "hi": "किलोमीटर"}, {"en": "miles", "fr": "milles", "hi": "मील"},
    {"en": "percent", "fr": "pour cent", "hi": "प्रतिशत"}, {"en": "million", "fr": "millions", "hi": "मिलियन"},
    {"en": "billion", "fr": "milliards", "hi": "अरब"},
]  # fmt: skip
VERBS = {
    "en": [("is", "is not"), ("are", "are not"), ("was", "was not"), ("were", "were not"), ("can", "cannot"),
           ("will", "will not"), ("has been", "has not been"), ("have been", "have not been"), ("must", "must not"), ("may", "may not")],
    "fr": [("est", "n'est pas"), ("sont", "ne sont pas"), ("peut", "ne peut pas"), ("peuvent", "ne peuvent pas"),
           ("doit", "ne doit pas"), ("doivent", "ne doivent pas"), ("était", "n'était pas"), ("sera", "ne sera pas")],
    "hi": [("है।", "नहीं है।"), ("हैं।", "नहीं हैं।"), ("था।", "नहीं था।"), ("थे।", "नहीं थे।"), ("थी।", "नहीं थी।"),
           ("सकते हैं।", "नहीं सकते हैं।"), ("गया।", "नहीं गया।")],
}  # fmt: skip
DENIALS = {
    "en": [("is not ", "is "), ("are not ", "are "), ("was not ", "was "), ("were not ", "were "), ("cannot ", "can "), ("does not ", "does "),
           ("do not ", "do "), ("did not ", "did "), ("will not ", "will "), ("without ", "with "), ("has not ", "has "), (" not ", " ")],
    "fr": [("n'est pas ", "est "), ("ne sont pas ", "sont "), ("ne peut pas ", "peut "), ("n'a pas ", "a "), ("ne doit pas ", "doit "),
           ("ne peuvent pas ", "peuvent "), ("sans ", "avec "), ("n’est pas ", "est "), ("n’a pas ", "a ")],
    "hi": [("नहीं ", ""), ("बिना ", "के साथ "), (" न ", " ")],
}  # fmt: skip
OPPOSITES = {
    "en": "before/after increase/decrease increased/decreased included/excluded minimum/maximum more/less above/below largest/smallest higher/lower first/last north/south east/west northern/southern eastern/western won/lost began/ended start/end best/worst allowed/forbidden open/closed public/private".split(),
    "fr": "avant/après augmentation/diminution inclus/exclu minimum/maximum plus/moins premier/dernier première/dernière nord/sud est/ouest début/fin autorisé/interdit ouvert/fermé public/privé publique/privée acheter/vendre obligatoire/facultatif".split(),
    "hi": "पहले/बाद अधिक/कम न्यूनतम/अधिकतम उत्तर/दक्षिण उत्तरी/दक्षिणी पूर्वी/पश्चिमी शुरू/समाप्त वृद्धि/कमी सार्वजनिक/निजी प्रथम/अंतिम खुला/बंद".split(),
}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w]|[.,]\d)")
_YEAR = re.compile(r"(?<![\w.,-])(?:1[0-9]|20)\d\d(?![\w,.-]?\d|\w)")
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-ZÀ-Ü][a-zà-ü]{3,}(?: [A-ZÀ-Ü][a-zà-ü]{2,})*\b")
_ASIDE = re.compile(r" \([^()]{3,60}\)")
DIGITS = str.maketrans("0123456789", "०१२३४५६७८९")


@attrs.frozen
class Text:
    """A document with its language, its sentences, and answers to questions about it."""

    id: str
    language: str
    text: str
    title: str
    sentences: Sequence[str]
    asked: Sequence[tuple[str, str]] = ()


Made = Iterator[str]
Method = Callable[[str, Text, "Pool", random.Random], Made]


class Pool:
    """What false sentences are made of: the other documents."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.texts = texts
        self.answers = sorted(
            {
                answer
                for text in texts
                for _, answer in text.asked
                if 2 < len(answer) < 40 and not re.search(r"\d", answer)
            }
        )


def cut(text: str) -> list[str]:
    """The sentences, roughly: what ends with a full stop, danda, question or exclamation mark before a capital."""
    parts = re.split(
        r"(?<=[.!?।])(?<!\b[A-Z]\.)(?<!\b(?:Dr|Mr|St|No|Ms|vs)\.)(?<!\b(?:Mrs|art|Art|etc)\.)\s+(?=[^a-zà-ü])",
        " ".join(text.split()),
    )
    return [part.strip() for part in parts if 35 <= len(part.strip()) <= 350 and len(part.split()) >= 6]


# -- true ---------------------------------------------------------------------------------------------------------------


def verbatim(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    yield sentence


def introduced(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    yield rng.choice(LEADS[text.language]) + sentence


def shortened(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    without = _ASIDE.sub("", sentence)
    if without != sentence:
        yield without


def other_digits(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    if not _NUMBER.search(sentence):
        return
    if text.language == "hi":
        yield sentence.translate(DIGITS)
    grouped = re.sub(
        r"(?<![\w.,])([1-9]\d{0,2})(,\d{3})+(?![\w,.])",
        lambda m: m.group().replace(",", "" if text.language == "en" else "\u202f"),
        sentence,
    )
    if grouped != sentence:
        yield grouped


def spelled_out(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    words = SPELLED[text.language]
    changed = re.sub(r"(?<![\w.,/-])\d{1,2}(?![\w.,/:-]|\s?(?:%|" + "|".join(MONTHS[text.language]) + "))",
                     lambda m: words.get(int(m.group()), m.group()), sentence)  # fmt: skip
    if changed != sentence:
        yield changed
    back = {word: str(number) for number, word in words.items() if word != "neuf"}
    if text.language != "hi":
        numeric = re.sub(rf"\b(?:{'|'.join(back)})\b(?!-)", lambda m: back[m.group()], sentence)
        if numeric != sentence:
            yield numeric


def other_sign(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    word = {"en": " percent", "fr": " pour cent", "hi": " प्रतिशत"}[text.language]
    changed = re.sub(r"(?<=\d)\s?%", word, sentence)
    changed = re.sub(r"€\s?(\d[\d.,]*)", r"\1 euros", re.sub(r"(\d[\d.,]*)\s?€", r"\1 euros", changed))
    changed = re.sub(r"\$\s?(\d[\d,]*(?:\.\d+)?)(?! (?:million|billion))", r"\1 dollars", changed)
    if changed != sentence:
        yield changed


def other_date(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    months = "|".join(MONTHS[text.language])
    changed = re.sub(rf"\b({months}) (\d{{1,2}}), (\d{{4}})", r"\2 \1 \3", sentence)
    if changed == sentence:
        changed = re.sub(rf"(?<!\d)(\d{{1,2}}) ({months}),? (\d{{4}})",
                         lambda m: f"{int(m[1]):02}/{MONTHS[text.language].index(m[2]) + 1:02}/{m[3]}", sentence)  # fmt: skip
    if changed != sentence:
        yield changed


def fronted(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    """What stands first and is set off by a comma goes to the end: X happened in 1990."""
    match = re.match(r"^(In|On|During|Since|En|Depuis|Pendant|Au) ([^,]{3,40}), ([^,]+)\.$", sentence)
    if match:
        rest = match[3]
        yield f"{rest[0].upper()}{rest[1:]} {match[1].lower()} {match[2]}."


def joined(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    at = text.sentences.index(sentence) if sentence in text.sentences else -1
    if 0 <= at < len(text.sentences) - 1 and len(sentence) < 160 and len(text.sentences[at + 1]) < 160:
        yield f"{sentence.rstrip('.।')}; {text.sentences[at + 1]}"


def answered(sentence: str, text: Text) -> Iterator[tuple[str, str]]:
    """A person's question, and a statement made of it and its answer."""
    for question, answer in text.asked:
        if answer in sentence and (made := state(question, answer, text.language)):
            yield question, made


# -- false --------------------------------------------------------------------------------------------------------------


def number_changed(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    for match in _some(_NUMBER.finditer(sentence), rng):
        digits = match.group()
        new = _other_number(digits, rng)
        if new.rstrip("0") in text.text and new in text.text:
            continue
        form = rng.randrange(3)
        if form == 0 and text.language == "hi":
            new = new.translate(DIGITS)
        elif form == 1 and new.isdigit() and int(new) in SPELLED[text.language]:
            new = SPELLED[text.language][int(new)]
        yield sentence[: match.start()] + new + sentence[match.end() :]


def number_borrowed(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    others = [m.group() for m in _NUMBER.finditer(text.text) if m.group() not in sentence]
    for match in _some(_NUMBER.finditer(sentence), rng):
        alike = [other for other in others if bool(_YEAR.fullmatch(other)) == bool(_YEAR.fullmatch(match.group()))]
        if alike:
            yield sentence[: match.start()] + rng.choice(alike) + sentence[match.end() :]


def numbers_swapped(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    found = list(_NUMBER.finditer(sentence))
    pairs = [(a, b) for a, b in itertools.pairwise(found) if a.group() != b.group() and b.start() - a.end() > 12]
    if pairs:
        a, b = rng.choice(pairs)
        yield sentence[: a.start()] + b.group() + sentence[a.end() : b.start()] + a.group() + sentence[b.end() :]


def unit_changed(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    words = [unit[text.language] for unit in UNITS]
    match = re.search(rf"(?<=\d )(?:{'|'.join(words)})(?!\w)", sentence)
    if match:
        groups = [words[0:5], words[5:8], words[8:10], words[10:13]]
        group = next(group for group in groups if match.group() in group)
        new = rng.choice([word for word in group if word != match.group()])
        yield sentence[: match.start()] + new + sentence[match.end() :]
    elif (sign := re.search(r"(?<=\d)\s?%", sentence)) is not None:
        yield (
            sentence[: sign.start()]
            + {"en": " euros", "fr": " euros", "hi": " रुपये"}[text.language]
            + sentence[sign.end() :]
        )


def date_changed(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    months = MONTHS[text.language]
    found = list(re.finditer("|".join(months), sentence))
    if found:
        match = rng.choice(found)
        new = rng.choice([month for month in months if month not in text.text and not match.group().startswith(month)])
        yield sentence[: match.start()] + new + sentence[match.end() :]
    for match in _some(_YEAR.finditer(sentence), rng):
        new = str(int(match.group()) + rng.choice((-11, -3, -1, 1, 2, 7)))
        if new not in text.text:
            yield sentence[: match.start()] + new + sentence[match.end() :]


def date_added(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    if text.language == "hi":
        yield rng.choice(SOON["hi"]) + sentence
    else:
        yield sentence.rstrip(".") + rng.choice(SOON[text.language]) + "."


def name_invented(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    for start, end in _names(sentence, text):
        new = rng.choice([name for name in NAMES[text.language] if name not in text.text])
        yield sentence[:start] + new + sentence[end:]
        return


def name_from_elsewhere(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    """The answer to a question in this sentence, replaced by the answer to another question about other documents."""
    spans = [
        (sentence.index(a), a)
        for _, a in text.asked
        if a in sentence and 2 < len(a) < 40 and not re.search(r"\d", a) and a[0].isupper() + (text.language == "hi")
    ]
    others = [
        answer for answer in pool.answers if answer not in text.text and (answer[0].isupper() or text.language == "hi")
    ]
    if spans and others:
        at, answer = rng.choice(spans)
        yield sentence[:at] + rng.choice(others) + sentence[at + len(answer) :]


def name_borrowed(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    """A name replaced by another one of the same passage."""
    if text.language == "hi":
        return
    others = [m.group() for m in _NAME.finditer(text.text) if m.group() not in sentence]
    found = list(_names(sentence, text))
    if others and found:
        start, end = rng.choice(found)
        yield sentence[:start] + rng.choice(others) + sentence[end:]


def names_swapped(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    found = list(_names(sentence, text))
    pairs = [(a, b) for a, b in itertools.pairwise(found) if sentence[slice(*a)] != sentence[slice(*b)]
             and b[0] - a[1] > 8 and not re.search(r"\b(?:and|or|et|ou|,)\b|,", sentence[a[1] : b[0]])]  # fmt: skip
    if pairs:
        a, b = rng.choice(pairs)
        yield sentence[: a[0]] + sentence[slice(*b)] + sentence[a[1] : b[0]] + sentence[slice(*a)] + sentence[b[1] :]


def denied(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    for verb, negated in VERBS[text.language]:
        match = re.search(rf"(?<!\w){re.escape(verb)}(?!\w| not| pas)", sentence)
        if match and "नहीं" not in sentence:
            yield sentence[: match.start()] + negated + sentence[match.end() :]
            return


def affirmed(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    for negated, verb in DENIALS[text.language]:
        if negated in sentence and "not only" not in sentence and "seulement" not in sentence:
            yield sentence.replace(negated, verb, 1)
            return


def opposite(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    for pair in OPPOSITES[text.language]:
        a, b = pair.split("/")
        for one, other in ((a, b), (b, a)):
            if text.language == "fr" and one == "est":
                continue
            match = re.search(rf"(?<!\w){one}(?!\w)", sentence)
            if match and not re.search(rf"(?<!\w){other}(?!\w)", sentence):
                yield sentence[: match.start()] + other + sentence[match.end() :]
                return


def link_added(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    yield sentence[: len(sentence)] + rng.choice(LINKS[text.language])


def promised(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    yield rng.choice(PROMISES[text.language])


def made_up(sentence: str, text: Text, pool: Pool, rng: random.Random) -> Made:
    other = rng.choice([one for one in pool.texts if one.language == text.language and one.title != text.title])
    yield rng.choice(other.sentences)


def answered_wrongly(sentence: str, text: Text, rng: random.Random) -> Iterator[tuple[str, str]]:
    """A question of a person's with the answer to another question about the same passage, of the same kind."""
    for question, answer in text.asked:
        if answer not in sentence:
            continue
        kind = bool(re.search(r"\d", answer))
        others = [o for _, o in text.asked if bool(re.search(r"\d", o)) == kind and o not in answer and answer not in o
                  and o[0].isupper() == answer[0].isupper() and o not in sentence and not set(o.split()) & set(question.split())]  # fmt: skip
        if others and (made := state(question, rng.choice(others), text.language)):
            yield question, made


TRUE: Mapping[str, Method] = {
    f.__name__: f
    for f in (verbatim, introduced, shortened, other_digits, spelled_out, other_sign, other_date, fronted, joined)
}
FALSE: Mapping[str, Mapping[str, Method]] = {
    "number": {f.__name__: f for f in (number_changed, number_borrowed, numbers_swapped, unit_changed)},
    "date": {f.__name__: f for f in (date_changed, date_added)},
    "name": {f.__name__: f for f in (name_invented, name_from_elsewhere, name_borrowed, names_swapped)},
    "negation": {f.__name__: f for f in (denied, affirmed, opposite)},
    "invention": {f.__name__: f for f in (link_added, promised, made_up)},
}


def state(question: str, answer: str, language: str) -> str:
    """A question and its answer as a statement, where plain rules can make one; "" where not."""
    question = question.strip().rstrip("?").strip()
    answer = answer.strip().rstrip(".।")
    patterns = {
        "en": ((r"^What (is|are|was|were) (?!.*\b(?:called|known|named|in|of|for|to|by|with|from|at)$)(.+)$", r"{b} {a} ANSWER."),
               (r"^Who (is|was|were) (?!.*ed$)(.+)$", r"{b} {a} ANSWER."), (r"^Who (?!is|was|were|did|does|do|has|had|can|are|else)(\w+ .+)$", r"ANSWER {a}."),
               (r"^(?:What|Which) \w+ (?!did|does|do|is|was|were|are)(\w+(?:ed|s) .+)$", r"ANSWER {a}.")),
        "fr": ((r"^Quel(?:le)?s? (est|sont|était|étaient) (.+)$", r"{b} {a} ANSWER."), (r"^Qui (?!est-ce|sont)(.+)$", r"ANSWER {a}.")),
        "hi": (),
    }[language]  # fmt: skip
    if language == "hi":
        wh = re.findall(r"(?<!\w)(?:क्या|कौन सा|कौन सी|कौन|कब|कहाँ|कहां|कितने|कितना|कितनी|किसने|किसे|किस)(?!\w)", question)
        if len(wh) != 1 or question.startswith("क्या"):
            return ""
        return question.replace(wh[0], answer, 1) + "।"
    for pattern, form in patterns:
        match = re.match(pattern, question)
        if match:
            a, b = match[1], match[2] if match.lastindex and match.lastindex > 1 else ""
            made = form.replace("{a}", a).replace("{b}", b).replace("ANSWER", answer)
            return made[0].upper() + made[1:]
    return ""


def _names(sentence: str, text: Text) -> Iterator[tuple[int, int]]:
    if text.language == "hi":
        for _, answer in text.asked:
            if answer in sentence and 2 < len(answer) < 30 and not re.search(r"\d", answer):
                yield sentence.index(answer), sentence.index(answer) + len(answer)
        return
    for match in _NAME.finditer(sentence):
        yield match.span()


def _other_number(digits: str, rng: random.Random) -> str:
    while True:
        chosen = rng.randrange(len(digits))
        if not digits[chosen].isdigit():
            continue
        new = digits[:chosen] + rng.choice("123456789") + digits[chosen + 1 :]
        if len(digits) == 1 and rng.random() < 0.5:
            new = str(int(digits) + rng.choice((1, 2, 5, 9, 20)))
        if new != digits:
            return new


def _some(matches: Iterator[re.Match[str]], rng: random.Random) -> list[re.Match[str]]:
    found = list(matches)
    return [rng.choice(found)] if found else []
