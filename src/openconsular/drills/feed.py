"""The issuer of a drill: an HTTP server on loopback with an Atom index and the CAP messages published so far."""

import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape, quoteattr

from openconsular.domain.cap.model import Alert
from openconsular.domain.cap.write import to_xml


class FeedServer:
    """with FeedServer() as feed: feed.publish(alert) … the index stands at feed.url."""

    def __init__(self) -> None:
        self._messages: dict[str, tuple[str, datetime, bytes]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/index.atom"

    def publish(self, alert: Alert) -> None:
        """From now on the message stands in the index, newest first."""
        title = alert.infos[0].headline if alert.infos else alert.identifier
        with self._lock:
            self._messages[alert.identifier] = (title, alert.sent, to_xml(alert))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _body(self, path: str) -> tuple[str, bytes] | None:
        with self._lock:
            if path == "/index.atom":
                return "application/atom+xml", self._index()
            name = path.removeprefix("/").removesuffix(".cap")
            known = self._messages.get(name)
            return ("application/cap+xml", known[2]) if known else None

    def _index(self) -> bytes:
        base = self.url.rsplit("/", 1)[0]
        entries = [
            f"<entry><id>{escape(name)}</id><title>{escape(title)}</title><updated>{sent.isoformat()}</updated>"
            f'<link rel="alternate" type="application/cap+xml" href={quoteattr(f"{base}/{name}.cap")}/></entry>'
            for name, (title, sent, _) in reversed(self._messages.items())
        ]
        return (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<id>{escape(self.url)}</id><title>Exercise</title>{''.join(entries)}</feed>"
        ).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                feed.requests += 1
                found = feed._body(self.path.split("?")[0])
                self.send_response(200 if found else 404)
                kind, body = found or ("text/plain", b"")
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: the drill counts requests itself."""

        return Handler
