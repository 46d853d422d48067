"""The logic of a rule in words: what it looks at and what has to hold, as a list a person can follow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

_INLINE_MOST = 90
_VALUES_SHOWN = 8
_PAYLOAD = "payload."


@dataclass(frozen=True)
class Line:
    """A sentence, and below it the parts it is made of."""

    text: str
    parts: tuple["Line", ...] = field(default=())


def read(logic: Any) -> Line:
    """The logic as a tree of sentences. It has been checked to be CertLogic."""
    if _operator(logic) == "and":
        return Line(_("All of these hold:"), tuple(read(one) for one in logic["and"]))
    if _operator(logic) == "if":
        guard, then, otherwise = logic["if"]
        return Line(
            _("It depends:"),
            (_branch(_("If"), guard), _branch(_("then"), then), _branch(_("otherwise"), otherwise)),
        )
    if _operator(logic) == "!" and _operator(logic["!"][0]) in ("and", "if"):
        return Line(_("This does not hold:"), (read(logic["!"][0]),))
    if _operator(logic) == "var":
        return Line(_("%(value)s is there") % {"value": _say(logic)})
    text = _say(logic)
    if len(text) > _INLINE_MOST and _operator(logic) == "in" and isinstance(logic["in"][1], list):
        return Line(
            _("%(value)s is one of these:") % {"value": _say(logic["in"][0])}, _values(logic["in"][1])
        )
    return Line(text)


def _branch(word: str, logic: Any) -> Line:
    inner = read(logic)
    if inner.parts:
        return Line(f"{word} {inner.text}", inner.parts)
    return Line(f"{word} {inner.text}")


def _values(values: list[Any]) -> tuple[Line, ...]:
    shown = [Line(_say(one)) for one in values[:_VALUES_SHOWN]]
    more = len(values) - len(shown)
    if more:
        shown.append(Line(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}))
    return tuple(shown)


def _operator(logic: Any) -> str:
    return next(iter(logic)) if isinstance(logic, dict) and len(logic) == 1 else ""


def _say(logic: Any) -> str:
    return "".join(_words(logic))


def _words(logic: Any) -> Iterator[str]:
    operator = _operator(logic)
    if not operator:
        yield _literal(logic)
    elif operator == "var":
        yield _path(logic["var"])
    elif operator in _INFIX:
        operands = [_say(one) for one in logic[operator]]
        yield _INFIX[operator](operands)
    elif operator in _OTHERS:
        yield _OTHERS[operator](logic[operator])


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return _("true") if value else _("false")
    if isinstance(value, list):
        shown = ", ".join(_say(one) for one in value[:_VALUES_SHOWN])
        return f"[{shown}{', …' if len(value) > _VALUES_SHOWN else ''}]"
    return f"“{value}”" if isinstance(value, str) else str(value)


def _path(path: str) -> str:
    """A path by the name people have for it; an unknown one as it stands."""
    if path in _CONTEXT:
        return str(_CONTEXT[path])
    if path.startswith("external.valueSets."):
        return _("the value set “%(name)s”") % {"name": path.removeprefix("external.valueSets.")}
    if path.partition(".")[0] in _REPEATED:
        return str(_REPEATED[path.partition(".")[0]])
    if not path.startswith(_PAYLOAD):
        return f"“{path}”"
    plain = path.removeprefix(_PAYLOAD)
    entry, _dot, name = plain.partition(".0.")
    if entry in ("v", "t", "r") and name in _FIELDS:
        return f"{_FIELDS[name]} ({plain})"
    return f"{_FIELDS[plain]} ({plain})" if plain in _FIELDS else f"“{plain}”"


def _chained(pattern: Callable[[], str]) -> Callable[[list[str]], str]:
    """Two operands, or three of which each stands so to the next."""

    def say(operands: list[str]) -> str:
        pairs = pairwise(operands)
        return _(" and ").join(pattern() % {"left": left, "right": right} for left, right in pairs)

    return say


def _plus_time(operands: list[Any]) -> str:
    start, amount, unit = operands
    if not amount:
        return _say(start)
    count = abs(int(amount))
    span = _SPANS[unit](count) % {"count": count}
    pattern = _("%(start)s plus %(span)s") if amount > 0 else _("%(start)s minus %(span)s")
    return pattern % {"start": _say(start), "span": span}


def _negated(operands: list[Any]) -> str:
    if _operator(operands[0]) == "var":
        return _("%(value)s is absent or empty") % {"value": _say(operands[0])}
    return _("not: %(value)s") % {"value": _say(operands[0])}


def _condition(operands: list[Any]) -> str:
    guard, then, otherwise = (_say(one) for one in operands)
    return _("(if %(guard)s: %(then)s, otherwise %(otherwise)s)") % {
        "guard": guard,
        "then": then,
        "otherwise": otherwise,
    }


def _all(operands: list[Any]) -> str:
    return "(" + _(" and ").join(_say(one) for one in operands) + ")"


def _reduced(operands: list[Any]) -> str:
    return _("what “%(each)s” makes of every item of %(items)s, beginning with %(first)s") % {
        "items": _say(operands[0]),
        "each": _say(operands[1]),
        "first": _say(operands[2]),
    }


_INFIX: dict[str, Callable[[list[str]], str]] = {
    "===": _chained(lambda: _("%(left)s is %(right)s")),
    "in": _chained(lambda: _("%(left)s is one of %(right)s")),
    "+": _chained(lambda: "%(left)s + %(right)s"),
    "<": _chained(lambda: "%(left)s < %(right)s"),
    ">": _chained(lambda: "%(left)s > %(right)s"),
    "<=": _chained(lambda: "%(left)s ≤ %(right)s"),
    ">=": _chained(lambda: "%(left)s ≥ %(right)s"),
    "after": _chained(lambda: _("%(left)s is after %(right)s")),
    "before": _chained(lambda: _("%(left)s is before %(right)s")),
    "not-after": _chained(lambda: _("%(left)s is not after %(right)s")),
    "not-before": _chained(lambda: _("%(left)s is not before %(right)s")),
}
_OTHERS: dict[str, Callable[[list[Any]], str]] = {
    "and": _all,
    "if": _condition,
    "!": _negated,
    "plusTime": _plus_time,
    "dccDateOfBirth": lambda operands: (
        _("the latest day that may be %(value)s") % {"value": _say(operands[0])}
    ),
    "extractFromUVCI": lambda operands: (
        _("part %(number)d of %(value)s") % {"number": int(operands[1]) + 1, "value": _say(operands[0])}
    ),
    "reduce": _reduced,
}
_SPANS: dict[str, Callable[[int], str]] = {
    "year": lambda count: ngettext("%(count)d year", "%(count)d years", count),
    "month": lambda count: ngettext("%(count)d month", "%(count)d months", count),
    "day": lambda count: ngettext("%(count)d day", "%(count)d days", count),
    "hour": lambda count: ngettext("%(count)d hour", "%(count)d hours", count),
}
_CONTEXT = {
    "external.validationClock": gettext_lazy("the time of arrival"),
    "external.countryCode": gettext_lazy("the country of arrival"),
    "external.region": gettext_lazy("the region of arrival"),
    "external.issuerCountryCode": gettext_lazy("the country that issued"),
    "external.iat": gettext_lazy("the time of issue"),
    "external.exp": gettext_lazy("the end of the certificate’s validity"),
    "external.arrivalOn": gettext_lazy("the day of arrival"),
    "external.departedOn": gettext_lazy("the day of leaving"),
    "external.departedFrom": gettext_lazy("the country of departure"),
}
_REPEATED = {"current": gettext_lazy("the item"), "accumulator": gettext_lazy("the result so far")}
# Members of a DCC's entries (ehn-dcc-schema 1.3), and of doses as the rules of the Regulations see them.
_FIELDS = {
    "dob": gettext_lazy("date of birth"),
    "v.0": gettext_lazy("a vaccination"),
    "t.0": gettext_lazy("a test"),
    "r.0": gettext_lazy("a recovery"),
    "v": gettext_lazy("the vaccinations"),
    "t": gettext_lazy("the tests"),
    "r": gettext_lazy("the recoveries"),
    "tg": gettext_lazy("disease"),
    "vp": gettext_lazy("kind of vaccine"),
    "mp": gettext_lazy("vaccine product"),
    "ma": gettext_lazy("maker"),
    "dn": gettext_lazy("dose number"),
    "sd": gettext_lazy("doses in all"),
    "dt": gettext_lazy("date of vaccination"),
    "co": gettext_lazy("country"),
    "is": gettext_lazy("issuer"),
    "ci": gettext_lazy("certificate number"),
    "tt": gettext_lazy("kind of test"),
    "nm": gettext_lazy("name of the test"),
    "sc": gettext_lazy("time of the sample"),
    "tr": gettext_lazy("test result"),
    "tc": gettext_lazy("test centre"),
    "fr": gettext_lazy("first positive test"),
    "df": gettext_lazy("valid from"),
    "du": gettext_lazy("valid until"),
    "vaccination.product": gettext_lazy("vaccine product"),
    "vaccination.date": gettext_lazy("date of vaccination"),
    "vaccination.validUntil": gettext_lazy("valid until"),
}


def field_name(path: str) -> str:
    """The name people have for a field of the payload, "" for one that has none."""
    _entry, _dot, name = path.partition(".0.")
    return str(_FIELDS.get(name or path, _FIELDS.get(path, "")))
