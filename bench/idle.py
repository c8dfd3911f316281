"""What sockets cost that only stay: memory, and the storm when all of them come back at once."""

from bench.figures import Figure
from bench.lab import Bare, Lab, Program, memory

SOCKETS = 5000
SPREAD = 0.5
"""Seconds over which live.js spreads its first try: 0.5 s, times 0.5 to 1.5."""
STORMS = 3


def memory_and_storm(lab: Lab) -> list[Figure]:
    """rss_per_socket (KiB) and connect_storm (seconds)."""
    lab.say("5,000 idle displays, and all of them coming back")
    ours: dict[str, list[float]] = {"KiB": [], "s": []}
    limit: dict[str, list[float]] = {"KiB": [], "s": []}
    for _storm in range(STORMS):
        with lab.server() as server, Program("bench.crowd") as crowd:
            hall = lab.hall()
            addresses = [hall.display(server)] * SOCKETS
            # Whatever a first page and a first socket load is not the idle socket's.
            crowd.ask(do="connect", addresses=addresses[:10])
            crowd.ask(do="drop")
            before = memory(server.process.pid)
            crowd.ask(do="connect", addresses=addresses, spread=5.0)
            ours["KiB"].append((memory(server.process.pid) - before) / SOCKETS / 1024)
            crowd.ask(do="drop")
            ours["s"].append(crowd.ask(do="connect", addresses=addresses, spread=SPREAD)["seconds"])
        with Bare() as bare:
            bare.connect(10)
            bare.crowd.ask(do="drop")
            before = memory(bare.server.pid)
            bare.connect(SOCKETS, over=5.0)
            limit["KiB"].append((memory(bare.server.pid) - before) / SOCKETS / 1024)
            bare.crowd.ask(do="drop")
            limit["s"].append(bare.connect(SOCKETS, over=SPREAD))
    return [
        Figure(
            "rss_per_socket", _median(ours["KiB"]) / _median(limit["KiB"]), {"ours": ours["KiB"], "bare": limit["KiB"]}
        ),
        Figure("connect_storm", _median(ours["s"]) / _median(limit["s"]), {"ours": ours["s"], "bare": limit["s"]}),
    ]


def _median(taken: list[float]) -> float:
    return sorted(taken)[len(taken) // 2]
