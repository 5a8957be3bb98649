"""A load generator for this machine: a given list of requests, a few at a time."""

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

CLIENTS = 4
TIMEOUT_SECONDS = 60
Target = tuple[str, str]  # host, path


def send(port: int, targets: Sequence[Target]) -> float:
    """Request all targets from 127.0.0.1, `CLIENTS` at a time; return requests a second.

    Each request has a connection of its own, so that the server's processes share them evenly.
    Raises RuntimeError for an answer other than 200.
    """
    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = [targets[number::CLIENTS] for number in range(CLIENTS)]
        list(pool.map(lambda share: _send(port, share), shares))
    return len(targets) / (time.perf_counter() - start)


def fetch(port: int, host: str, path: str) -> bytes:
    """The whole answer to a GET."""
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        parts = []
        while part := connection.recv(1 << 18):
            parts.append(part)
    return b"".join(parts)


def _send(port: int, targets: Sequence[Target]) -> None:
    for host, path in targets:
        status = fetch(port, host, path)[:12]
        if status != b"HTTP/1.1 200":
            raise RuntimeError(f"http://{host}{path} answered {status!r}.")
