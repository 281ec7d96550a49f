# What the channel itself says on WhatsApp.

whatsapp-sources = Sources: { $titles }
whatsapp-choose = Please choose:
whatsapp-options = Choose
whatsapp-opted-out = You will get no more messages from us unless you write to us. To get them again, write START.
whatsapp-opted-in = You will get our messages again.
whatsapp-unread-voice = I can't listen to voice messages. Please write your question as text.
whatsapp-unread-file = Thank you, I have your file. I can't look into it, so please write what it is about.
whatsapp-unread-kind = I can't read this kind of message. Please write your question as text.
whatsapp-only-link = Thank you for the link. I can't open it, so please write what it is about.
whatsapp-only-place = Thank you for the location. Please write what it is about.
whatsapp-only-card = Thank you for the contact. Please write what it is about.
whatsapp-file-size = Your file is too large for me. Please send a smaller one.
whatsapp-file-type = I can't take this kind of file. A photo, a PDF or text works.
whatsapp-file-lost = Your file did not reach me. Please send it again.
whatsapp-too-fast = You write faster than I can read. Please wait a moment, then send me the last of it again.
