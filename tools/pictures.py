"""`python -m tools.pictures`: a picture of each surface, in Finnish, with the demo branch, into docs/pictures/."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.kit.servers import BROWSERS, HERE, ROOT, Server, find_program, running_server

PLACE = ROOT / "docs" / "pictures"
BRANCH = "keskus"
PASSWORD = "queue-demo"  # noqa: S105 - what the demo gives everybody
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--hide-scrollbars"]

SERVED = ("payments", "passports", "passports", "housing", "appointments")
WAITING = ("passports", "housing", "parking", "passports", "payments", "passports")
"""The services of those who come, in this order."""
CALLING = ("4", "1", "2", "5", "3")
"""The desks at which somebody is called, in this order; the clerk of each has its number."""
ADDRESS = "http://jono.example.fi"
"""What the code on the ticket says."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Opens pages in Finnish and keeps what they show. A scale below 1 keeps a wall's picture small."""

    browser: Browser
    server: Server

    def page(self, width: int, height: int, *, scale: float = 0.5) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            locale="fi",
            reduced_motion="reduce",
        )
        return context.new_page()

    def keep(self, page: Page, name: str) -> None:
        page.evaluate("document.fonts.ready")
        page.screenshot(path=PLACE / f"{name}.png", animations="disabled")
        sys.stdout.write(f"docs/pictures/{name}.png\n")

    def opened(self, page: Page, path: str) -> Page:
        page.goto(f"{self.server.url}{path}")
        return page


def take_number(camera: Camera, page: Page, service: str) -> tuple[str, str]:
    """Draw a number at the kiosk. Returns it, and the path behind its code."""
    camera.opened(page, f"/kiosk/{BRANCH}/")
    page.click('[data-language="fi"]')
    page.click(f'[data-service="{service}"]')
    number = page.locator("[data-ticket-number]").get_attribute("data-ticket-number") or ""
    return number, urlsplit(page.locator("[data-ticket-url]").get_attribute("href") or "").path


def sign_in(camera: Camera, username: str) -> Page:
    page = camera.page(1440, 900, scale=0.75)
    camera.opened(page, "/desk/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    return page


def sit_down(camera: Camera, desk: str) -> Page:
    page = sign_in(camera, f"clerk{desk}")
    page.locator("[data-desk-choice]", has=page.locator(f"b:text-is('{desk}')")).click()
    return page


def call_next(desk: Page) -> None:
    desk.click('[data-action="call-next"]')
    expect(desk.locator("[data-state]")).to_have_attribute("data-state", "CALLED")


def serve(desk: Page) -> None:
    desk.click('[data-action="start"]')
    expect(desk.locator("[data-state]")).to_have_attribute("data-state", "SERVING")


def take_all(camera: Camera) -> None:
    kiosk = camera.page(1080, 1920)
    camera.keep(camera.opened(kiosk, f"/kiosk/{BRANCH}/"), "kiosk-start")
    phones = dict(take_number(camera, kiosk, service) for service in (*SERVED, *WAITING))
    camera.opened(kiosk, f"/kiosk/{BRANCH}/").click('[data-language="fi"]')
    expect(kiosk.locator(".choices")).to_be_visible()
    camera.keep(kiosk, "kiosk-services")
    kiosk.click('[data-service="passports"]')
    expect(kiosk.locator("[data-ticket-number]")).to_be_visible()
    camera.keep(kiosk, "kiosk-ticket")
    kiosk.click('[data-action="more"]')
    expect(kiosk.locator("[name=needs]").first).to_be_visible()
    camera.keep(kiosk, "kiosk-more")

    *busy, last = (sit_down(camera, desk) for desk in CALLING)
    for desk in busy:
        call_next(desk)
        serve(desk)
    call_next(last)
    camera.keep(last, "desk")
    camera.keep(camera.opened(sign_in(camera, "supervisor"), f"/hall/{BRANCH}/"), "hall")
    for name, size in {"display": (1920, 1080), "display-portrait": (1080, 1920)}.items():
        board = camera.opened(camera.page(*size), f"/display/{BRANCH}/")
        expect(board.locator("[data-call]")).to_have_count(len(CALLING))
        board.locator("[data-sound-unlock]").click()
        expect(board.locator("[data-sound-unlock]")).to_be_hidden()
        camera.keep(board, name)

    phone = camera.opened(camera.page(390, 844, scale=2), phones["A5"])
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "WAITING")
    camera.keep(phone, "phone-waiting")
    number = last.locator("[data-state]").get_attribute("data-current-number") or ""
    called = camera.opened(camera.page(390, 844, scale=2), phones[number])
    expect(called.locator("[data-state]")).to_have_attribute("data-state", "CALLED")
    camera.keep(called, "phone-called")


@contextmanager
def demo_server() -> Iterator[Server]:
    """A throw-away server with nothing but the demo branch."""
    with tempfile.TemporaryDirectory(prefix="queuesite-pictures-") as folder:
        store = {"DEBUG": "1", "VAR_DIR": folder, "DATABASE_URL": f"sqlite:///{Path(folder) / 'demo.sqlite3'}"}
        for command in (["compile_translations"], ["migrate", "-v", "0"], ["load_demo"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env={**os.environ, **store}, check=True)
        database = store["DATABASE_URL"]
        with running_server(database_url=database, PUBLIC_URL=ADDRESS, ALLOWED_HOSTS=HERE) as server:
            yield server


def main() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    chromium = find_program(*BROWSERS)
    with demo_server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        take_all(Camera(browser, server))
        browser.close()


if __name__ == "__main__":
    main()
