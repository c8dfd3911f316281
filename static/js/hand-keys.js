"use strict";
/*
 * Which keys are presses of a hand. A scanner, a sleeve or a cat sends keys faster than that; a word goes on being typed
 * where its field was taken away. Apart from the page, so that it can be tested without a browser (tests/js/). Times are
 * in ms, as performance.now() counts them.
 */
globalThis.HandKeys = class HandKeys {
  static TOGETHER = 80; // keys closer than this are no hand's
  static QUIET = 400; // without a key, until a burst is over
  static JUST_CALLED = 1000; // in which nobody who has just been called can stand at the desk

  #lastAt = Number.NEGATIVE_INFINITY;
  #isBurst = false;
  #waiting = 0;
  #delay;
  #cancel;

  /* `delay` and `cancel` are setTimeout and clearTimeout. */
  constructor(delay, cancel) {
    this.#delay = delay;
    this.#cancel = cancel;
  }

  /*
   * A key has come. Makes its press a moment later, unless others come with it. True if it begins a burst, which is
   * worth a word.
   */
  heard(now, press) {
    const gap = now - this.#lastAt;
    this.#lastAt = now;
    if (gap < HandKeys.TOGETHER) {
      this.#cancel(this.#waiting);
      const begins = !this.#isBurst;
      this.#isBurst = true;
      return begins;
    }
    this.#isBurst = this.#isBurst && gap < HandKeys.QUIET;
    if (!this.#isBurst && press) this.#waiting = this.#delay(press, HandKeys.TOGETHER);
    return false;
  }

  /* Whether the key that was heard last came in a burst: then it presses nothing that has the focus, either. */
  get isBurst() {
    return this.#isBurst;
  }

  /* Whether a key may do this, so long after a visitor was called: by the one who presses (`isOwn`), or by itself. */
  static isTooSoon(action, sinceCall, isOwn) {
    if (sinceCall >= HandKeys.JUST_CALLED) return false;
    return ["absent", "finish"].includes(action) || (action === "start" && !isOwn);
  }
};
