"""The people: kiosks that give numbers and desks that serve them. Each presses again until it is answered, as the real
pages do, and writes down what it was told."""

import asyncio
import http.client
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from uuid import UUID, uuid4

from bench.chaos.account import Account, Done, Told
from tests.kit.browsing import Answer, Browser

PATIENCE = 10.0
"""Seconds until a page gives an answer up, as htmx is told in templates/base.html."""
AGAIN_AT_KIOSK, AGAIN_AT_DESK = 2.0, 1.0
"""Seconds until a kiosk tries again (static/js/kiosk.js), and until a clerk does."""
GIVES_UP_EVERY = 10
"""One of so many visitors doesn't wait for an answer that doesn't come."""
NO_SHOW_EVERY = 6


class Gate:
    """Traffic flows while it is open. `pace` is the seconds between two presses of one page."""

    def __init__(self) -> None:
        self.pace = 0.3
        self._open = asyncio.Event()
        self._busy = 0
        self._still = asyncio.Event()
        self._still.set()

    def open(self) -> None:
        self._open.set()

    async def close(self) -> None:
        """Returns when every press that is on its way has been answered."""
        self._open.clear()
        await self._still.wait()

    async def through(self, press: Callable[[], Awaitable[None]]) -> None:
        """Wait until it is open, press, breathe."""
        await self._open.wait()
        self._busy += 1
        self._still.clear()
        try:
            await press()
        finally:
            self._busy -= 1
            if not self._busy:
                self._still.set()
        await asyncio.sleep(self.pace)


class Page:
    """A browser of its own, used from the event loop, whose presses are accounted for."""

    def __init__(
        self, port: int, account: Account, threads: ThreadPoolExecutor, address: str, cookie: str = ""
    ) -> None:
        self._browser = Browser(port, cookie, timeout=PATIENCE, headers={"X-Forwarded-For": address})
        self.account = account
        self._threads = threads

    async def press(self, path: str, **fields: str) -> Answer | None:
        """None where nobody has answered, or only with an error."""
        began = time.monotonic()
        answer = await self._in_thread(lambda: self._browser.press(path, **fields))
        self.account.pressed(time.monotonic() - began, answered=answer is not None)
        return answer

    async def get(self, path: str) -> Answer | None:
        return await self._in_thread(lambda: self._browser.get(path))

    async def _in_thread(self, ask: Callable[[], Answer]) -> Answer | None:
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except (OSError, http.client.HTTPException):
            return None
        return answer if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else None


class Kiosk:
    """Visitor after visitor takes a number. Who was told one leaves its link in `links`."""

    def __init__(self, page: Page, branch: str, services: Sequence[str], links: "asyncio.Queue[str]") -> None:
        self._page = page
        self._branch = branch
        self._services = services
        self._links = links
        self._visitors = 0

    async def stand(self, gate: Gate) -> None:
        while True:
            await gate.through(self._visit)

    async def _visit(self) -> None:
        self._visitors += 1
        visit = uuid4()
        self._page.account.asked.add(visit)
        service = self._services[self._visitors % len(self._services)]
        while True:
            answer = await self._page.press(f"/kiosk/{self._branch}/en/{visit}/", service=service)
            if answer is not None:
                break
            if self._visitors % GIVES_UP_EVERY == 0:
                return
            await asyncio.sleep(AGAIN_AT_KIOSK)
        if answer.status != HTTPStatus.FOUND:
            self._page.account.oddities.append(f"a kiosk was answered {answer.status}")
            return
        token = answer.location.rstrip("/").rpartition("/")[2]
        self._page.account.telling(visit, Told(token, ""))
        await self._show(visit, token, answer.location)
        self._links.put_nowait(token)

    async def _show(self, visit: UUID, token: str, location: str) -> None:
        """The page with the number, which the redirect leads to."""
        shown = await self._page.get(location)
        found = re.search(r'data-ticket-number="([^"]+)"', shown.text) if shown else None
        if found:
            self._page.account.telling(visit, Told(token, found.group(1)))


class Desk:
    """Calls, starts, finishes; some visitors don't come. An unanswered press is pressed again, just as it was."""

    def __init__(self, page: Page, desk: int) -> None:
        self.desk = desk
        self._page = page
        self._state = {"state": "FREE", "ticket": "0", "seen": "0"}
        self._served = 0

    async def sit(self, gate: Gate) -> None:
        while True:
            await gate.through(self._press)

    async def _press(self) -> None:
        match self._state["state"]:
            case "FREE":
                await self._until_answered("call-next", "CALLED", seen=self._state["seen"])
            case "CALLED":
                self._served += 1
                absent = self._served % NO_SHOW_EVERY == 0
                await self._until_answered(
                    *(("absent", "FREE") if absent else ("start", "SERVING")), ticket=self._ticket
                )
            case "SERVING":
                await self._until_answered("finish", "FREE", ticket=self._ticket)
            case other:
                self._page.account.oddities.append(f"desk {self.desk} is {other}")

    @property
    def _ticket(self) -> str:
        return self._state["ticket"]

    async def _until_answered(self, action: str, makes: str, **fields: str) -> None:
        answer = await self._page.press(f"/desk/{self.desk}/{action}/", **fields)
        while answer is None:
            await asyncio.sleep(AGAIN_AT_DESK)
            answer = await self._page.press(f"/desk/{self.desk}/{action}/", **fields)
        panel = dict(re.findall(r'data-(state|ticket|seen)="([^"]*)"', answer.text))
        if answer.status != HTTPStatus.OK or "ticket" not in panel:
            self._page.account.oddities.append(f"desk {self.desk}: {action} was answered {answer.status}")
            return
        self._state = panel
        # Nobody waits, or the page was too old: refused, and the panel says how it is now.
        if panel["state"] == makes and 'class="refused' not in answer.text:
            self._page.account.done[Done(action, self.desk, int(panel["ticket"]))] += 1
