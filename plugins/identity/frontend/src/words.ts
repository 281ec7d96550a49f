/** The panel's words, in every language that it speaks. */

const en = {
  heading: "Identity",
  proved: "Proved",
  unproved: "Not proved",
  nobody: "Nobody has proved who they are here. Say nothing of an account.",
  by: "By",
  since: "Since",
  until: "Until",
  codeBy: "a code by {a}",
  overHttp: "a code by {a}, over the API",
  registered: "a registered address",
  end: "End the proof",
  endSure: "The customer will have to prove it again.",
  keep: "Keep it",
  code: "Last code",
  queued: "on its way",
  open: "sent, not typed yet",
  used: "typed and right",
  locked: "locked: wrong too often",
  void: "not good any more",
  expired: "too old",
  replaced: "replaced by another",
  moved: "void: the address is registered no more",
  limit: "not sent: too many were asked for",
  tries: "Tries left: {a}",
  sms: "SMS",
  whatsapp: "WhatsApp",
  voice: "call",
  email: "e-mail",
  merges: "Put together",
  merged: "{a}, conversations: {b}",
  unnamed: "Another contact",
  undo: "Undo",
  undoSure: "They will be two contacts again.",
  refused: "Not done: {a}",
  unreachable: "Not done: the server can't be reached.",
};

export type Words = typeof en;

const hi: Words = {
  heading: "पहचान",
  proved: "पहचान पक्की",
  unproved: "पहचान पक्की नहीं",
  nobody: "यहाँ किसी ने अपनी पहचान साबित नहीं की है। खाते की कोई बात न बताएँ।",
  by: "किससे",
  since: "कब से",
  until: "कब तक",
  codeBy: "{a} पर भेजे कोड से",
  overHttp: "{a} पर भेजे कोड से, API द्वारा",
  registered: "दर्ज पते से",
  end: "पहचान समाप्त करें",
  endSure: "ग्राहक को फिर से साबित करना होगा।",
  keep: "रहने दें",
  code: "पिछला कोड",
  queued: "भेजा जा रहा है",
  open: "भेजा गया, अभी लिखा नहीं गया",
  used: "लिखा गया, सही था",
  locked: "बंद: बहुत बार ग़लत",
  void: "अब मान्य नहीं",
  expired: "बहुत पुराना",
  replaced: "दूसरे कोड से बदला गया",
  moved: "अमान्य: पता अब दर्ज नहीं है",
  limit: "नहीं भेजा: बहुत बार माँगा गया",
  tries: "बचे प्रयास: {a}",
  sms: "SMS",
  whatsapp: "WhatsApp",
  voice: "कॉल",
  email: "ईमेल",
  merges: "एक साथ जोड़े गए",
  merged: "{a}, बातचीत: {b}",
  unnamed: "दूसरा संपर्क",
  undo: "वापस करें",
  undoSure: "वे फिर दो संपर्क हो जाएँगे।",
  refused: "नहीं हुआ: {a}",
  unreachable: "नहीं हुआ: सर्वर तक पहुँच नहीं है।",
};

const fr: Words = {
  heading: "Identité",
  proved: "Prouvé",
  unproved: "Non prouvé",
  nobody: "Personne n'a prouvé son identité ici. Ne dites rien d'un compte.",
  by: "Par",
  since: "Depuis",
  until: "Jusqu'à",
  codeBy: "un code par {a}",
  overHttp: "un code par {a}, via l'API",
  registered: "une adresse enregistrée",
  end: "Mettre fin à la preuve",
  endSure: "Le client devra la refaire.",
  keep: "Garder",
  code: "Dernier code",
  queued: "en route",
  open: "envoyé, pas encore saisi",
  used: "saisi, correct",
  locked: "bloqué : trop d'erreurs",
  void: "n'est plus valable",
  expired: "trop ancien",
  replaced: "remplacé par un autre",
  moved: "annulé : l'adresse n'est plus enregistrée",
  limit: "pas envoyé : trop de demandes",
  tries: "Essais restants : {a}",
  sms: "SMS",
  whatsapp: "WhatsApp",
  voice: "appel",
  email: "e-mail",
  merges: "Réunis",
  merged: "{a}, conversations : {b}",
  unnamed: "Un autre contact",
  undo: "Annuler",
  undoSure: "Ce seront de nouveau deux contacts.",
  refused: "Pas fait : {a}",
  unreachable: "Pas fait : le serveur est injoignable.",
};

const ALL: Record<string, Words> = { en, hi, fr };

/** The words of a language tag; English where there are none. */
export function wordsOf(tag: string): Words {
  return ALL[tag.toLowerCase().split("-")[0] ?? ""] ?? en;
}

/** How somebody proved it; the server says "code by sms", "code by sms, over HTTP" or "registered address". */
export function methodOf(method: string, words: Words): string {
  const found = /^code by (\w+)(, over HTTP)?$/.exec(method);
  if (found) return filled(found[2] ? words.overHttp : words.codeBy, words[found[1] as keyof Words] ?? found[1] ?? "");
  return method === "registered address" ? words.registered : method;
}

/** A text with its `{a}` and `{b}` filled in. */
export function filled(text: string, a: string | number, b: string | number = ""): string {
  return text.replace(/\{([ab])\}/g, (_, name: string) => String(name === "a" ? a : b));
}

export const languages = Object.keys(ALL);
