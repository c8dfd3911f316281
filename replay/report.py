"""What a replay tells: a bar while it runs, one JSON object at its end."""

import json
import time
from dataclasses import asdict, dataclass

from django.core.management.base import OutputWrapper

WIDTH = 30
SECONDS_BETWEEN = 0.2


@dataclass(slots=True)
class Tally:
    """What was done. docs/replay.md says what each figure means; `duplicates` and `gaps` come from the audit."""

    rows: int = 0
    issued: int = 0
    called: int = 0
    finished: int = 0
    left: int = 0
    refused: int = 0
    malformed: int = 0
    deviations: int = 0
    duplicates: int = 0
    gaps: int = 0
    seconds: float = 0.0

    def add(self, other: "Tally") -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def as_json(self) -> str:
        return json.dumps(asdict(self))


class Bar:
    """A progress bar on a terminal; elsewhere (a log file) one line for each tenth."""

    def __init__(self, out: OutputWrapper, total: int) -> None:
        self._out = out
        self._total = max(total, 1)
        self._done = 0
        self._shown_at = 0.0
        self._tenth = 0

    def step(self) -> None:
        self._done = min(self._done + 1, self._total)
        self.show()

    def show(self, *, last: bool = False) -> None:
        share = self._done / self._total
        if not self._out.isatty():
            if int(share * 10) > self._tenth:
                self._tenth = int(share * 10)
                self._write(f"{share:4.0%} ({self._done} of {self._total} steps)\n")
            return
        if not last and time.monotonic() - self._shown_at < SECONDS_BETWEEN:
            return
        self._shown_at = time.monotonic()
        filled = int(share * WIDTH)
        self._write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {share:4.0%}" + ("\n" if last else ""))

    def close(self) -> None:
        self.show(last=True)

    def _write(self, text: str) -> None:
        self._out.write(text, str, ending="")  # str: not in the colour of an error
        self._out.flush()
