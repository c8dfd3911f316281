"""Everybody who uses the site while it burns: kiosks and desks that press, screens that follow."""

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError

from bench.chaos import truth
from bench.chaos.account import Account
from bench.chaos.clients import Screen
from bench.chaos.site import Site, in_thread
from bench.chaos.traffic import Desk, Gate, Kiosk, Page
from bench.chaos.truth import SampleBranch, Shown

KIOSKS, DISPLAYS, PHONES = 4, 5, 20
STAYS = 5.0
"""Seconds that a visitor still looks at the phone after the visit."""
OVER = ("DONE", "NO_SHOW")


class Crowd:
    """Comes with `come`, goes with `go`. What the people were told is in `account`."""

    def __init__(self, site: Site, sample: SampleBranch) -> None:
        self.account = Account()
        self.gate = Gate()
        self.screens: dict[Screen, tuple[str, str]] = {}
        """What each shows: a kind, and which desk or ticket."""
        self._site = site
        self._sample = sample
        self._links: asyncio.Queue[str] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(64, thread_name_prefix="page")
        self._tasks: set[asyncio.Task[None]] = set()
        self._addresses = 0

    async def come(self) -> None:
        slug = self._sample.branch.slug
        for _kiosk in range(KIOSKS):
            self._begin(Kiosk(self._page(), slug, self._sample.services, self._links).stand(self.gate))
        for pk, cookie in self._sample.desks.items():
            self._begin(Desk(self._page(cookie), pk).sit(self.gate))
            await self._show("desk", str(pk), f"/ws/desk/{pk}/?language=en", f"/desk/{pk}/frame/?language=en", cookie)
        for _display in range(DISPLAYS):
            await self._show("display", "", f"/ws/display/{slug}/", f"/display/{slug}/frame/")
        for _phone in range(PHONES):
            self._begin(self._visitor())

    def go(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def behind(self, since: float) -> list[str]:
        """Who has heard nothing since then, or doesn't show the truth, and how."""
        now = time.monotonic()
        silent = [
            f"{screen.name} has heard nothing for {now - screen.heard:.0f} s (its socket: {screen.trouble or 'new'})"
            for screen in self.screens
            if screen.heard < since
        ]
        shown = [Shown(screen.name, *what, screen.shown) for screen, what in self.screens.items()]
        try:
            return silent or await in_thread(truth.afresh, partial(truth.behind, self._sample, shown))
        except DatabaseError as error:
            return [f"the database: {error}"]

    async def wrong(self) -> list[str]:
        """Where the rows break a law, or are not what somebody was told."""
        return await in_thread(truth.afresh, partial(truth.audit, self._sample, self.account))

    async def _visitor(self) -> None:
        """With one phone after another: each follows the newest number until its visit is over."""
        while True:
            token = await self._links.get()
            while not self._links.empty():
                token = self._links.get_nowait()
            screen, tasks = await self._show(
                "phone", token, f"/ws/t/{token}/?language=en", f"/t/{token}/frame/?language=en"
            )
            await screen.until(lambda shown: any(f'data-state="{state}"' in shown.get("html", "") for state in OVER))
            await asyncio.sleep(STAYS)
            del self.screens[screen]
            for task in tasks:
                task.cancel()

    async def _show(
        self, kind: str, which: str, socket: str, path: str, cookie: str = ""
    ) -> tuple[Screen, list[asyncio.Task[None]]]:
        page = self._page(cookie)
        headers = {"X-Forwarded-For": self._address(), **({"Cookie": cookie} if cookie else {})}
        screen = Screen(f"{kind} {which}".strip(), self._site.front.port, socket, headers)

        async def ask(address: str) -> str | None:
            answer = await page.get(address)
            return answer.text if answer is not None and answer.status == HTTPStatus.OK else None

        await screen.load(path, ask)
        self.screens[screen] = (kind, which)
        return screen, [self._begin(screen.follow()), self._begin(screen.watch(path, ask))]

    def _page(self, cookie: str = "") -> Page:
        return Page(self._site.front.port, self.account, self._threads, self._address(), cookie)

    def _address(self) -> str:
        """Everybody has one of their own."""
        self._addresses += 1
        return f"10.0.{self._addresses // 250 % 250}.{self._addresses % 250 + 1}"

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.account.oddities.append(f"a client has ended: {error!r}")
