"use strict";
/*
 * The chime, made here, so that there is nothing to fetch. One at a time, in a queue; after the chime there is room for
 * a voice. `sound.ready()` is false until a touch (or the browser's autoplay policy) has unlocked it.
 */
globalThis.sound = (() => {
  const Context = window.AudioContext || window.webkitAudioContext;
  const context = Context ? new Context() : null;
  const NOTES = [
    { at: 0, pitch: 659.25 },
    { at: 0.28, pitch: 523.25 },
  ];
  const LASTS = 1.3; // seconds until the next one may begin
  let free = 0; // when, in the context's time

  const ready = () => context !== null && context.state === "running";

  /* Resolves when the chime is over; silently at once while the sound is blocked. */
  function chime() {
    if (!ready()) return Promise.resolve();
    document.dispatchEvent(new CustomEvent("sound:chime"));
    const begin = Math.max(context.currentTime, free);
    free = begin + LASTS;
    for (const note of NOTES) {
      const tone = context.createOscillator();
      const level = context.createGain();
      tone.frequency.value = note.pitch;
      level.gain.setValueAtTime(0, begin + note.at);
      level.gain.linearRampToValueAtTime(0.5, begin + note.at + 0.02);
      level.gain.exponentialRampToValueAtTime(0.001, begin + note.at + 0.9);
      tone.connect(level).connect(context.destination);
      tone.start(begin + note.at);
      tone.stop(begin + note.at + 1);
    }
    return new Promise((done) => setTimeout(done, (free - context.currentTime) * 1000));
  }

  async function unlock() {
    await context?.resume();
    document.dispatchEvent(new CustomEvent("sound:changed"));
  }

  context?.addEventListener("statechange", () => document.dispatchEvent(new CustomEvent("sound:changed")));
  return { ready, chime, unlock };
})();
