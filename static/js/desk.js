"use strict";
/*
 * The desk: the panel says which presses make sense, and names the ticket that they are about; forms and buttons are
 * never swapped, only shown or not. One key for each action, the space bar for the likely one; keys can be switched off.
 */
(() => {
  const page = document.querySelector("[data-desk-page]");
  const presses = document.getElementById("presses");
  const panel = document.getElementById("panel");
  const notice = document.getElementById("notice");
  const after = document.getElementById("after");
  const undo = document.querySelector(".undo");
  const said = document.querySelector("[data-said]");
  const keysButton = document.querySelector("[data-keys]");
  const title = document.title;
  const ARRIVED_FOR = 6000; // ms for which the title says that a visitor has come
  let keys = localStorage.getItem("desk-keys") !== "off";
  let shown = null;
  let waiting = null;

  const current = () => panel.querySelector("[data-state]").dataset;
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

  /* Every field of this name, in whatever form. */
  function fill(name, value) {
    for (const field of all(`[name=${name}]`)) field.value = value;
  }

  function followPanel() {
    const now = current();
    // A colleague has taken over: the server's own page says so.
    if (now.clerk !== "0" && now.clerk !== page.dataset.me) {
      location.reload();
      return;
    }
    fill("ticket", now.ticket);
    fill("seen", now.seen);
    fill("calls", now.calls);
    fill("leader", now.currentNumber);
    showPresses(now);
    showUndo(now);
    if (after) showAfter(now);
    for (const one of all("[data-help-on]")) one.hidden = now.help === "";
    for (const one of all("[data-help-off]")) one.hidden = now.help !== "";
    tell(now);
  }

  function showPresses({ allowed, state, auto }) {
    const may = allowed.split(" ");
    for (const button of all("[data-action]", presses)) {
      // None is ever disabled: a press that makes no sense now is refused in words, and no button loses the focus.
      button.classList.toggle("unlikely", !may.includes(button.dataset.action));
      button.classList.toggle("primary", button.dataset.action === may[0]);
    }
    for (const one of all("[data-when]")) one.hidden = !one.dataset.when.split(" ").includes(state);
    const autoCall = document.querySelector("[data-action=auto]");
    autoCall.setAttribute("aria-pressed", auto !== "");
    autoCall.form.elements.on.value = auto === "" ? "1" : "0";
  }

  function showUndo(now) {
    undo.hidden = now.undo === "";
    undo.elements.undo.value = now.undo;
    undo.querySelector("[data-undo-words]").textContent = now.undoWords;
    undo.querySelector("[data-until]").dataset.until = now.undoUntil;
  }

  function showAfter({ visit, visitNumber, recordService, state }) {
    const asked = visit !== "" || state === "SERVING";
    if (after.hidden && asked) after.reset();
    after.hidden = !asked;
    after.elements.visit.value = visit;
    after.querySelector("[data-visit-number]").textContent = visitNumber;
    after.querySelector("[data-after-done]").hidden = visit === "";
    for (const one of all("[data-outcome-service]", after)) one.hidden = one.dataset.outcomeService !== recordService;
  }

  /* Said aloud for clerks who can't see it; an idle desk hears that a visitor has come to its empty line. */
  function tell({ state, currentNumber, waiting: nowWaiting }) {
    const words = { CALLED: said.dataset.calledWords, SERVING: said.dataset.servingWords }[state];
    const free = state === "PAUSED" ? said.dataset.pausedWords : said.dataset.freeWords;
    const saying = words ? `${words} ${currentNumber}` : free;
    if (shown !== null && shown !== saying) said.textContent = saying;
    shown = saying;
    if (waiting === 0 && Number(nowWaiting) > 0 && state === "FREE") arrived();
    waiting = Number(nowWaiting);
  }

  function arrived() {
    said.textContent = said.dataset.arrivedWords;
    document.title = `● ${said.dataset.arrivedWords}`;
    setTimeout(() => {
      document.title = title;
    }, ARRIVED_FOR);
    sound.chime();
  }

  document.addEventListener("live:view", followPanel);
  document.addEventListener("pointerdown", sound.unlock, { once: true });
  document.addEventListener("keydown", sound.unlock, { once: true });

  const queue = new PressQueue();
  // Before htmx's own queue, which holds a second press of one element back and lets it out later.
  page.addEventListener("htmx:confirm", (event) => {
    const { elt, path, etc, issueRequest } = event.detail;
    if (!queue.admits({ elt, path, values: etc.values, send: () => issueRequest(true) })) event.preventDefault();
  });
  page.addEventListener("htmx:beforeRequest", ({ detail: { xhr } }) => queue.sent(xhr));
  document.addEventListener("htmx:afterSettle", ({ detail: { xhr } }) => {
    const press = queue.answered(xhr);
    if (press === null) return;
    if (press.elt.hasAttribute("data-clears") && !notice.querySelector(".refused")) press.elt.reset();
    queue.sendNext();
  });

  const unanswered = document.querySelector("[data-unanswered]");
  for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    page.addEventListener(failure, ({ detail: { xhr } }) => {
      // The session has ended, or the page is too old: the server's own page says so.
      if (xhr.status >= 400 && xhr.status < 500) location.reload();
      queue.empty();
      notice.replaceChildren(unanswered.content.cloneNode(true));
    });
  }
  panel.addEventListener("htmx:beforeSwap", (event) => {
    // What came is the page for signing in, not a panel.
    if (event.detail.isError || event.detail.serverResponse.includes("data-answered-at")) return;
    event.detail.shouldSwap = false;
    location.reload();
  });

  /* The few buttons in the panel itself, which is swapped: htmx doesn't know them. */
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-panel-press]");
    if (!button) return;
    event.preventDefault();
    htmx.ajax("POST", button.getAttribute("formaction"), {
      source: button.form,
      target: "#panel",
      values: { [button.name]: button.value },
    });
  });

  /* The button that a key presses. */
  function meantBy(event) {
    // The space bar presses what has the focus, as everywhere; where that is nothing, or a press that makes no sense
    // any more (the one just made), it is the likely next one.
    const focused = event.target.closest("button, a, summary");
    const isGone = focused && (focused.classList.contains("unlikely") || focused.offsetParent === null);
    const key = event.key.toLowerCase();
    const isLikely = key === " " && (!focused || isGone);
    const buttons = all("[data-action]").filter((one) => one.offsetParent !== null);
    return buttons.find((one) => (isLikely ? one.classList.contains("primary") : one.dataset.key === key));
  }

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select") !== null;
    if (event.key === "Escape" && isTyping) event.target.blur();
    const isShortcut = event.repeat || event.ctrlKey || event.altKey || event.metaKey;
    if (!keys || isShortcut || isTyping) return;
    const button = meantBy(event);
    if (!button) return;
    event.preventDefault();
    // What needs a choice first gets the focus there; Enter then presses it.
    if (button.dataset.focus) document.querySelector(button.dataset.focus).focus();
    else button.click();
  });

  function showKeys() {
    keysButton.setAttribute("aria-pressed", keys);
    page.classList.toggle("without-keys", !keys);
  }
  keysButton.addEventListener("click", () => {
    keys = !keys;
    localStorage.setItem("desk-keys", keys ? "on" : "off");
    showKeys();
  });
  showKeys();
  followPanel();
})();
