# What every tenant's bot says; a tenant writes its own into [texts] or locales/.
# Machine-made translation, not yet read by a native speaker.

apology = क्षमस्व, आमच्याकडून काहीतरी चूक झाली. कृपया थोड्या वेळाने पुन्हा प्रयत्न करा.
safe = क्षमस्व, मी याचे उत्तर देऊ शकत नाही.
unknown = मला हे माहीत नाही. आमच्या कागदपत्रांमध्ये याबद्दल काही सापडले नाही.
greeting = नमस्कार! मी तुम्हाला कशी मदत करू शकतो?
thanks = तुमचे स्वागत आहे! आणखी काही विचारायचे आहे का?
goodbye = नमस्कार, संदेशाबद्दल धन्यवाद.
