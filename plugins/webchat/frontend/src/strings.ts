import { primary } from "../../../../web/direction.js";

export { direction } from "../../../../web/direction.js";
export { fill } from "../../../../web/fill.js";

/** The words of the interface. A tenant's `config.strings` adds languages and overrides single texts. */

const en = {
  open: "Open chat",
  close: "Close chat",
  newConversation: "New conversation",
  newConversationAsk: "Start a new conversation? This one stays with us, but is no longer shown here.",
  cancel: "Cancel",
  language: "Language",
  messages: "Conversation",
  write: "Message",
  placeholder: "Type a message…",
  send: "Send",
  you: "You",
  bot: "Assistant",
  agent: "Agent",
  system: "Notice",
  sending: "Sending",
  sent: "Sent",
  read: "Read",
  failed: "Not sent.",
  retry: "Try again",
  discard: "Delete",
  waiting: "Too many messages at once. Sending again soon.",
  tooLong: "Too long by {n} characters",
  typing: "Writing…",
  offline: "You are offline. Your messages will be sent when you are back.",
  reconnecting: "Connecting again…",
  unreachable: "The chat can't be reached just now. Trying again…",
  refused: "The chat can't be opened.",
  unread: "{n} new",
  latest: "New messages",
  older: "Earlier messages",
  loading: "Loading",
  sources: "Sources",
  source: "Source {n}",
  hello: "Hello! How can we help?",
};

export type Words = typeof en;

const TABLE: Record<string, Words> = {
  en,
  hi: {
    open: "चैट खोलें",
    close: "चैट बंद करें",
    newConversation: "नई बातचीत",
    newConversationAsk: "नई बातचीत शुरू करें? यह बातचीत हमारे पास रहेगी, पर यहाँ नहीं दिखेगी।",
    cancel: "रद्द करें",
    language: "भाषा",
    messages: "बातचीत",
    write: "संदेश",
    placeholder: "संदेश लिखें…",
    send: "भेजें",
    you: "आप",
    bot: "सहायक",
    agent: "प्रतिनिधि",
    system: "सूचना",
    sending: "भेजा जा रहा है",
    sent: "भेजा गया",
    read: "पढ़ा गया",
    failed: "नहीं भेजा जा सका।",
    retry: "फिर कोशिश करें",
    discard: "हटाएँ",
    waiting: "बहुत सारे संदेश एक साथ। थोड़ी देर में फिर भेजेंगे।",
    tooLong: "{n} अक्षर ज़्यादा हैं",
    typing: "लिख रहे हैं…",
    offline: "आप ऑफ़लाइन हैं। वापस आने पर आपके संदेश भेजे जाएँगे।",
    reconnecting: "फिर से जोड़ रहे हैं…",
    unreachable: "अभी चैट से संपर्क नहीं हो रहा है। फिर कोशिश कर रहे हैं…",
    refused: "चैट नहीं खुल सकी।",
    unread: "{n} नए",
    latest: "नए संदेश",
    older: "पुराने संदेश",
    loading: "लोड हो रहा है",
    sources: "स्रोत",
    source: "स्रोत {n}",
    hello: "नमस्ते! हम आपकी क्या मदद करें?",
  },
  fr: {
    open: "Ouvrir la discussion",
    close: "Fermer la discussion",
    newConversation: "Nouvelle conversation",
    newConversationAsk: "Commencer une nouvelle conversation ? Nous gardons celle-ci, mais elle ne s’affichera plus ici.",
    cancel: "Annuler",
    language: "Langue",
    messages: "Conversation",
    write: "Message",
    placeholder: "Écrivez un message…",
    send: "Envoyer",
    you: "Vous",
    bot: "Assistant",
    agent: "Conseiller",
    system: "Information",
    sending: "Envoi en cours",
    sent: "Envoyé",
    read: "Lu",
    failed: "Non envoyé.",
    retry: "Réessayer",
    discard: "Supprimer",
    waiting: "Trop de messages à la fois. Nouvel envoi dans un instant.",
    tooLong: "{n} caractères de trop",
    typing: "En train d’écrire…",
    offline: "Vous êtes hors ligne. Vos messages partiront à votre retour.",
    reconnecting: "Reconnexion…",
    unreachable: "La discussion est injoignable pour l’instant. Nouvel essai…",
    refused: "La discussion ne peut pas s’ouvrir.",
    unread: "{n} nouveaux",
    latest: "Nouveaux messages",
    older: "Messages précédents",
    loading: "Chargement",
    sources: "Sources",
    source: "Source {n}",
    hello: "Bonjour ! Comment pouvons-nous vous aider ?",
  },
  ta: {
    open: "அரட்டையைத் திற",
    close: "அரட்டையை மூடு",
    newConversation: "புதிய உரையாடல்",
    newConversationAsk: "புதிய உரையாடலைத் தொடங்கவா? இது எங்களிடம் இருக்கும்; ஆனால் இங்கே காட்டப்படாது.",
    cancel: "ரத்து செய்",
    language: "மொழி",
    messages: "உரையாடல்",
    write: "செய்தி",
    placeholder: "செய்தியை எழுதுங்கள்…",
    send: "அனுப்பு",
    you: "நீங்கள்",
    bot: "உதவியாளர்",
    agent: "முகவர்",
    system: "அறிவிப்பு",
    sending: "அனுப்புகிறது",
    sent: "அனுப்பப்பட்டது",
    read: "படிக்கப்பட்டது",
    failed: "அனுப்பப்படவில்லை.",
    retry: "மீண்டும் முயல்க",
    discard: "நீக்கு",
    waiting: "ஒரே நேரத்தில் பல செய்திகள். சிறிது நேரத்தில் மீண்டும் அனுப்பப்படும்.",
    tooLong: "{n} எழுத்துகள் அதிகம்",
    typing: "எழுதுகிறார்…",
    offline: "நீங்கள் இணைப்பில் இல்லை. இணைப்பு வந்ததும் உங்கள் செய்திகள் அனுப்பப்படும்.",
    reconnecting: "மீண்டும் இணைக்கிறது…",
    unreachable: "இப்போது அரட்டையை அணுக முடியவில்லை. மீண்டும் முயல்கிறது…",
    refused: "அரட்டையைத் திறக்க முடியவில்லை.",
    unread: "{n} புதியவை",
    latest: "புதிய செய்திகள்",
    older: "முந்தைய செய்திகள்",
    loading: "ஏற்றுகிறது",
    sources: "ஆதாரங்கள்",
    source: "ஆதாரம் {n}",
    hello: "வணக்கம்! உங்களுக்கு எப்படி உதவலாம்?",
  },
};

/** The words of `language`, with the tenant's own over ours, and English where neither has one. */
export function words(language: string, own: Record<string, string | Record<string, string>> = {}): Words {
  const flat = Object.fromEntries(Object.entries(own).filter(([, v]) => typeof v === "string"));
  const tagged = own[language] ?? own[primary(language)];
  return { ...en, ...TABLE[primary(language)], ...flat, ...(typeof tagged === "object" ? tagged : {}) };
}

/** The first of `wanted` that is `offered` (any where nothing is offered), by whole tag, then by language. */
export function choose(wanted: readonly string[], offered: readonly string[]): string {
  if (!offered.length) return wanted.find((w) => primary(w) in TABLE) ?? "en";
  for (const w of wanted) {
    const hit = offered.find((o) => o.toLowerCase() === w.toLowerCase()) ?? offered.find((o) => primary(o) === primary(w));
    if (hit) return hit;
  }
  return offered[0] as string;
}

/** The language's own name for itself, or its tag. */
export function nameOf(language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  } catch {
    return language;
  }
}
