"use strict";
/*
 * The presses of one desk: the same press again while it is on its way is one press; another one waits for the answer to
 * the first. Apart from the page, so that it can be tested without a browser (tests/js/).
 */
globalThis.PressQueue = class PressQueue {
  #about = null; // the press that is about to be sent
  #unanswered = null; // the press that is on its way, and its request
  #waiting = [];

  /* Whether this press may be sent at once: `elt`, `path` and `values` say which it is, `send` sends it later. */
  admits(press) {
    if (this.#unanswered === null) {
      this.#about = press;
      return true;
    }
    const last = this.#waiting.at(-1) ?? this.#unanswered.press;
    if (!PressQueue.#isAgain(press, last)) this.#waiting.push(press);
    return false;
  }

  /* The press that was about to be sent is on its way, as this request. */
  sent(xhr) {
    this.#unanswered = { press: this.#about, xhr };
  }

  /* The press that this request was; null for any other request, and for a press that is answered already. */
  answered(xhr) {
    if (this.#unanswered === null || this.#unanswered.xhr !== xhr) return null;
    const { press } = this.#unanswered;
    this.#unanswered = null;
    return press;
  }

  /* Those that can't be sent any more are passed over. */
  sendNext() {
    while (this.#unanswered === null && this.#waiting.length > 0) {
      this.#about = this.#waiting.shift();
      this.#about.send();
    }
  }

  /* How many presses wait for the answer to another. */
  get waiting() {
    return this.#waiting.length;
  }

  get isBusy() {
    return this.#unanswered !== null;
  }

  /* Nothing was answered: what waited was meant for a state that may not come. */
  empty() {
    this.#unanswered = null;
    this.#waiting = [];
  }

  static #isAgain(press, last) {
    const isSame = press.elt === last.elt && press.path === last.path;
    return isSame && JSON.stringify(press.values) === JSON.stringify(last.values);
  }
};
