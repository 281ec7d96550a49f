import { primary } from "../../../../web/direction.js";

/**
 * The words of speaking and listening; a tenant's `strings` go over them as over the others. Hindi and Tamil are machine-made,
 * not yet read by a native speaker.
 */

const en = {
  record: "Record a voice message",
  stopSend: "Stop and send",
  dropRecording: "Discard the recording",
  recording: "Recording",
  voiceMessage: "Voice message",
  play: "Play the voice message",
  listen: "Listen",
  playReply: "Listen to the answer",
  pause: "Pause",
  hearing: "Writing down what you said…",
  full: "This is the longest that can be sent.",
  tooShort: "That was too short. Press the microphone, speak, then send.",
  unsupported: "This browser can't record. Please type your message.",
  insecure: "Recording needs a secure connection (https). Please type your message.",
  notAllowed: "The microphone is not allowed. Allow it in the browser's settings, or type your message.",
  noMicrophone: "No microphone was found. Please type your message.",
  broken: "The microphone does not work. Please type your message.",
  notTaken: "This recording can't be taken here. Please type your message.",
  soundLost: "The sound can't be played.",
};

export type VoiceWords = typeof en;

const TABLE: Record<string, VoiceWords> = {
  hi: {
    record: "वॉइस मैसेज रिकॉर्ड करें",
    stopSend: "रोकें और भेजें",
    dropRecording: "रिकॉर्डिंग हटाएँ",
    recording: "रिकॉर्डिंग",
    voiceMessage: "वॉइस मैसेज",
    play: "वॉइस मैसेज सुनें",
    listen: "सुनें",
    playReply: "जवाब सुनें",
    pause: "रोकें",
    hearing: "आपकी बात लिखी जा रही है…",
    full: "इससे लंबा मैसेज नहीं भेजा जा सकता।",
    tooShort: "यह बहुत छोटा था। माइक दबाएँ, बोलें, फिर भेजें।",
    unsupported: "यह ब्राउज़र रिकॉर्ड नहीं कर सकता। कृपया लिखें।",
    insecure: "रिकॉर्डिंग के लिए सुरक्षित कनेक्शन (https) चाहिए। कृपया लिखें।",
    notAllowed: "माइक की अनुमति नहीं है। ब्राउज़र की सेटिंग में अनुमति दें, या लिखें।",
    noMicrophone: "कोई माइक नहीं मिला। कृपया लिखें।",
    broken: "माइक काम नहीं कर रहा। कृपया लिखें।",
    notTaken: "यह रिकॉर्डिंग यहाँ नहीं ली जा सकती। कृपया लिखें।",
    soundLost: "आवाज़ नहीं चल सकी।",
  },
  fr: {
    record: "Enregistrer un message vocal",
    stopSend: "Arrêter et envoyer",
    dropRecording: "Supprimer l’enregistrement",
    recording: "Enregistrement",
    voiceMessage: "Message vocal",
    play: "Écouter le message vocal",
    listen: "Écouter",
    playReply: "Écouter la réponse",
    pause: "Pause",
    hearing: "Nous notons ce que vous avez dit…",
    full: "C’est la durée maximale d’un message.",
    tooShort: "C’était trop court. Appuyez sur le micro, parlez, puis envoyez.",
    unsupported: "Ce navigateur ne peut pas enregistrer. Merci d’écrire votre message.",
    insecure: "L’enregistrement demande une connexion sécurisée (https). Merci d’écrire votre message.",
    notAllowed: "Le micro n’est pas autorisé. Autorisez-le dans les réglages du navigateur, ou écrivez votre message.",
    noMicrophone: "Aucun micro n’a été trouvé. Merci d’écrire votre message.",
    broken: "Le micro ne fonctionne pas. Merci d’écrire votre message.",
    notTaken: "Cet enregistrement ne peut pas être reçu ici. Merci d’écrire votre message.",
    soundLost: "Le son ne peut pas être lu.",
  },
  ta: {
    record: "குரல் செய்தியைப் பதிவு செய்",
    stopSend: "நிறுத்தி அனுப்பு",
    dropRecording: "பதிவை நீக்கு",
    recording: "பதிவாகிறது",
    voiceMessage: "குரல் செய்தி",
    play: "குரல் செய்தியைக் கேள்",
    listen: "கேள்",
    playReply: "பதிலைக் கேள்",
    pause: "இடைநிறுத்து",
    hearing: "நீங்கள் சொன்னதை எழுதுகிறோம்…",
    full: "இதைவிட நீளமான செய்தியை அனுப்ப முடியாது.",
    tooShort: "மிகவும் குறுகியது. மைக்கை அழுத்திப் பேசி, பிறகு அனுப்புங்கள்.",
    unsupported: "இந்த உலாவியால் பதிவு செய்ய முடியாது. எழுதி அனுப்புங்கள்.",
    insecure: "பதிவு செய்ய பாதுகாப்பான இணைப்பு (https) தேவை. எழுதி அனுப்புங்கள்.",
    notAllowed: "மைக்கிற்கு அனுமதி இல்லை. உலாவி அமைப்பில் அனுமதியுங்கள், அல்லது எழுதுங்கள்.",
    noMicrophone: "மைக் எதுவும் இல்லை. எழுதி அனுப்புங்கள்.",
    broken: "மைக் வேலை செய்யவில்லை. எழுதி அனுப்புங்கள்.",
    notTaken: "இந்தப் பதிவை இங்கே ஏற்க முடியாது. எழுதி அனுப்புங்கள்.",
    soundLost: "ஒலியை இயக்க முடியவில்லை.",
  },
};

/** The words of `language`, with the tenant's own over ours, and English where neither has one. */
export function voiceWords(language: string, own: Record<string, string | Record<string, string>> = {}): VoiceWords {
  const flat = Object.fromEntries(Object.entries(own).filter(([, text]) => typeof text === "string"));
  const tagged = own[language] ?? own[primary(language)];
  return { ...en, ...TABLE[primary(language)], ...flat, ...(typeof tagged === "object" ? tagged : {}) };
}
