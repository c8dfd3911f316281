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
  const tooFast = document.querySelector("[data-too-fast]");
  const ARRIVED_FOR = 6000; // ms for which the title says that a visitor has come
  const NO_PRESSES = ["Escape", "Shift", "Control", "Alt", "Meta"];
  const LEAVING = ["Escape", "Tab"];
  const FIELDS = "input, textarea, select";
  const queue = new PressQueue();
  const words = after ? new VisitWords(after) : null;
  const handKeys = new HandKeys(setTimeout.bind(window), clearTimeout.bind(window));
  let keys = localStorage.getItem("desk-keys") !== "off";
  let shown = null;
  let waiting = null;
  let call = { of: "", at: 0, isOwn: false }; // the visitor who is called, since when (performance.now()), and by whom
  let isOwnAnswer = false; // what comes in is the answer to a press of this page
  let field = null; // the one that was entered last, until it is left on purpose

  const current = () => panel.querySelector("[data-state]").dataset;
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

  /* Every field of this name, in whatever form but what the notice offers: that is about whom it says. */
  function fill(name, value) {
    for (const field of all(`[name=${name}]`)) if (!notice.contains(field)) field.value = value;
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
    words?.follow(spokenOf(now));
    noteCall(now);
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

  /* The visit that something may be said about. */
  function spokenOf({ visit, visitNumber, recordService, state, ticket, currentNumber }) {
    if (visit !== "") return { visit, number: visitNumber, service: recordService, isOver: true };
    const serving = state === "SERVING";
    return { visit: serving ? ticket : "", number: currentNumber, service: recordService, isOver: false };
  }
  document.addEventListener("words:cleared", () => words.follow(spokenOf(current())));

  function noteCall({ state, ticket }) {
    const of = state === "CALLED" || state === "SERVING" ? ticket : "";
    if (of !== call.of) call = { of, at: performance.now(), isOwn: isOwnAnswer || queue.isBusy };
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

  document.addEventListener("pointerdown", sound.unlock, { once: true });
  document.addEventListener("keydown", sound.unlock, { once: true });

  // Before htmx's own queue, which holds a second press of one element back and lets it out later.
  page.addEventListener("htmx:confirm", (event) => {
    const { elt, path, etc, issueRequest } = event.detail;
    if (!queue.admits({ elt, path, values: etc.values, send: () => issueRequest(true) })) event.preventDefault();
  });
  page.addEventListener("htmx:configRequest", ({ detail: { elt, formData } }) => {
    if (!after?.contains(elt)) words?.takeAlong(formData);
  });
  page.addEventListener("htmx:beforeRequest", ({ detail: { xhr } }) => queue.sent(xhr));
  // Before live.js tells of the view that has come in.
  document.addEventListener("htmx:afterSwap", () => {
    isOwnAnswer = true;
  });
  document.addEventListener("htmx:afterSettle", ({ detail: { xhr } }) => {
    isOwnAnswer = false;
    const press = queue.answered(xhr);
    if (press === null) return;
    const isDone = notice.querySelector(".refused:not([data-unkept])") === null;
    const areKept = notice.querySelector(".refused") === null;
    if (isDone && press.elt.hasAttribute("data-clears")) press.elt.reset();
    if (isDone && after?.contains(press.elt)) words.clear();
    else if (areKept) words?.kept(spokenOf(current()));
    queue.sendNext();
  });
  document.addEventListener("live:view", followPanel);

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

  /* A field that was entered and is gone, by no doing of whoever types in it: the rest of the word is no press. */
  const wasTakenAway = () => field !== null && document.activeElement !== field && field.offsetParent === null;
  const leave = () => {
    field = null;
  };
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(FIELDS)) field = target;
  });
  document.addEventListener("pointerdown", leave, true);
  document.addEventListener("submit", leave, true);

  function pressByKey(button) {
    const isTooSoon = HandKeys.isTooSoon(button.dataset.action, performance.now() - call.at, call.isOwn);
    if (isTooSoon || queue.waiting > 0) return;
    // What needs a choice first gets the focus there; Enter then presses it.
    if (button.dataset.focus) document.querySelector(button.dataset.focus).focus();
    else button.click();
  }

  /* Whether this key is one of the page's own, not a field's or the browser's. */
  function isForPage(event) {
    const isTyping = event.target.closest(FIELDS) !== null;
    if (event.key === "Escape" && isTyping) event.target.blur();
    return !(
      isTyping ||
      event.repeat ||
      event.ctrlKey ||
      event.altKey ||
      event.metaKey ||
      NO_PRESSES.includes(event.key)
    );
  }

  document.addEventListener("keydown", (event) => {
    if (LEAVING.includes(event.key)) leave();
    if (!isForPage(event)) return;
    const button = keys && !wasTakenAway() ? meantBy(event) : null;
    const begins = handKeys.heard(performance.now(), button && (() => pressByKey(button)));
    if (begins || (button && queue.waiting > 0)) notice.replaceChildren(tooFast.content.cloneNode(true));
    // A burst ends with Enter, which would press what has the focus.
    if (button || handKeys.isBurst || wasTakenAway()) event.preventDefault();
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

  /* Words about a visitor are kept before the desk is left. */
  async function keepWordsThen(event, goOn) {
    if (words === null || words.isEmpty) return;
    event.preventDefault();
    await words.send();
    goOn();
  }
  for (const link of all("[data-leaves]")) {
    link.addEventListener("click", (event) => keepWordsThen(event, () => location.assign(link.href)));
  }
  for (const form of all("form:not([data-press], #panel-presses)")) {
    form.addEventListener("submit", (event) => keepWordsThen(event, () => form.submit()));
  }

  followPanel();
})();
