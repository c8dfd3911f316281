"""What is measured, what it must reach, and how it is told."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure must reach and what it aims at; a ratio to the limit measured in the same run."""

    what: str
    must: float
    aim: float
    is_least: bool = False
    """More is better: `must` is the least it may be."""

    def is_met(self, value: float) -> bool:
        return value >= self.must if self.is_least else value <= self.must

    def is_aimed(self, value: float) -> bool:
        return value >= self.aim if self.is_least else value <= self.aim


GOALS: Mapping[str, Goal] = {
    "fanout_1000": Goal("commit → last of 1,000 displays ÷ bare broadcast", 4, 2),
    "fanout_5000": Goal("commit → last of 5,000 displays ÷ bare broadcast", 4, 2),
    "fanout_5000_two": Goal("the same over two servers ÷ bare broadcast of one", 2, 0.8),
    "fanout_growth": Goal("cost of a socket at 5,000 ÷ at 100", 1.5, 1.1),
    "worst_round": Goal("worst ÷ median round at 5,000", 2, 1.3),
    "press_to_glass_5": Goal("desk's POST → fifth display, p95 ÷ (empty POST + publish + frame), of 3 series", 4, 2),
    "phones_2000": Goal("commit → last of 2,000 phones ÷ bare broadcast", 3, 2),
    "rss_per_socket": Goal("memory of an idle socket ÷ bare", 2, 1.5),
    "rss_flat": Goal("memory of a server over 50,000 requests and 20,000 frames, last ÷ second tenth", 1.05, 1.02),
    "issue_pg_8": Goal("tickets issued a second, 8 workers ÷ raw SQL", 0.33, 0.7, is_least=True),
    "call_pg_8": Goal("tickets called a second, 8 workers ÷ raw SQL", 0.33, 0.7, is_least=True),
    "press_cost": Goal("processor's time of a desk's call, five displays ÷ the least", 6.3, 4),
    "issue_http_8": Goal("numbers a second over HTTP, eight at once ÷ the least", 0.18, 0.29, is_least=True),
    "snapshot_growth": Goal("desk's POST → display with 1,000 waiting ÷ with 10", 2, 1.2),
    "storm_press": Goal("a press while 5,000 come back, p95 ÷ p95 of 300 in quiet", 10, 3),
    "connect_storm": Goal("5,000 come back with jitter: all current ÷ bare accept", 3, 1.5),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio, with the samples (ms, unless their name says otherwise) that it comes from."""

    name: str
    value: float
    samples: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def line(self) -> str:
        goal = GOALS[self.name]
        verdict = "MISSED" if not goal.is_met(self.value) else "aim met" if goal.is_aimed(self.value) else "met"
        sign = "≥" if goal.is_least else "≤"
        medians = ", ".join(f"{name} {statistics.median(taken):.4g}" for name, taken in self.samples.items())
        asked = f"must {sign} {goal.must:g}, aim {sign} {goal.aim:g}"
        return f"{self.name:<18}{self.value:>7.2f}  {verdict:<8} {asked:<24} {goal.what}\n{'':<27} {medians}"

    def record(self) -> dict[str, Any]:
        goal = GOALS[self.name]
        return {
            "value": round(self.value, 3),
            **{name: value for name, value in asdict(goal).items() if name != "is_least"},
            "met": goal.is_met(self.value),
            "samples": {name: spread(taken) for name, taken in self.samples.items()},
        }


def spread(taken: Sequence[float]) -> dict[str, float]:
    """Of samples: how many, their median, p95, p99 and worst."""
    return {
        "n": len(taken),
        "median": round(statistics.median(taken), 4),
        "p95": round(percentile(taken, 95), 4),
        "p99": round(percentile(taken, 99), 4),
        "worst": round(max(taken), 4),
    }


def percentile(taken: Sequence[float], share: int) -> float:
    """The smallest sample that `share` percent of them don't exceed (nearest rank)."""
    return sorted(taken)[max(0, math.ceil(len(taken) * share / 100) - 1)]


def write(folder: Path, day: str, head: Mapping[str, Any], figures: Sequence[Figure]) -> Path:
    """`<day>.json` in the folder; a second run of a day takes the first one's place."""
    path = folder / f"{day}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**head, "figures": {figure.name: figure.record() for figure in figures}}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
