# Machine-made translation, not yet read by a native speaker.

language-switched = ज़रूर, अब मैं { $language } में बात करूँगा।
language-unlisted = क्षमा करें, मैं अभी { $language } नहीं बोलता। मैं { $used } में बात करूँगा।
