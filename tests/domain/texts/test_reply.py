"""Replies: help is read generously, safe only when nothing speaks against it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.texts import parse_reply

WORDS = {
    "zh-Hans": {
        "safe": ["1", "平安", "安全"],
        "help": ["2", "求助", "救命"],
        "elsewhere": ["3", "不在", "别处"],
    },
    "en": {"safe": ["1", "SAFE"], "help": ["2", "HELP", "SOS"], "elsewhere": ["3", "ELSEWHERE"]},
    "ar": {"safe": ["1", "بخير", "آمن"], "help": ["2", "مساعدة"], "elsewhere": ["3"]},
    "fr": {"safe": ["1", "EN SECURITE"], "help": ["2", "AIDE"], "elsewhere": ["3", "AILLEURS"]},
}
SAFE_WORDS = ["平安", "安全", "safe", "SAFE", "en sécurité", "بخير"]
HELP_WORDS = ["求助", "救命", "help", "SOS", "aide", "مساعدة"]
NEGATIONS = ["不", "没有", "not ", "never ", "isn't ", "pas ", "ليس ", "غير "]


def read(text, **more):
    return parse_reply(text, WORDS, **more)


@pytest.mark.parametrize(
    "text",
    [
        *("1", "１", " 1 ", "1.", "1。", "①", "1️⃣", "١", "回复1", "1平安", "1 平安", "平安 1", "Reply 1"),
        *(
            "平安",
            "平安。",
            "安 全",
            "报平安",
            "報平安",
            "我们都平安，谢谢",
            "我們都平安，謝謝！",
            "我在酒店，很安全",
        ),
        *("SAFE", "safe", "Safe!", "I am safe", "I'm safe, thanks", "we are all safe", "No problem, safe"),
        *("je suis en sécurité", "EN SÉCURITÉ", "أنا بخير", "آمِن"),
    ],
)
def test_safe(text):
    assert read(text) == "safe"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2",
            "２",
            "2!",
            "②",
            "٢",
            "求助",
            "求助！",
            "救命啊",
            "HELP",
            "help me please",
            "sos",
            "aide",
            "مساعدة",
        ),
        *(
            "不安全",
            "我不安全",
            "不 安全",
            "非安全",
            "没有平安",
            "不在安全的地方",
            "not safe",
            "I am NOT safe",
        ),
        *(
            "isn't safe",
            "nowhere is safe",
            "pas en sécurité",
            "je ne suis pas en sécurité",
            "غير آمن",
            "لست بخير",
        ),
        *("我平安但需要求助", "safe but need help", "1 help", "unsafe", "2 受伤", "被困", "no one can help"),
    ],
)
def test_help(text):
    assert read(text) == "help"


@pytest.mark.parametrize("text", ["3", "不在", "不在，平安", "别处", "別處", "elsewhere", "Ailleurs."])
def test_elsewhere(text):
    assert read(text) == "elsewhere"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "?", "12", "11", "1 2", "1\n2", "4", "2人平安", "2 people are safe", "我们1人平安"),
        *(
            "安全吗",
            "安全吗？",
            "平安?",
            "is it safe",
            "are we safe",
            "is everyone safe",
            "safe?",
            "est-ce aide?"[:6],
        ),
        *(
            "你平安",
            "希望平安",
            "如果安全",
            "家人失踪，我平安",
            "safe but my wife is lost",
            "need a safe place",
        ),
        *("安全屋塌了", "1 在废墟下", "safe, estoy herido", "平安, но ранен", "no help needed", "不需要求助"),
        *("ok", "好的", "收到", "👍", "safe " * 200),
    ],
)
def test_an_officer_reads_the_rest(text):
    assert read(text) is None


def test_places_one_may_mention_are_understood():
    assert read("I am safe in Cebu") is None
    assert read("I am safe in Cebu", places=["Cebu"]) == "safe"
    assert read("我在宿务，平安", places=["宿务"]) == "safe"


@given(st.sampled_from(NEGATIONS), st.sampled_from(SAFE_WORDS), st.text(max_size=20), st.text(max_size=20))
def test_a_denied_safe_word_is_never_safe(no, safe, before, after):
    assert read(f"{before} {no}{safe} {after}") != "safe"


@given(st.sampled_from(HELP_WORDS), st.text(max_size=30), st.text(max_size=30))
def test_a_cry_for_help_is_never_safe(cry, before, after):
    assert read(f"{before} {cry} {after}") != "safe"


@given(
    st.sampled_from(SAFE_WORDS), st.sampled_from(["?", "？", "吗", "吗？", " or not"]), st.text(max_size=20)
)
def test_a_question_is_never_safe(safe, ask, after):
    assert read(f"{safe}{ask}{after}") != "safe"


@given(st.sampled_from(SAFE_WORDS), st.from_regex(r"[a-z]{4,12}|[\u4e00-\u9fff]{2,4}", fullmatch=True))
def test_words_nobody_knows_are_not_explained_away(safe, word):
    told = read(f"{safe} {word}")
    assert told != "safe" or read(f"{word} {safe}") == "safe"


@given(st.sampled_from(HELP_WORDS), st.sampled_from(["", " ", "!", "。", "…", "\n", "\u3000"]))
def test_a_help_word_alone_is_help_in_any_dress(cry, dress):
    assert read(f"{dress}{cry.upper()}{dress}") == read(f"{dress}{cry.lower()}{dress}") == "help"


@given(st.text())
def test_any_text_has_a_reading(text):
    assert read(text) in {"safe", "help", "elsewhere", None}
