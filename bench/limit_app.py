"""The least that a press can cost: an ASGI application, for the same Daphne, that makes a press's statements in raw
psycopg, one PUBLISH and, where it is asked for, a frame of as many bytes to each socket that is open.

`POST /issue/<branch>/<service>/` gives a number; `POST /call/<branch>/<desk>/?<bytes of a frame>` calls the next one.
"""

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.limits import RawPublish
from bench.raw import Raw

THREADS = 8
"""As many as press at once: each has a connection to the database and one to Redis."""
here = threading.local()
sockets: set[Any] = set()
revisions = iter(range(1, 1_000_000))


def _connect() -> None:
    here.raw = Raw(os.environ["DATABASE_URL"])
    here.publish = RawPublish(int(os.environ["REDIS_URL"].rpartition(":")[2].partition("/")[0]))


pool = ThreadPoolExecutor(THREADS, initializer=_connect)


def press(what: str, branch: int, place: int) -> None:
    (here.raw.issue if what == "issue" else here.raw.call)(branch, place)
    here.publish.seconds()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        sockets.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        sockets.discard(send)
        return
    while (await receive()).get("more_body"):
        pass
    if scope["method"] == "POST":
        _root, what, branch, place, _end = scope["path"].split("/")
        await asyncio.get_running_loop().run_in_executor(pool, press, what, int(branch), int(place))
        if scope["query_string"]:
            end = f'","rev":{next(revisions)},"at":0,"key":"01234567"}}'
            frame = '{"html":"' + "x" * (int(scope["query_string"]) - len(end) - 9) + end
            for say in sockets:
                await say({"type": "websocket.send", "text": frame})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})
