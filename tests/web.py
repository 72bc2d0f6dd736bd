"""A web server for tests; the fixture `server` starts one."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = tuple[int, dict[str, str], bytes]


class Server:
    """Serves `pages`: by path, bytes (with an ETag), a whole reply, or what a function makes of the request headers.

    Attributes:
        url: where it is, without a slash at the end.
        asked: the path and status of each request, in order.
        headers: the headers of the last request.

    Args:
        tls: what makes it speak https.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, bytes | Reply | Callable[[dict[str, str]], Reply]] = {}
        self.asked: list[tuple[str, int]] = []
        self.headers: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.headers = dict(self.headers.items())
                status, headers, body = outer.reply(self.path, outer.headers)
                outer.asked.append((self.path, status))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                with suppress(ConnectionError):  # who asked does not wait any more
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
                """Nothing: tests look at `asked`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._server.server_port}"

    def reply(self, path: str, headers: dict[str, str]) -> Reply:
        page = self.pages.get(path.split("?", maxsplit=1)[0], (404, {}, b"no"))
        if callable(page):
            return page(headers)
        if isinstance(page, tuple):
            return page
        tag = f'"{hash(page)}"'
        return (304, {"ETag": tag}, b"") if headers.get("If-None-Match") == tag else (200, {"ETag": tag}, page)

    def stop(self) -> None:
        """Refuse connections from now on; may be called again."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
