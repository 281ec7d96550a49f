# Machine-made translation, not yet read by a native speaker.

whatsapp-sources = स्रोत: { $titles }
whatsapp-choose = कृपया चुनें:
whatsapp-options = चुनें
whatsapp-opted-out = अब आपको हमारे संदेश नहीं मिलेंगे, जब तक आप ख़ुद हमें न लिखें। फिर से पाने के लिए START लिखें।
whatsapp-opted-in = अब आपको हमारे संदेश फिर मिलेंगे।
whatsapp-unread-voice = मैं वॉइस संदेश नहीं सुन सकता। कृपया अपना सवाल लिखकर भेजें।
whatsapp-unread-file = धन्यवाद, आपकी फ़ाइल मिल गई। मैं उसे देख नहीं सकता, कृपया लिखें कि वह किस बारे में है।
whatsapp-unread-kind = मैं इस तरह का संदेश नहीं पढ़ सकता। कृपया अपना सवाल लिखकर भेजें।
whatsapp-only-link = लिंक के लिए धन्यवाद। मैं उसे खोल नहीं सकता, कृपया लिखें कि वह किस बारे में है।
whatsapp-only-place = लोकेशन के लिए धन्यवाद। कृपया लिखें कि बात किस बारे में है।
whatsapp-only-card = संपर्क के लिए धन्यवाद। कृपया लिखें कि बात किस बारे में है।
whatsapp-file-size = आपकी फ़ाइल मेरे लिए बहुत बड़ी है। कृपया छोटी फ़ाइल भेजें।
whatsapp-file-type = मैं इस तरह की फ़ाइल नहीं ले सकता। फ़ोटो, PDF या टेक्स्ट चलेगा।
whatsapp-file-lost = आपकी फ़ाइल मुझ तक नहीं पहुँची। कृपया फिर से भेजें।
whatsapp-too-fast = आप मेरे पढ़ने से तेज़ लिख रहे हैं। कृपया थोड़ा रुकें, फिर आख़िरी हिस्सा दोबारा भेजें।
