"""`python -m bench.kiosks`: kiosks that draw numbers at once, in one process, as light as Python allows.

Each line of stdin is one order, `{"port": …, "path": …, "head": …, "body": …, "at_once": n, "posts": n}`: so many
posts, from so many kept connections, each the next one as soon as it is answered. `{uuid}` in the path is another one
for each post. It answers with when it began and ended, in seconds of the monotonic clock. An answer of 400 or more ends
it.
"""

import json
import selectors
import socket
import sys
import time
from uuid import uuid4

CHUNK = 1 << 16


def post(*, port: int, path: str, head: str, body: str, at_once: int, posts: int) -> dict[str, float]:
    selector = selectors.DefaultSelector()
    left = posts
    waiting = 0

    def send(connection: socket.socket) -> None:
        nonlocal left, waiting
        left -= 1
        waiting += 1
        line = f"POST {path.replace('{uuid}', str(uuid4()))} HTTP/1.1\r\n"
        connection.sendall(f"{line}{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    connections = [socket.create_connection(("127.0.0.1", port)) for _one in range(at_once)]
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, bytearray())
    began = time.monotonic()
    for connection in connections:
        send(connection)
    while waiting:
        for key, _mask in selector.select():
            one: socket.socket = key.fileobj  # type: ignore[assignment]  # registered above
            key.data.extend(one.recv(CHUNK))
            if not _is_whole(key.data):
                continue
            key.data.clear()
            waiting -= 1
            if left:
                send(one)
    ended = time.monotonic()
    for connection in connections:
        connection.close()
    return {"began": began, "ended": ended}


def _is_whole(answer: bytearray) -> bool:
    head, end, body = bytes(answer).partition(b"\r\n\r\n")
    if not end:
        return False
    if int(head.split(b" ", 2)[1]) >= 400:  # noqa: PLR2004 - HTTP's own
        raise RuntimeError(f"A number was refused: {head.decode()}")
    if b"chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    size = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
    return len(body) >= size


if __name__ == "__main__":
    for order in sys.stdin:
        sys.stdout.write(json.dumps(post(**json.loads(order))) + "\n")
        sys.stdout.flush()
