# What every tenant's bot says; a tenant writes its own into [texts] or locales/.
# Machine-made translation, not yet read by a native speaker.

apology = क्षमा करें, हमारी ओर से कुछ गड़बड़ हो गई। कृपया थोड़ी देर में फिर कोशिश करें।
safe = क्षमा करें, मैं इसका उत्तर नहीं दे सकता।
unknown = मुझे यह नहीं पता। हमारे दस्तावेज़ों में इसके बारे में कुछ नहीं मिला।
greeting = नमस्ते! मैं आपकी क्या मदद कर सकता हूँ?
thanks = आपका स्वागत है! क्या और कुछ पूछना है?
goodbye = नमस्ते, संदेश के लिए धन्यवाद।
