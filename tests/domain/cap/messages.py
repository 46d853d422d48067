"""Alerts as an issuer might send them, with single things wrong. Everything in them is invented."""

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SQUARE = "10,20 10,21 11,21 11,20 10,20"
AREA = f"<area><areaDesc>Somewhere</areaDesc><polygon>{SQUARE}</polygon></area>"


def info(
    *,
    language: str = "<language>en</language>",
    event: str = "Flood",
    response: str = "",
    urgency: str = "Immediate",
    severity: str = "Severe",
    certainty: str = "Observed",
    times: str = "<effective>2026-06-01T06:00:00+00:00</effective><expires>2026-06-01T18:00:00+00:00</expires>",
    texts: str = "<headline>River rising</headline><description>Water.</description>",
    parameters: str = "",
    area: str = AREA,
    extra: str = "",
) -> str:
    return (
        f"<info>{language}<category>Met</category><event>{event}</event>{response}<urgency>{urgency}</urgency>"
        f"<severity>{severity}</severity><certainty>{certainty}</certainty>{extra}{times}{texts}{parameters}{area}</info>"
    )


def alert(
    *infos: str,
    identifier: str = "one",
    sender: str = "office@example.org",
    sent: str = "2026-06-01T05:00:00+00:00",
    status: str = "Actual",
    msg_type: str = "Alert",
    scope: str = "<scope>Public</scope>",
    references: str = "",
    namespace: str = NAMESPACE,
    extra: str = "",
) -> bytes:
    body = "".join(infos) if infos else info()
    named = f"<references>{references}</references>" if references else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alert xmlns="{namespace}"><identifier>{identifier}</identifier>'
        f"<sender>{sender}</sender><sent>{sent}</sent><status>{status}</status><msgType>{msg_type}</msgType>"
        f"{scope}{extra}{named}{body}</alert>"
    ).encode()


def polygons(*texts: str) -> str:
    return "<area><areaDesc>Place</areaDesc>" + "".join(f"<polygon>{t}</polygon>" for t in texts) + "</area>"


def circle(text: str) -> str:
    return f"<area><areaDesc>Place</areaDesc><circle>{text}</circle></area>"


def geocodes(*pairs: tuple[str, str], inside: str = "") -> str:
    codes = "".join(f"<geocode><valueName>{n}</valueName><value>{v}</value></geocode>" for n, v in pairs)
    return f"<area><areaDesc>Place</areaDesc>{inside}{codes}</area>"
