"""The content security policy: everything from our own origin, nothing inline.

`img-src data:` is there for the icons inside the design system's style sheet, `worker-src` for the map and
the service worker. The map draws with WebGL and needs no more than that: no `blob:`, no `unsafe-*`.
Settings take POLICY as CONTENT_SECURITY_POLICY (django-csp 4).
"""

from typing import Any

from csp.constants import NONE, SELF

POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
