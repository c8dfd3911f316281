"use strict";
/*
 * What live.js decides, apart from the page, so that it can be tested without a browser (tests/js/). Times are in ms, as
 * performance.now() counts them; `chance` is a number from 0 to 1, as Math.random() gives it.
 */
globalThis.liveDecisions = (() => {
  const STALE_AFTER = 4200; // without a sign of life, until the page says that it may be out of date
  const FIRST_RETRY = 500;
  const LAST_RETRY = 15_000;
  const HANDSHAKE_WITHIN = 15_000; // for which a new socket may wait for the server's handshake
  const CONFIRM_WITHIN = 2500; // over which a branch's screens spread their confirmations of a frame
  const MANY_OWED = 4; // half of the server's window: then it is confirmed soon, heartbeats too
  const SOON = 500;
  const NEWER_FOR = 5000; // for which the answer to a press outranks a frame that was read before it
  const RELOAD_WITHIN = 4000; // over which a branch's screens spread their reloads after an upgrade

  const isStale = (silence) => silence > STALE_AFTER;

  /* How long to wait before the next try, after so many that failed. */
  const retryDelay = (retries, chance) => Math.min(LAST_RETRY, FIRST_RETRY * 2 ** retries) * (0.5 + chance);

  /*
   * What to do about a silence, with a socket (null: none) that was asked for so many ms ago: whether to ask over HTTP,
   * and whether to try another socket.
   */
  function remedy(silence, socket, connecting) {
    const isOpen = socket?.readyState === WebSocket.OPEN;
    if (isOpen && !isStale(silence)) return { asks: false, reconnects: false };
    // A page still in line for its handshake, after thousands came back at once, must not go to the line's end again.
    const isInLine = !isOpen && connecting < HANDSHAKE_WITHIN;
    return { asks: true, reconnects: socket !== null && !isInLine && isStale(silence) };
  }

  /* Over HTTP a refusal is final: the page itself, loaded anew, says what is the case. */
  const isRefusal = (answer) => answer.redirected || [401, 403, 404].includes(answer.status);

  /* A heartbeat is a frame without a view. */
  const hasView = (frame) => frame.html !== undefined;

  /* Whether a frame was read before what the page shows, as of `shownAt`. One far older comes from a clock set back. */
  function isOutranked(frame, shownAt) {
    const age = shownAt - frame.at;
    return hasView(frame) && age > 0 && age < NEWER_FOR;
  }

  /* How long until the page loads itself anew; null unless the frame is of another build. */
  const reloadDelay = (frame, build, chance) => (frame.build === build ? null : chance * RELOAD_WITHIN);

  /*
   * When what was read is confirmed. Not at once: while a server hands out a frame to thousands, the first ones'
   * confirmations would hold up the others.
   */
  class Confirmations {
    #owed = 0; // frames and heartbeats read, but not confirmed yet
    #newest = ""; // the key that the next confirmation carries
    #dueAt = Number.POSITIVE_INFINITY;

    /* A frame has been read. Returns when to confirm, if that is sooner than it was before; else null. */
    read(frame, now, chance) {
      this.#owed += 1;
      this.#newest = frame.key;
      const isMany = this.#owed >= MANY_OWED;
      if (!(hasView(frame) || isMany)) return null;
      const at = now + chance * (isMany ? SOON : CONFIRM_WITHIN);
      if (at > this.#dueAt) return null;
      this.#dueAt = at;
      return at;
    }

    /* What to send now; nothing is owed any more. */
    take() {
      this.#owed = 0;
      this.#dueAt = Number.POSITIVE_INFINITY;
      return { key: this.#newest };
    }
  }

  return { isStale, retryDelay, remedy, isRefusal, hasView, isOutranked, reloadDelay, Confirmations };
})();
