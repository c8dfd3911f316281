"use strict";
/*
 * What a desk's page says of itself while the desk calls by itself: that it is open, so that nobody is called to an
 * empty chair, and that its clerk is writing, so that nobody is called meanwhile.
 */
(() => {
  const page = document.querySelector("[data-desk-page]");
  const panel = document.getElementById("panel");
  const ATTENDS_EVERY = 30_000; // ms
  const WRITES_EVERY = 2000; // ms
  let saidWritingAt = Number.NEGATIVE_INFINITY;

  function attend(isOpen, isWriting) {
    if (panel.querySelector("[data-state]").dataset.auto === "") return;
    const said = new FormData(document.getElementById("panel-presses"));
    said.set("open", isOpen ? "1" : "0");
    said.set("writing", isWriting ? "1" : "0");
    navigator.sendBeacon(page.dataset.attend, said);
  }

  function sayWriting() {
    const field = document.activeElement;
    const isWriting = field.matches("input:not([type=checkbox])") && field.value !== "";
    if (!isWriting || performance.now() - saidWritingAt < WRITES_EVERY) return;
    saidWritingAt = performance.now();
    attend(true, true);
  }

  page.addEventListener("input", sayWriting);
  setInterval(sayWriting, WRITES_EVERY);
  setInterval(() => attend(true, false), ATTENDS_EVERY);
  window.addEventListener("pagehide", () => attend(false, false));
  attend(true, false);
})();
