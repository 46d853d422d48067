"""Words a reply may hold besides the profile's own answers. They belong to languages, not to a country.

A word missing here costs an officer a glance at one reply; a word too many could hide a cry for help. So the
lists of negations and questions are wide and the list of harmless fillers is narrow.
"""

KNOWN: dict[str, tuple[str, ...]] = {
    "no": (
        # English
        "no", "not", "non", "dont", "isnt", "arent", "wasnt", "cant", "cannot", "couldnt", "wont", "didnt", "doesnt",
        "aint", "im not", "never", "nobody", "none", "nowhere", "neither", "nor", "without", "hardly", "barely", "un",
        # Chinese
        "不", "没", "没有", "无", "未", "非", "别", "勿", "难", "缺", "否", "莫", "毋", "休", "甭", "不是",
        # French
        "ne", "pas", "plus", "jamais", "aucun", "aucune", "sans", "ni", "rien", "nulle part", "personne",
        # Arabic
        "لا", "ليس", "ليست", "لست", "لسنا", "غير", "لم", "لن", "ما", "مش", "مو", "بدون", "دون",
    ),
    "help": (
        # Trouble told without the word "help"
        "unsafe", "trapped", "injured", "hurt", "wounded", "bleeding", "dying", "danger", "in danger", "rescue", "emergency",
        "危险", "受伤", "被困", "被埋", "被压", "流血", "重伤", "快救", "救我", "救救", "需要帮助", "需要救援", "出事",
        "blesse", "blessee", "blesses", "coince", "coincee", "danger", "secours", "au secours",
        "مصاب", "مصابة", "محاصر", "محاصرون", "خطر", "جريح", "انقذوني", "انقذونا",
    ),
    "ask": (
        "吗", "么", "嘛", "呢", "是否", "什么", "怎么", "哪", "哪里", "谁", "几", "何", "如果", "要是", "希望", "可能",
        "也许", "大概", "应该", "祝",
        "is it", "are we", "am i", "is this", "where", "what", "when", "who", "how", "why", "which", "if", "maybe",
        "perhaps", "hope", "whether", "unsure", "almost", "soon",
        "est ce", "ou", "quand", "qui", "comment", "pourquoi", "si", "peut etre",
        "هل", "اين", "متى", "من", "كيف", "لماذا", "اذا", "ربما", "ان شاء الله",
    ),
    "filler": (
        # English: who, is, all, politeness, place
        "i", "im", "i am", "we", "we are", "me", "my", "our", "family", "and", "the", "is", "are", "am",
        "all", "both", "everyone", "everybody", "now", "here", "yes", "ok thanks", "thanks", "thank you", "thank",
        "hello", "hi", "dear", "sir", "very", "well", "reply", "answer", "status", "sound", "with", "us",
        "in", "at", "from", "at home", "in hotel", "in the hotel", "at the hotel", "at hotel", "no problem", "no problems", "no worries",
        # Chinese
        "我", "我们", "咱们", "俺", "全家", "家人", "一家", "大家", "全部", "都", "很", "均", "是", "的", "了", "啊", "呀",
        "哦", "在", "目前", "现在", "已", "已经", "和", "与", "你好", "您好", "谢谢", "多谢", "感谢", "谢", "谢谢您", "谢谢你", "感谢您", "好",
        "好的", "回复", "答复", "答", "复", "报", "报告", "这里", "这边", "本人", "没事", "没有事", "没问题", "没有问题", "都好", "一切",
        "酒店", "家里", "家", "非常", "收到", "人员",
        # French
        "je", "suis", "je suis", "nous", "sommes", "tous", "toutes", "tout", "va", "oui", "merci", "bonjour", "et",
        "ma", "famille", "en", "a la maison", "bien merci", "reponse",
        # Arabic
        "انا", "نحن", "كلنا", "جميعا", "جميعنا", "والعائلة", "عائلتي", "شكرا", "نعم", "الحمد لله", "الحمدلله", "مرحبا",
        "السلام عليكم", "في", "الفندق", "البيت", "و",
    ),
}  # fmt: skip

SUBJECTS = frozenset(
    {"i", "we", "family", "all", "everyone", "everybody", "both", "us", "me", "je", "nous", "tous"}
)
VERBS = frozenset({"is", "are", "am", "suis", "sommes"})
"""A verb without one of the SUBJECTS before it asks: "are we safe", "sommes nous"."""

REPLYING = frozenset(
    {"回复", "答复", "答", "复", "reply", "answer", "status", "reponse", "你好", "您好", "hello", "hi"}
)
"""What may stand before a digit that is meant as the answer ("回复1", "reply 1")."""

WANTS = frozenset(
    {
        "need", "needs", "needed", "want", "require", "any", "further", "more", "the", "your", "need any",
        "需", "要", "需要", "用", "必", "任", "何", "任何", "有",
        "one", "is", "was", "are", "人", "有人",
        "besoin", "d", "de", "besoin d", "احتاج", "نحتاج", "بحاجة", "الي", "الى",
    }
)  # fmt: skip
"""What may stand between a negation and a help word that is turned down ("don't need any help")."""

HEADS = frozenset(
    {"人", "个", "位", "名", "口", "大", "people", "persons", "person", "adults", "of", "pax", "personnes"}
)
"""What after a digit shows that it counts people."""

_PAIRS = (
    "請请 幫帮 個个 裏里 裡里 沒没 無无 險险 傷伤 處处 別别 們们 這这 還还 嗎吗 麼么 報报 緊紧 難难 來来 時时 現现 復复 復复 "
    "覆复 謝谢 實实 點点 國国 電电 話话 機机 車车 醫医 療疗 發发 壓压 樓楼 倒倒 親亲 媽妈 爸爸 後后 為为 會会 與与 員员 "
    "從从 兩两 開开 關关 過过 離离 間间 體体 問问 題题 應应 該该 誰谁 幾几 餘余 滅灭 災灾 淚泪 風风 雲云 穩稳 寧宁 "
    "爾尔 說说 讓让 給给 對对 錯错 館馆 飯饭 內内 邊边 遠远 進进 歸归 屬属 總总 領领 證证 護护 照照 銀银 錢钱 "
    "確确 認认 當当 聯联 繫系 係系 號号 碼码 訊讯 簡简 單单 雙双 萬万 億亿 甯宁 喺在 咗了 唔不 冇没 嘅的 係是"
)
SIMPLIFIED = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
"""Traditional (and a few Cantonese) characters that occur in replies, as simplified ones."""
