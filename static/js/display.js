"use strict";
/*
 * The lobby screen: one chime for each call, an honest mark while it can't be heard, and the newest call slides in. Both
 * follow the frame's `calls`, not the page. On a screen's first start what was called before stays silent; afterwards
 * this browser remembers what has been announced, so that a call made while the page loads itself anew is made up.
 */
(() => {
  const SPOKEN_FOR = 60_000; // ms after which a call that was missed is no longer announced
  const REMEMBERED = 100; // calls; a screen runs for years
  const board = document.querySelector("[data-board]");
  const mark = document.querySelector("[data-sound-unlock]");
  const memory = `announced ${board.dataset.branch}`;
  const { since, announced } = recall();
  const shown = new Set(Array.from(board.querySelectorAll("[data-call]"), (call) => call.dataset.call));

  /* Since when calls are announced here, and which have been. */
  function recall() {
    try {
      const { since, announced } = JSON.parse(localStorage.getItem(memory));
      return { since: Number(since), announced: new Set(announced) };
    } catch {
      return { since: Number(board.dataset.at), announced: new Set() };
    }
  }

  function keep() {
    try {
      localStorage.setItem(memory, JSON.stringify({ since, announced: Array.from(announced) }));
    } catch {
      // A browser that keeps nothing: a reload is a first start.
    }
  }

  document.addEventListener("live:frame", ({ detail: frame }) => {
    const fresh = frame.calls.filter(
      (call) => !announced.has(call.id) && call.at > since && frame.at - call.at < SPOKEN_FOR,
    );
    fresh.sort((one, other) => one.id - other.id); // as they were called
    for (const call of fresh) {
      remember(announced, call.id);
      sound.chime();
    }
    if (fresh.length > 0) keep();
    for (const call of board.querySelectorAll("[data-call]")) {
      call.classList.toggle("arriving", call.classList.contains("call-newest") && !shown.has(call.dataset.call));
      remember(shown, call.dataset.call);
    }
  });

  function remember(set, value) {
    set.add(value);
    if (set.size > REMEMBERED) set.delete(set.values().next().value);
  }

  keep();

  function showMark() {
    mark.hidden = sound.ready();
  }
  document.addEventListener("sound:changed", showMark);
  document.addEventListener("pointerdown", sound.unlock);
  document.addEventListener("keydown", sound.unlock);
  showMark();

  // A lobby screen must not fall asleep; where the browser doesn't offer this, its own settings must see to it.
  const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => null);
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
})();
