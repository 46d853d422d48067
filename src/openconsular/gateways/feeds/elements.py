"""JSON with the standard's names as a CAP element: objects are elements, lists are repeated elements."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from openconsular.domain.cap.read import NAMESPACE
from openconsular.domain.cap.reasons import CapError
from openconsular.domain.cap.xml import MAX_TEXT

_MAX_NODES = 200_000


def to_alert_element(content: Mapping[str, Any]) -> etree._Element:
    """An `alert` element. Keys that cannot be element names are left out: the standard has none such."""
    root = etree.Element(f"{{{NAMESPACE}}}alert")
    _Writer().fill(root, content)
    return root


class _Writer:
    def __init__(self) -> None:
        self._nodes = 0

    def fill(self, parent: etree._Element, content: Mapping[str, Any]) -> None:
        for name, value in content.items():
            if name.isidentifier() and name.isascii():
                for one in value if isinstance(value, list | tuple) else [value]:
                    self._add(parent, name, one)

    def _add(self, parent: etree._Element, name: str, value: Any) -> None:
        if value is None or isinstance(value, list):
            return
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise CapError("document-too-many-elements", limit=_MAX_NODES)
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        if isinstance(value, Mapping):
            self.fill(element, value)
            return
        text = "".join(
            c
            for c in str(value)
            if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "￾￿")
        )
        if len(text) > MAX_TEXT:
            raise CapError("text-too-long", element=name, size=len(text), limit=MAX_TEXT)
        element.text = text
