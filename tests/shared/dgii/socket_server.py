"""A server of bare sockets that answers each connection with a script: what no framework lets one do wrong."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Script = Callable[[socket.socket], None]


def request_of(connection: socket.socket) -> bytes:
    """The head of a request, and a body of its Content-Length."""
    taken = b""
    while b"\r\n\r\n" not in taken:
        piece = connection.recv(65536)
        if not piece:
            return taken
        taken += piece
    head, _, body = taken.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(head: str, body: bytes = b"", *, repeat: int = 1, pause: float = 0.0) -> Script:
    """Reads the request, writes `head` and then `body` so many times."""

    def script(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        for _ in range(repeat):
            connection.sendall(body)
            time.sleep(pause)

    return script


def trickling_header(seconds: float) -> Script:
    def script(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            connection.sendall(b"a")
            time.sleep(0.05)

    return script


def reset_in_the_header(connection: socket.socket) -> None:
    request_of(connection)
    connection.sendall(b"HTTP/1.1 200 O")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(seconds: float) -> Script:
    def script(connection: socket.socket) -> None:
        request_of(connection)
        time.sleep(seconds)

    return script


@contextmanager
def serving(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """The base URL, and what came in before TLS gave up or the script was through."""
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def work(connection: socket.socket) -> None:
        try:
            with connection, tls.wrap_socket(connection, server_side=True) if tls else connection as spoken:
                if tls:
                    seen.append(b"handshake")
                script(spoken)
        except OSError:
            seen.append(b"broken")

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=work, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}", seen
    finally:
        listener.close()
