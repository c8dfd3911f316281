"""One system for the browsers: its servers, its rows, and browsers that note everything that must not happen."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request

from accounts.models import User
from queues.models import Ticket
from tests.kit.sample_branch import SampleBranch
from tests.kit.servers import BROWSERS, Redis, Server, find_program

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOUND_ALLOWED = "--autoplay-policy=no-user-gesture-required"

OF_A_FAILED_CONNECTION = ("Failed to load resource", "WebSocket connection to", "htmx:", "Response Status Error Code")
"""How the console's errors begin where a test cuts the link."""

Size = tuple[int, int]
STANDING: Size = (540, 960)
LYING: Size = (960, 540)
"""Half of what hangs on the walls: what is drawn without a graphics card takes its time."""
PHONE: Size = (390, 844)

COUNT_CHIMES = """
window.chimes = 0;
document.addEventListener("sound:chime", () => (window.chimes += 1));
"""


def start_browser(playwright: Playwright, *more: str) -> Browser:
    path = find_program(*BROWSERS)
    return playwright.chromium.launch(executable_path=path, args=[*FLAGS, *more])


@dataclass(slots=True)
class Servers:
    """Kiosk and display talk to `lobby`, desk and phone to `office`: two processes where there is Redis, else one."""

    lobby: Server
    office: Server
    redis: Redis | None = None


@dataclass(slots=True)
class Browsers:
    """One that lets pages sound, and one that waits for a touch, as browsers do."""

    silent: Browser
    sounding: Browser


@dataclass
class System:
    """`trouble` collects what no page may do: errors on the console, and requests to other hosts. `language` is what
    the browsers that follow ask for."""

    servers: Servers
    browsers: Browsers
    sample: SampleBranch
    trouble: list[str] = field(default_factory=list)
    connection_may_fail: bool = False
    language: str = "en"
    _contexts: list[BrowserContext] = field(default_factory=list)

    def page(
        self,
        size: Size,
        *,
        language: str = "",
        sounding: bool = False,
        clerk: bool = False,
        touch: bool = False,
    ) -> Page:
        """A new person with a browser of their own."""
        browser = self.browsers.sounding if sounding else self.browsers.silent
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=language or self.language,
            has_touch=touch,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        context.set_default_timeout(10_000)
        context.on("page", self._watch)
        context.add_init_script(COUNT_CHIMES)
        if clerk:
            sign_in(context, self.sample.clerk)
        return context.new_page()

    @property
    def kiosk(self) -> str:
        return f"{self.servers.lobby.url}/kiosk/{self.sample.branch.slug}/"

    @property
    def display(self) -> str:
        return f"{self.servers.lobby.url}/display/{self.sample.branch.slug}/"

    @property
    def desk(self) -> str:
        return f"{self.servers.office.url}/desk/{self.sample.desk.pk}/"

    def phone(self, ticket: Ticket) -> str:
        return f"{self.servers.office.url}/t/{ticket.token}/"

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def _watch(self, page: Page) -> None:
        page.on("console", lambda said: self._note(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.trouble.append(f"{page.url}: {error}"))
        page.on("request", self._judge)

    def _note(self, said: str) -> None:
        if not (self.connection_may_fail and said.startswith(OF_A_FAILED_CONNECTION)):
            self.trouble.append(said)

    def _judge(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.trouble.append(f"asks {request.url}")


CENTRE = """selector => {
    const box = document.querySelector(selector).getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
}"""


def press_anyway(page: Page, selector: str) -> None:
    """Press where this is on the screen, though it is switched off; a frame may put another in its place meanwhile."""
    page.mouse.click(*page.evaluate(CENTRE, selector))


def let_settle(page: Page) -> None:
    """In the half second after something has moved, a press would not be taken."""
    page.wait_for_timeout(550)


def sign_in(context: BrowserContext, clerk: User) -> None:
    """Without the form."""
    client = Client()
    client.force_login(clerk)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "domain": "127.0.0.1", "path": "/"}])


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """The process is there and does nothing."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def count_frames(page: Page) -> list[str]:
    """Every frame with a view that comes over the page's sockets from now on; call it before the page is opened."""
    frames: list[str] = []

    def note(payload: str | bytes) -> None:
        if isinstance(payload, str) and '"html"' in payload:
            frames.append(payload)

    page.on("websocket", lambda socket: socket.on("framereceived", note))
    return frames


def until(page: Page, frames: list[str], *, more_than: int) -> None:
    """Let the page go on until so many frames have come."""
    for _look in range(500):
        if len(frames) > more_than:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"Only {len(frames)} frames came.")
