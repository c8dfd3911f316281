"""Small logs, written as a specification reads: who came when, and what became of them."""

import random
from datetime import datetime, timedelta
from pathlib import Path

HEADER = "arrival,called,finished,left,service,counter,outcome"
DAY = "2024-05-14"
REAL_LOG = Path(__file__).resolve().parents[3] / "shared" / "data" / "bank_jan_feb.csv"
BUSIEST_DAY = "1999-01-03"


def served(
    arrival: str, called: str, finished: str, *, service: str = "PS", counter: str = "C01", day: str = DAY
) -> str:
    return f"{day}T{arrival},{day}T{called},{day}T{finished},,{service},{counter},served"


def gone(arrival: str, left: str, *, service: str = "PS", day: str = DAY) -> str:
    return f"{day}T{arrival},,,{day}T{left},{service},,abandoned"


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return path


def any_rows(count: int, *, seed: int, counters: int = 4, day: str = DAY) -> list[str]:
    """A day as it may come: short waits, people who give up, counters with two visitors at once, zero seconds."""
    chance = random.Random(seed)
    at = datetime.fromisoformat(f"{day}T07:00:00")
    rows = []
    for _visitor in range(count):
        at += timedelta(seconds=chance.choice((0, 1, 5, 30, 60)))
        service = chance.choice(("PS", "PS", "PS", "NW", "TT"))
        if chance.random() < 0.12:
            left = at + timedelta(seconds=chance.randrange(300))
            rows.append(f"{at.isoformat()},,,{left.isoformat()},{service},,abandoned")
            continue
        called = at + timedelta(seconds=chance.choice((0, 0, 10, 90, 180)))
        finished = called + timedelta(seconds=chance.choice((0, 20, 60, 120, 300)))
        counter = f"C{chance.randrange(counters):02}"
        rows.append(f"{at.isoformat()},{called.isoformat()},{finished.isoformat()},,{service},{counter},served")
    return rows
