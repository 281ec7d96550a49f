export interface Words {
  title: string;
  hint: string;
  flow: string;
  language: string;
  customer: string;
  withheld: string;
  call: string;
  hangUp: string;
  again: string;
  answer: string;
  send: string;
  listen: string;
  stop: string;
  deaf: string;
  mute: string;
  keypad: string;
  key: string;
  hash: string;
  silence: string;
  bot: string;
  caller: string;
  ended: string;
  transfer: string;
  refused: string;
  unreachable: string;
  noFlows: string;
}

const en: Words = {
  title: "Test call",
  hint: "Walk a flow as a caller does. What you say and press is a real call to the bot, without a telephone.",
  flow: "Flow",
  language: "Language",
  customer: "Caller's number",
  withheld: "withheld",
  call: "Call",
  hangUp: "Hang up",
  again: "Call again",
  answer: "Say something",
  send: "Say",
  listen: "Listen",
  stop: "Stop listening",
  deaf: "This browser can't listen. Type what you would say.",
  mute: "Read aloud",
  keypad: "Keypad",
  key: "Key",
  hash: "Hash key: send",
  silence: "Stay silent",
  bot: "Bot",
  caller: "Caller",
  ended: "The call has ended:",
  transfer: "handed over to a person:",
  refused: "You may not place test calls; ask an administrator for the role agent.",
  unreachable: "The server can't be reached. Try again.",
  noFlows: "There is no flow yet. Write one in flows/.",
};

const fr: Words = {
  title: "Appel d'essai",
  hint: "Parcourez un parcours comme un appelant. Ce que vous dites et tapez est un vrai appel au bot, sans téléphone.",
  flow: "Parcours",
  language: "Langue",
  customer: "Numéro de l'appelant",
  withheld: "masqué",
  call: "Appeler",
  hangUp: "Raccrocher",
  again: "Rappeler",
  answer: "Dites quelque chose",
  send: "Dire",
  listen: "Écouter",
  stop: "Ne plus écouter",
  deaf: "Ce navigateur ne sait pas écouter. Tapez ce que vous diriez.",
  mute: "Lire à voix haute",
  keypad: "Clavier",
  key: "Touche",
  hash: "Touche dièse : envoyer",
  silence: "Rester silencieux",
  bot: "Bot",
  caller: "Appelant",
  ended: "L'appel est terminé :",
  transfer: "confié à une personne :",
  refused: "Vous ne pouvez pas faire d'appels d'essai ; demandez le rôle agent à un administrateur.",
  unreachable: "Le serveur est injoignable. Réessayez.",
  noFlows: "Il n'y a pas encore de parcours. Écrivez-en un dans flows/.",
};

const hi: Words = {
  title: "परीक्षण कॉल",
  hint: "कॉल करने वाले की तरह किसी प्रवाह पर चलिए। जो आप बोलते और दबाते हैं वह बिना फ़ोन के बॉट को असली कॉल है।",
  flow: "प्रवाह",
  language: "भाषा",
  customer: "कॉल करने वाले का नंबर",
  withheld: "छिपा हुआ",
  call: "कॉल करें",
  hangUp: "कॉल काटें",
  again: "फिर कॉल करें",
  answer: "कुछ बोलिए",
  send: "बोलें",
  listen: "सुनें",
  stop: "सुनना बंद करें",
  deaf: "यह ब्राउज़र सुन नहीं सकता। जो बोलना हो वह लिखिए।",
  mute: "ज़ोर से पढ़ें",
  keypad: "कीपैड",
  key: "कुंजी",
  hash: "हैश कुंजी: भेजें",
  silence: "चुप रहें",
  bot: "बॉट",
  caller: "कॉल करने वाला",
  ended: "कॉल समाप्त:",
  transfer: "व्यक्ति को सौंपी गई:",
  refused: "आप परीक्षण कॉल नहीं कर सकते; व्यवस्थापक से एजेंट की भूमिका माँगिए।",
  unreachable: "सर्वर तक नहीं पहुँच पा रहे। फिर कोशिश कीजिए।",
  noFlows: "अभी कोई प्रवाह नहीं है। flows/ में एक लिखिए।",
};

const ALL: Record<string, Words> = { en, fr, hi };

/** The language of the page, of those that it has. */
export function tongue(): string {
  const wanted = navigator.languages.map((tag) => tag.split("-")[0] ?? "");
  return wanted.find((tag) => tag in ALL) ?? "en";
}

export function wordsOf(language: string): Words {
  return ALL[language] ?? en;
}
