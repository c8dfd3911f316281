"use strict";
/*
 * The kiosk: every link and form is sent by htmx and tried again until it is answered, so a visitor never meets a
 * browser's error page; an unused screen asks, and then goes back to the start by itself.
 */
(() => {
  const TRY_AGAIN = 2000; // ms
  const HELPED_FOR = 30_000; // ms for which the page says that somebody is coming
  const WARNING = 20; // seconds in which one may still say "go on"
  const page = () => document.getElementById("kiosk");

  /* Sending. A second tap while the first is on its way is the same tap. */

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (page().hasAttribute("data-busy")) event.preventDefault();
    else page().setAttribute("data-busy", "");
  });
  document.addEventListener("htmx:afterRequest", () => page().removeAttribute("data-busy"));

  /* A refusal, or a pause that ends by itself, is a page like any other. */
  const SAID = [409, 429];
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!SAID.includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  function tryAgain(event) {
    const status = event.detail.xhr?.status || 0;
    if (SAID.includes(status)) return;
    // What the server understood and won't do (a page too old, a branch gone) doesn't get better by asking again.
    if (status >= 400 && status < 500) {
      setTimeout(restart, TRY_AGAIN);
      return;
    }
    const pressed = event.detail.requestConfig.triggeringEvent?.submitter || event.detail.elt;
    page().querySelector("[data-away]").hidden = false;
    setTimeout(() => {
      // The live list may have been swapped since: the same button has the same id. What is gone leads to the start.
      const again = pressed.isConnected ? pressed : document.getElementById(pressed.id);
      if (again && again !== page()) again.click();
      else restart();
    }, TRY_AGAIN);
  }
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failure, tryAgain);
  }

  /* Rest. Each page says after how many seconds without a touch it gives the screen back; the start page never. */

  let left = 0;

  function restart() {
    history.replaceState(null, "", page().dataset.start);
    htmx.ajax("GET", page().dataset.start, { source: page(), target: "#kiosk", select: "#kiosk", swap: "outerHTML" });
  }

  function showRest() {
    const asking = page().querySelector("[data-still-there]");
    const countsItself = page().querySelector("[data-done]") !== null;
    for (const seconds of page().querySelectorAll("[data-seconds]")) seconds.textContent = left;
    asking.hidden = countsItself || left === 0 || left > WARNING;
  }

  function touched() {
    left = Number(page().dataset.rest);
    showRest();
  }

  setInterval(() => {
    if (left === 0 || page().hasAttribute("data-busy")) return;
    left -= 1;
    if (left === 0) restart();
    else showRest();
  }, 1000);
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, touched);

  /* Contrast and reach are one visitor's: they end when the start comes back. */

  const chosen = new Set();

  function wear() {
    for (const button of page().querySelectorAll("[data-toggle]")) {
      const name = button.dataset.toggle;
      button.setAttribute("aria-pressed", chosen.has(name));
      document.documentElement.toggleAttribute(`data-${name}`, chosen.has(name));
    }
  }

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (toggle) {
      if (!chosen.delete(toggle.dataset.toggle)) chosen.add(toggle.dataset.toggle);
      wear();
    }
    // On a touchscreen the short link is there to be read: following it would leave the kiosk for good.
    if (event.target.closest("[data-ticket-url]") && matchMedia("(any-pointer: coarse)").matches)
      event.preventDefault();
  });

  /* What the browser brings back from its memory is the page of a visitor who has gone. */
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.replace(page().dataset.start);
  });

  /* A page has come in. */

  function begin() {
    if (Number(page().dataset.rest) === 0) chosen.clear();
    document.documentElement.lang = page().lang;
    for (const words of page().querySelectorAll("[data-helped]")) setTimeout(() => words.remove(), HELPED_FOR);
    wear();
    touched();
  }
  /* A screen reader goes on where the page begins: what was pressed has gone with the page before. */
  function arrive() {
    begin();
    page().querySelector("h1").focus({ preventScroll: true });
  }
  document.addEventListener("htmx:afterSettle", arrive);
  document.addEventListener("htmx:historyRestore", arrive);
  begin();
})();
