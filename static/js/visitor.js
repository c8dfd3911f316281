"use strict";
/*
 * The visitor's phone: a call is told so that nobody misses it, by the page itself (all of it turns), its title, a
 * vibration, and a sound once a touch has allowed it. A recall tells it again.
 */
(() => {
  const page = document.querySelector("[data-number]");
  const button = document.querySelector("[data-sound-unlock]");
  const on = document.querySelector("[data-sound-on]");
  const title = document.title;
  const turn = document.querySelector("[data-title-called]").content.textContent.trim();
  const BLINKS_EVERY = 1200; // ms
  const RINGS = 3;
  let call = Number(page.dataset.call);
  let blinking = 0;

  const state = () => page.querySelector("[data-state]").dataset.state;

  async function tell() {
    navigator.vibrate?.([400, 200, 400, 200, 800]);
    for (let ring = 0; ring < RINGS; ring += 1) {
      // biome-ignore lint/performance/noAwaitInLoops: one after another is how it is meant to sound
      await sound.chime();
    }
  }

  function showTitle() {
    const called = state() === "CALLED";
    if (called && !blinking) {
      let odd = false;
      blinking = setInterval(() => {
        odd = !odd;
        document.title = odd ? `● ${turn}` : title;
      }, BLINKS_EVERY);
    } else if (!called) {
      clearInterval(blinking);
      blinking = 0;
    }
    document.title = called ? `● ${turn}` : title;
  }

  document.addEventListener("live:frame", ({ detail: frame }) => {
    if (frame.own.call > call) tell();
    call = Math.max(call, frame.own.call);
    showTitle();
    showSound();
  });

  function showSound() {
    const matters = ["WAITING", "HELD"].includes(state());
    button.hidden = !matters || sound.ready();
    on.hidden = !(matters && sound.ready());
  }
  document.addEventListener("sound:changed", showSound);
  button.addEventListener("click", async () => {
    await sound.unlock();
    sound.chime();
  });
  navigator.wakeLock?.request("screen").catch(() => null);
  showTitle();
  showSound();
})();
