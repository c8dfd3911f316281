"use strict";
/*
 * Keeps a page true: swaps in what the server sends, confirms it, notices silence, reconnects after every kind of
 * close, and says how old the page is. The server's side and every message: docs/live.md; after how long each of these
 * happens: live-decisions.js.
 *
 * The page marks its root with [data-live-socket] (see templates/_live.html) and what is swapped with [data-live-view].
 * Others listen to "live:frame" (detail: the frame) and "live:view" (a page or a view has come in) on the document.
 */
(() => {
  const { isStale, retryDelay, remedy, isRefusal, hasView, isOutranked, reloadDelay, Confirmations } = liveDecisions;
  const ASK_EVERY = 3000; // ms between two questions over HTTP while the socket is down
  const PRESS_LASTS = 2000; // ms for which a view is held still under a finger
  const MOVED_BY = 6; // px from which what can be pressed counts as moved
  const SETTLES_IN = 500; // ms after that in which a press was meant for what stood there before
  const PRESSABLE = "a, button, input, label, select, summary, textarea";
  const AS_WRITTEN_HERE = { sv: "sv-FI", en: "en-GB" }; // times are written as the server writes them
  const confirmations = new Confirmations();

  let root = null;
  let socket = null;
  let retries = 0;
  let confirmTimer = 0;
  let retryTimer = 0;
  let askedAt = 0; // performance.now() when the present socket was asked for
  let serverTime = 0; // ms since the epoch, as of `heardAt`
  let heardAt = 0; // performance.now() when the server last confirmed what the page shows
  let pressing = 0; // the timer that ends what is held still for a press; 0: nothing is
  let waitingFrame = null;
  let presses = 0; // sent, and not answered yet
  let movedAt = new WeakMap(); // when news has moved what can be pressed, or put it there (performance.now())
  let shownMarkup = ""; // as the server sent it, before anything here counts or marks in it

  const view = () => root?.querySelector("[data-live-view]");

  /* The server's clock, carried on by ours. */
  const serverNow = () => serverTime + (performance.now() - heardAt);

  function write(element, instant, options) {
    const language = element.closest("[lang]").lang;
    element.textContent = new Intl.DateTimeFormat(AS_WRITTEN_HERE[language] ?? language, {
      ...options,
      timeZone: root.dataset.timeZone,
      hourCycle: "h23",
    }).format(instant);
  }

  function tick() {
    if (!root?.isConnected) return;
    root.toggleAttribute("data-stale", isStale(performance.now() - heardAt));
    for (const clock of document.querySelectorAll("[data-clock]")) write(clock, serverNow(), { timeStyle: "short" });
    for (const since of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((serverNow() - Number(since.dataset.since)) / 1000));
      since.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
    /* What may be done until then only: the seconds that are left, and gone with the last one. */
    for (const until of document.querySelectorAll("[data-until]")) {
      const seconds = Math.ceil((Number(until.dataset.until) - serverNow()) / 1000);
      until.textContent = Math.max(0, seconds);
      if (seconds <= 0) until.closest("[data-ends]").hidden = true;
    }
  }

  function heard(at, rev) {
    serverTime = at;
    heardAt = performance.now();
    root.dataset.at = at;
    root.dataset.rev = rev;
    for (const time of document.querySelectorAll("[data-as-of]")) write(time, at, { timeStyle: "medium" });
    tick();
  }

  /* What is this visitor's alone goes into the markup that all share. */
  function fill(content, own) {
    for (const element of content.querySelectorAll("[data-own]")) element.textContent = own[element.dataset.own];
    for (const element of content.querySelectorAll("[data-place]")) element.dataset.place = own.place;
  }

  function swap(frame) {
    const template = document.createElement("template");
    template.innerHTML = frame.html;
    if (frame.own) fill(template.content, frame.own);
    const markup = template.innerHTML.trim();
    if (markup === shownMarkup) return;
    shownMarkup = markup;
    const shown = view();
    const places = placesToPress();
    const focused = document.activeElement;
    const id = shown.contains(focused) ? focused.id : "";
    shown.replaceChildren(template.content);
    if (id) document.getElementById(id)?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("live:view"));
    // What one's own press moves is its answer: the hand knows of it.
    if (presses === 0) noteMoves(places);
  }

  const pressables = () => Array.from(document.querySelectorAll(PRESSABLE));

  /* Where each thing that can be pressed stands, by what stays the same of it when the view is swapped. */
  function placesToPress() {
    return new Map(pressables().map((one) => [one.id || one, one.getBoundingClientRect()]));
  }

  function noteMoves(before) {
    for (const one of pressables()) {
      const now = one.getBoundingClientRect();
      const then = before.get(one.id || one);
      const distance = then ? Math.max(Math.abs(then.left - now.left), Math.abs(then.top - now.top)) : MOVED_BY + 1;
      if (distance > MOVED_BY) movedAt.set(one, performance.now());
    }
  }

  /* News has just moved what is under the finger: this press was meant for what stood there. Keys press what has the
     focus, wherever that stands. */
  document.addEventListener(
    "click",
    (event) => {
      const pressed = event.target.closest(PRESSABLE);
      const isByKey = event.detail === 0;
      if (isByKey || !(performance.now() - movedAt.get(pressed) < SETTLES_IN)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  function apply(frame) {
    if (isOutranked(frame, Number(root.dataset.at))) return;
    if (hasView(frame)) {
      if (pressing) {
        waitingFrame = frame;
        return;
      }
      swap(frame);
    }
    // A heartbeat vouches for the view that was sent last, which isn't shown yet.
    if (waitingFrame) return;
    heard(frame.at, frame.rev);
    if (hasView(frame)) document.dispatchEvent(new CustomEvent("live:frame", { detail: frame }));
    const delay = reloadDelay(frame, root.dataset.build, Math.random());
    if (delay !== null) {
      root.dataset.build = frame.build;
      setTimeout(() => location.reload(), delay);
    }
  }

  function owe(frame) {
    const now = performance.now();
    const at = confirmations.read(frame, now, Math.random());
    if (at === null) return;
    clearTimeout(confirmTimer);
    confirmTimer = setTimeout(confirm, at - now);
  }

  function confirm() {
    const confirmation = confirmations.take();
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(confirmation));
  }

  function connect() {
    clearTimeout(retryTimer);
    const address = new URL(root.dataset.liveSocket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const mine = new WebSocket(address);
    socket = mine;
    askedAt = performance.now();
    mine.addEventListener("message", (message) => {
      if (socket !== mine) return;
      const frame = JSON.parse(message.data);
      retries = 0;
      owe(frame);
      apply(frame);
    });
    mine.addEventListener("close", () => {
      if (socket === mine) reconnectSoon();
    });
  }

  function reconnectSoon() {
    const old = socket;
    socket = null;
    old?.close();
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, retryDelay(retries, Math.random()));
    retries += 1;
  }

  /* The same frame over HTTP, while the socket is down. */
  async function ask() {
    if (!root?.isConnected) return;
    const asked = root;
    try {
      const answer = await fetch(asked.dataset.liveFrame, { signal: AbortSignal.timeout(ASK_EVERY) });
      if (asked !== root) return;
      if (isRefusal(answer)) location.reload();
      else if (answer.ok) apply(await answer.json());
    } catch {
      // Nobody there: the page says how old it is, and asks again.
    }
  }

  function watch() {
    if (!root?.isConnected) return;
    const now = performance.now();
    const { asks, reconnects } = remedy(now - heardAt, socket, now - askedAt);
    if (reconnects) reconnectSoon();
    if (asks) ask();
  }

  /* A page has come in: listen where it says. Called again after the kiosk has swapped its page. */
  function begin() {
    const found = document.querySelector("[data-live-socket]");
    if (found === root) return;
    root = found;
    waitingFrame = null;
    retries = 0;
    const old = socket;
    socket = null;
    old?.close();
    clearTimeout(retryTimer);
    if (!root) return;
    shownMarkup = view().innerHTML.trim();
    heard(Number(root.dataset.at), root.dataset.rev);
    connect();
    document.dispatchEvent(new CustomEvent("live:view"));
  }

  /* What is being pressed stays where it is until the press is done, for a moment only: a leaning hand, a wet screen or
     a lost release must not keep a page from being true. Where nothing can be pressed, nothing is held. */
  function release() {
    clearTimeout(pressing);
    pressing = 0;
    const frame = waitingFrame;
    waitingFrame = null;
    if (frame && root?.isConnected) apply(frame);
  }
  function hold(event) {
    if (!(root?.isConnected && event.target.closest(PRESSABLE))) return;
    clearTimeout(pressing);
    pressing = setTimeout(release, PRESS_LASTS);
  }
  const releaseSoon = () => pressing && setTimeout(release);
  document.addEventListener("pointerdown", hold, true);
  document.addEventListener("pointerup", releaseSoon, true);
  document.addEventListener("pointercancel", releaseSoon, true);

  document.addEventListener("htmx:beforeSend", () => {
    presses += 1;
  });
  document.addEventListener("htmx:afterRequest", () => {
    presses -= 1;
  });

  /* The answer to a press carries its own stamp, newer than any frame read before it. */
  document.addEventListener("htmx:afterSettle", () => {
    movedAt = new WeakMap();
    begin();
    const stamp = view()?.querySelector("[data-answered-at]");
    if (stamp) {
      shownMarkup = "";
      heard(Number(stamp.dataset.answeredAt), stamp.dataset.answeredRev);
    }
    document.dispatchEvent(new CustomEvent("live:view"));
  });

  window.addEventListener("online", () => root && reconnectSoon());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  setInterval(tick, 250);
  setInterval(watch, ASK_EVERY);
  begin();
})();
