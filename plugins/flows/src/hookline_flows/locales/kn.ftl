# What flows say of themselves.  Machine-made: to be read by a native speaker.

flows-yes = ಹೌದು
flows-no = ಇಲ್ಲ
flows-skip = ಬಿಟ್ಟುಬಿಡಿ
flows-ask = { $name } ಏನು?
flows-again-text = ಕ್ಷಮಿಸಿ, ಅರ್ಥವಾಗಲಿಲ್ಲ. ಬೇರೆ ಮಾತುಗಳಲ್ಲಿ ಬರೆಯಿರಿ.
flows-again-person = ದಯವಿಟ್ಟು ನಿಮ್ಮ ಪೂರ್ಣ ಹೆಸರು ಬರೆಯಿರಿ.
flows-again-number = ದಯವಿಟ್ಟು ಒಂದು ಸಂಖ್ಯೆ ಬರೆಯಿರಿ.
flows-again-whole = ದಯವಿಟ್ಟು ಪೂರ್ಣ ಸಂಖ್ಯೆ ಬರೆಯಿರಿ.
flows-again-money = ದಯವಿಟ್ಟು ಮೊತ್ತ ಬರೆಯಿರಿ.
flows-again-date = ದಯವಿಟ್ಟು ದಿನಾಂಕ ಬರೆಯಿರಿ, ಉದಾಹರಣೆಗೆ 21 ನವೆಂಬರ್ 2026.
flows-again-duration = ದಯವಿಟ್ಟು ಎಷ್ಟು ಕಾಲ ಎಂದು ಬರೆಯಿರಿ, ಉದಾಹರಣೆಗೆ 2 ವರ್ಷ ಅಥವಾ 18 ತಿಂಗಳು.
flows-again-phone = ಈ ಫೋನ್ ಸಂಖ್ಯೆ ಸರಿಯಾಗಿ ಕಾಣುತ್ತಿಲ್ಲ. ದಯವಿಟ್ಟು ಪರಿಶೀಲಿಸಿ.
flows-again-email = ಈ ಇ-ಮೇಲ್ ವಿಳಾಸ ಸರಿಯಾಗಿ ಕಾಣುತ್ತಿಲ್ಲ. ದಯವಿಟ್ಟು ಪರಿಶೀಲಿಸಿ.
flows-again-choice = ದಯವಿಟ್ಟು ಇವುಗಳಲ್ಲಿ ಒಂದನ್ನು ಆರಿಸಿ.
flows-again-boolean = ದಯವಿಟ್ಟು ಹೌದು ಅಥವಾ ಇಲ್ಲ ಎಂದು ಉತ್ತರಿಸಿ.
flows-again-list = ದಯವಿಟ್ಟು ಇವುಗಳಿಂದ ಆರಿಸಿ; ಒಂದಕ್ಕಿಂತ ಹೆಚ್ಚು ಆಗಬಹುದು.
flows-again-file = ದಯವಿಟ್ಟು ಅದನ್ನು ಇಲ್ಲಿ ಫೈಲ್ ಅಥವಾ ಫೋಟೋ ಆಗಿ ಕಳುಹಿಸಿ.
flows-again-file-type = ಈ ರೀತಿಯ ಫೈಲ್ ಇಲ್ಲಿ ಆಗುವುದಿಲ್ಲ. ದಯವಿಟ್ಟು ಕಳುಹಿಸಿ: { $types }.
flows-again-file-size = ಈ ಫೈಲ್ ತುಂಬಾ ದೊಡ್ಡದು. ದಯವಿಟ್ಟು { $max } MB ಒಳಗಿನ ಫೈಲ್ ಕಳುಹಿಸಿ.
flows-again-between = ಇದು { $min } ಮತ್ತು { $max } ನಡುವೆ ಇರಬೇಕು.
flows-again-least = ಇದು ಕನಿಷ್ಠ { $min } ಇರಬೇಕು.
flows-again-most = ಇದು ಗರಿಷ್ಠ { $max } ಇರಬಹುದು.
flows-again-date-from = ದಿನಾಂಕ { DATE($min) } ಕ್ಕಿಂತ ಮೊದಲು ಇರಬಾರದು.
flows-again-date-until = ದಿನಾಂಕ { DATE($max) } ನಂತರ ಇರಬಾರದು.
flows-again-more = ದಯವಿಟ್ಟು ಕನಿಷ್ಠ { $min } ಆರಿಸಿ.
flows-again-fewer = ದಯವಿಟ್ಟು ಗರಿಷ್ಠ { $max } ಆರಿಸಿ.
flows-again-longer = ದಯವಿಟ್ಟು ಕನಿಷ್ಠ { $min } ಅಕ್ಷರಗಳನ್ನು ಬರೆಯಿರಿ.
flows-again-shorter = ದಯವಿಟ್ಟು ಗರಿಷ್ಠ { $max } ಅಕ್ಷರಗಳನ್ನು ಬರೆಯಿರಿ.
flows-again-question = ನನ್ನ ಪ್ರಶ್ನೆ:
flows-unknown = ಇದಕ್ಕೆ ಉತ್ತರ ನನ್ನ ಬಳಿ ಇಲ್ಲಿ ಇಲ್ಲ.
flows-remind = ನಮ್ಮ ಪ್ರಶ್ನೆಗೆ ಮರಳೋಣ:
flows-resume = ಮತ್ತೆ ಸ್ವಾಗತ. ನಾವು ಇಲ್ಲಿದ್ದೆವು:
flows-return = ಮತ್ತೆ: { $title }.
flows-noted = ಬರೆದುಕೊಂಡೆ: { $name }: { $value }.
flows-changed = ಬದಲಾಯಿಸಿದೆ: { $name } ಈಗ { $value }.
flows-range = ಈಗ { $value } ಎಂದು ಬರೆಯುತ್ತೇನೆ. { $other } ಆಗಿದ್ದರೆ ಹೇಳಿ.
flows-most = ಗರಿಷ್ಠ { $value }.
flows-which = ಇವುಗಳಲ್ಲಿ ಯಾವುದು: { $these }?
flows-change-what = ಏನನ್ನು ಬದಲಾಯಿಸಬೇಕು?
flows-recap = ಇಲ್ಲಿಯವರೆಗೆ ತಿಳಿದದ್ದು:
flows-recap-nothing = ನೀವು ಇನ್ನೂ ಏನನ್ನೂ ಹೇಳಿಲ್ಲ.
flows-cancelled = ನಿಲ್ಲಿಸಿದೆ. ಏನನ್ನೂ ಕಳುಹಿಸಿಲ್ಲ.
flows-at-start = ಇದು ಮೊದಲ ಪ್ರಶ್ನೆ.
flows-restarted = ಮತ್ತೆ ಪ್ರಾರಂಭಿಸೋಣ.
flows-cant-skip = ಮುಂದುವರಿಯಲು ಇದು ಬೇಕು.
flows-offer-person = ಇದು ಸರಿಹೋಗುತ್ತಿಲ್ಲ. ಒಬ್ಬ ವ್ಯಕ್ತಿಯನ್ನು ಕರೆಯಲೇ?
flows-offer-stop = ಇದು ಸರಿಹೋಗುತ್ತಿಲ್ಲ. ಇಲ್ಲಿಗೆ ನಿಲ್ಲಿಸೋಣವೇ?
flows-failed = ಕ್ಷಮಿಸಿ, ನಮ್ಮ ಕಡೆಯಿಂದ ಏನೋ ತಪ್ಪಾಗಿದೆ. ದಯವಿಟ್ಟು ನಂತರ ಪ್ರಯತ್ನಿಸಿ.
flows-no-proof = ನೀವು ಯಾರೆಂದು ಪರಿಶೀಲಿಸಲಾಗದ ಕಾರಣ ಇದನ್ನು ಇಲ್ಲಿ ಮಾಡಲಾಗದು.
flows-still-there = ನೀವು ಇನ್ನೂ ಇದ್ದೀರಾ?

flows-duration = { $unit ->
    [years] { $count } ವರ್ಷಗಳು
    [weeks] { $count } ವಾರಗಳು
    [days] { $count } ದಿನಗಳು
    [hours] { $count } ಗಂಟೆಗಳು
    [minutes] { $count } ನಿಮಿಷಗಳು
   *[months] { DURATION($count) }
}
