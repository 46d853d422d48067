"""Which of several texts a reader is shown: their language, a near one, English, whatever there is."""

from collections.abc import Mapping, Sequence


def best_text(texts: Mapping[str, str], languages: Sequence[str]) -> tuple[str, str]:
    """Language tag and text; both empty when there is none. `languages` are the reader's, best first (BCP 47).

    "zh-Hans" is served by "zh-hans", then "zh", then any other Chinese.
    """
    by_tag = {_plain(tag): (tag, text) for tag, text in texts.items() if text.strip()}
    for wanted in (*languages, "en"):
        tag = _plain(wanted)
        while tag:
            if tag in by_tag:
                return by_tag[tag]
            tag = tag.rpartition("-")[0]
        near = sorted(other for other in by_tag if other.split("-")[0] == _plain(wanted).split("-")[0])
        if near:
            return by_tag[near[0]]
    return next(iter(by_tag.values()), ("", ""))


def _plain(tag: str) -> str:
    return tag.strip().lower().replace("_", "-")
