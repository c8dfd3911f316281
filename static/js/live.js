"use strict";
/*
 * Keeps a page true: swaps in what the server sends, confirms it, notices silence, reconnects after every kind of
 * close, and says how old the page is. The server's side and every message: docs/live.md.
 *
 * The page marks its root with [data-live-socket] (see templates/_live.html) and what is swapped with [data-live-view].
 * Others listen to "live:frame" (detail: the frame) and "live:view" (a page or a view has come in) on the document.
 */
(() => {
  const STALE_AFTER = 4200; // ms without a sign of life until the page says that it may be out of date
  const ASK_EVERY = 3000; // ms between two questions over HTTP while the socket is down
  const FIRST_RETRY = 500;
  const LAST_RETRY = 15000;
  const CONFIRM_WITHIN = 2500; // ms over which a hall's screens spread their confirmations of a frame
  const MANY_OWED = 4; // half of the server's window: then it is confirmed soon, beats too
  const SOON = 500;
  const GREETED_WITHIN = 15000; // ms that a new socket may wait for the server's greeting
  const NEWER_FOR = 5000; // ms for which the answer to a press outranks a frame that was read before it

  const AS_WRITTEN_HERE = { sv: "sv-FI", en: "en-GB" }; // times are written as the server writes them

  let root = null;
  let socket = null;
  let retries = 0;
  let owed = 0; // frames and beats read, but not confirmed yet
  let readLast = ""; // the key that the next confirmation carries
  let confirmAt = Infinity;
  let confirmTimer = 0;
  let retryTimer = 0;
  let askedAt = 0; // performance.now() when the present socket was asked for
  let serverTime = 0; // ms since the epoch, as of `heardAt`
  let heardAt = 0; // performance.now() when the server last confirmed what the page shows
  let pressing = false;
  let waitingFrame = null;
  let shownMarkup = ""; // as the server sent it, before anything here counts or marks in it

  const view = () => root && root.querySelector("[data-live-view]");

  /* The server's clock, carried on by ours. */
  const now = () => serverTime + (performance.now() - heardAt);

  function write(element, instant, options) {
    const language = element.closest("[lang]").lang;
    element.textContent = new Intl.DateTimeFormat(AS_WRITTEN_HERE[language] ?? language, {
      ...options,
      timeZone: root.dataset.timeZone,
      hourCycle: "h23",
    }).format(instant);
  }

  function tick() {
    if (!root || !root.isConnected) return;
    root.toggleAttribute("data-stale", performance.now() - heardAt > STALE_AFTER);
    document.querySelectorAll("[data-clock]").forEach((clock) => write(clock, now(), { timeStyle: "short" }));
    document.querySelectorAll("[data-since]").forEach((since) => {
      const seconds = Math.max(0, Math.floor((now() - Number(since.dataset.since)) / 1000));
      since.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    });
    /* What may be done until then only: the seconds that are left, and gone with the last one. */
    document.querySelectorAll("[data-until]").forEach((until) => {
      const seconds = Math.ceil((Number(until.dataset.until) - now()) / 1000);
      until.textContent = Math.max(0, seconds);
      if (seconds <= 0) until.closest("[data-ends]").hidden = true;
    });
  }

  function heard(at, rev) {
    serverTime = at;
    heardAt = performance.now();
    root.dataset.at = at;
    root.dataset.rev = rev;
    document.querySelectorAll("[data-as-of]").forEach((time) => write(time, at, { timeStyle: "medium" }));
    tick();
  }

  /* What is this visitor's alone goes into the markup that all share. */
  function fill(content, own) {
    content.querySelectorAll("[data-own]").forEach((element) => {
      element.textContent = own[element.dataset.own];
    });
    content.querySelectorAll("[data-place]").forEach((element) => {
      element.dataset.place = own.place;
    });
  }

  function swap(frame) {
    const template = document.createElement("template");
    template.innerHTML = frame.html;
    if (frame.own) fill(template.content, frame.own);
    const markup = template.innerHTML.trim();
    if (markup === shownMarkup) return;
    shownMarkup = markup;
    const shown = view();
    const focused = document.activeElement;
    const id = shown.contains(focused) ? focused.id : "";
    shown.replaceChildren(template.content);
    if (id) document.getElementById(id)?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("live:view"));
  }

  function apply(frame) {
    if (frame.html !== undefined) {
      const age = Number(root.dataset.at) - frame.at;
      if (age > 0 && age < NEWER_FOR) return;
      if (pressing) {
        waitingFrame = frame;
        return;
      }
      swap(frame);
    }
    heard(frame.at, frame.rev);
    if (frame.html !== undefined) document.dispatchEvent(new CustomEvent("live:frame", { detail: frame }));
    if (frame.build !== root.dataset.build) {
      // Not all screens of a house at once.
      root.dataset.build = frame.build;
      setTimeout(() => location.reload(), Math.random() * 4000);
    }
  }

  /* Not at once: while a server hands out a frame to thousands, the first ones' thanks would hold up the others. */
  function owe(frame) {
    owed += 1;
    readLast = frame.key;
    if (frame.html === undefined && owed < MANY_OWED) return;
    const at = performance.now() + Math.random() * (owed < MANY_OWED ? CONFIRM_WITHIN : SOON);
    if (at > confirmAt) return;
    confirmAt = at;
    clearTimeout(confirmTimer);
    confirmTimer = setTimeout(confirm, at - performance.now());
  }

  function confirm() {
    owed = 0;
    confirmAt = Infinity;
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ key: readLast }));
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
    const delay = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** retries) * (0.5 + Math.random());
    retries += 1;
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, delay);
  }

  /* The same frame over HTTP, while the socket is down. A refusal is final: the page itself then says why. */
  async function ask() {
    if (!root || !root.isConnected) return;
    const asked = root;
    try {
      const answer = await fetch(asked.dataset.liveFrame, { signal: AbortSignal.timeout(ASK_EVERY) });
      if (asked !== root) return;
      if (answer.redirected || [401, 403, 404].includes(answer.status)) location.reload();
      else if (answer.ok) apply(await answer.json());
    } catch {
      // Nobody there: the page says how old it is, and asks again.
    }
  }

  function watch() {
    if (!root || !root.isConnected) return;
    const silence = performance.now() - heardAt;
    const greeted = socket?.readyState === WebSocket.OPEN;
    if (greeted && silence < STALE_AFTER) return;
    // Who is still in line to be greeted, after thousands came back at once, must not go to its end again.
    const inLine = socket && !greeted && performance.now() - askedAt < GREETED_WITHIN;
    if (socket && !inLine && silence > STALE_AFTER) reconnectSoon();
    ask();
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

  /* What is being pressed stays where it is until the press is done. */
  function release() {
    setTimeout(() => {
      pressing = false;
      const frame = waitingFrame;
      waitingFrame = null;
      if (frame && root) apply(frame);
    });
  }
  document.addEventListener("pointerdown", () => (pressing = true), true);
  document.addEventListener("pointerup", release, true);
  document.addEventListener("pointercancel", release, true);

  /* The answer to a press carries its own stamp, newer than any frame read before it. */
  document.addEventListener("htmx:afterSettle", () => {
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
