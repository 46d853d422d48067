"""`var`: a path into the data (specification, "Data access"). What is not there is null.

Data are what a JSON reader makes, plain dicts and lists before all: most of the time rules take is spent here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from openconsular.domain.health.rules.limits import INDEX_DIGITS_MOST


def access_to(path: str) -> Callable[[Any, list[int]], Any]:
    """The function that follows the checked path; the empty one is the data itself."""
    if not path:
        return lambda data, meter: data
    fragments = tuple((fragment, _index(fragment)) for fragment in path.split("."))
    if len(fragments) == 1 and fragments[0][1] is None:
        return _single(path)

    def step(data: Any, meter: list[int]) -> Any:
        value = data
        for key, index in fragments:
            kind = type(value)
            if kind is dict:
                value = value.get(key)
            elif kind is list:
                if index is None or index >= len(value):
                    return None
                value = value[index]
            elif value is not None and isinstance(value, Mapping):
                value = value.get(key)
            else:
                return None
        return value

    return step


def _single(key: str) -> Callable[[Any, list[int]], Any]:
    return lambda data, meter: data.get(key) if isinstance(data, Mapping) else None


def _index(fragment: str) -> int | None:
    is_number = fragment.isascii() and fragment.isdecimal() and len(fragment) <= INDEX_DIGITS_MOST
    return int(fragment) if is_number else None
