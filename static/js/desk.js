"use strict";
/*
 * The desk: the panel says which presses make sense, and names the ticket that they are about; the buttons themselves
 * are never swapped. One key for each action, the space bar for the likely one; keys can be switched off.
 */
(() => {
  const form = document.getElementById("presses");
  const panel = document.getElementById("panel");
  const notice = document.getElementById("notice");
  const said = document.querySelector("[data-said]");
  const keysButton = document.querySelector("[data-keys]");
  const buttons = Array.from(form.querySelectorAll("[data-action]"));
  let keys = localStorage.getItem("desk-keys") !== "off";
  let shown = null;

  const current = () => panel.querySelector("[data-state]").dataset;

  function followPanel() {
    const { ticket, seen, calls, state, currentNumber } = current();
    const may = current().allowed.split(" ");
    form.elements.ticket.value = ticket;
    form.elements.seen.value = seen;
    form.elements.calls.value = calls;
    for (const button of buttons) {
      // None is ever disabled: a press that makes no sense now is refused in words, and no button loses the focus.
      button.classList.toggle("unlikely", !may.includes(button.dataset.action));
      button.classList.toggle("primary", button.dataset.action === may[0]);
    }
    const words = { CALLED: said.dataset.calledWords, SERVING: said.dataset.servingWords }[state];
    const saying = words ? `${words} ${currentNumber}` : said.dataset.freeWords;
    if (shown !== null && shown !== saying) said.textContent = saying;
    shown = saying;
  }

  document.addEventListener("live:view", followPanel);

  /* A second press while the first is on its way is the same press. */
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (form.hasAttribute("data-busy")) event.preventDefault();
    else form.setAttribute("data-busy", "");
  });
  form.addEventListener("htmx:afterRequest", () => form.removeAttribute("data-busy"));

  const unanswered = document.querySelector("[data-unanswered]");
  ["htmx:sendError", "htmx:timeout"].forEach((failure) =>
    form.addEventListener(failure, () => notice.replaceChildren(unanswered.content.cloneNode(true))),
  );
  // The session has ended, or the page is too old: the server's own page says so.
  form.addEventListener("htmx:responseError", () => location.reload());
  panel.addEventListener("htmx:beforeSwap", (event) => {
    // Led on to the page for signing in, which is no panel.
    if (event.detail.isError || event.detail.serverResponse.includes("data-answered-at")) return;
    event.detail.shouldSwap = false;
    location.reload();
  });

  document.addEventListener("keydown", (event) => {
    if (!keys || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input, textarea, select")) return;
    // The space bar presses what has the focus, as everywhere; where that is nothing, or a press that makes no sense
    // any more (the one just made), it is the likely next one.
    const focused = event.target.closest("button, a, summary");
    const likely = event.key === " " && (!focused || focused.classList.contains("unlikely"));
    const button = likely
      ? buttons.find((one) => one.classList.contains("primary"))
      : buttons.find((one) => one.dataset.key === event.key);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  function showKeys() {
    keysButton.setAttribute("aria-pressed", keys);
    form.classList.toggle("without-keys", !keys);
  }
  keysButton.addEventListener("click", () => {
    keys = !keys;
    localStorage.setItem("desk-keys", keys ? "on" : "off");
    showKeys();
  });
  showKeys();
  followPanel();
})();
