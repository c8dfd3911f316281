"use strict";
/*
 * The lobby screen: one chime for each call, an honest mark while it can't be heard, and the newest call slides in.
 * Both follow the frame's `calls`, not the page: what was called before the page came up stays silent.
 */
(() => {
  const SPOKEN_FOR = 60_000; // ms after which a call that was missed is no longer announced
  const REMEMBERED = 100; // calls; a screen runs for years
  const board = document.querySelector("[data-board]");
  const mark = document.querySelector("[data-sound-unlock]");
  const openedAt = Number(board.dataset.at);
  const announced = new Set();
  const shown = new Set(Array.from(board.querySelectorAll("[data-call]"), (call) => call.dataset.call));

  document.addEventListener("live:frame", ({ detail: frame }) => {
    const fresh = frame.calls.filter(
      (call) => !announced.has(call.id) && call.at > openedAt && frame.at - call.at < SPOKEN_FOR,
    );
    // Oldest first, as they were called.
    for (const call of fresh.reverse()) {
      remember(announced, call.id);
      sound.chime();
    }
    for (const call of board.querySelectorAll("[data-call]")) {
      call.classList.toggle("arriving", call.classList.contains("call-newest") && !shown.has(call.dataset.call));
      remember(shown, call.dataset.call);
    }
  });

  function remember(set, value) {
    set.add(value);
    if (set.size > REMEMBERED) set.delete(set.values().next().value);
  }

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
