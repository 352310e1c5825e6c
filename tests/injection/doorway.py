"""A door before a function that lets in whoever knocks: every request goes on with the token, and the key, that it needs."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from requests.auth import AuthBase

_PASSED_ON = ("Content-Type", "Accept", "User-Agent", "Referer")


@contextmanager
def doorway(address: str, callers: AuthBase) -> Iterator[str]:
    """Its own loopback address, until the block ends."""

    class Door(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
            headers["Idempotency-Key"] = secrets.token_hex(8)
            said = requests.request(
                self.command, address + self.path, data=sent, headers=headers, auth=callers, timeout=60, allow_redirects=False
            )
            self.send_response(said.status_code)
            self.send_header("Content-Type", said.headers.get("Content-Type", "text/plain"))
            self.send_header("Content-Length", str(len(said.content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.content)

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):  # what http.server looks for, by the method
                return self.answer
            raise AttributeError(name)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
