"use strict";
const assert = require("node:assert/strict");
const { beforeEach, test } = require("node:test");
require("../../static/js/hand-keys.js");
const { HandKeys } = globalThis;

let keys;
let timers;
let pressed;

beforeEach(() => {
  timers = new Map();
  pressed = [];
  let next = 0;
  const delay = (act, after) => {
    next += 1;
    timers.set(next, { act, after });
    return next;
  };
  keys = new HandKeys(delay, (timer) => timers.delete(timer));
});

/* Keys at these times, each a press of its own name; what was pressed once all is quiet. */
function type(...times) {
  const begins = times.map((time) => keys.heard(time, () => pressed.push(time)));
  for (const { act } of timers.values()) act();
  timers.clear();
  return begins.filter(Boolean).length;
}

test("a key by itself is a press", () => {
  assert.equal(type(1000), 0);
  assert.deepEqual(pressed, [1000]);
});

test("keys at a hand's pace are presses, each of them", () => {
  assert.equal(type(1000, 1200, 1400), 0);
  assert.deepEqual(pressed, [1000, 1200, 1400]);
});

test("of a scanner's burst not even the first key is a press, and it is said once", () => {
  assert.equal(type(...Array.from({ length: 14 }, (_one, place) => 1000 + 4 * place)), 1);
  assert.deepEqual(pressed, []);
  assert.equal(keys.isBurst, true);
});

test("two keys at once are none", () => {
  assert.equal(type(1000, 1079), 1);
  assert.deepEqual(pressed, []);
});

test("after a burst there is a pause before keys are presses again", () => {
  type(1000, 1010);
  type(1200);
  assert.deepEqual(pressed, [], "its last key");
  type(1700);
  assert.deepEqual(pressed, [1700]);
});

test("a key without a press of its own spoils the one beside it, too", () => {
  keys.heard(1000, () => pressed.push(1000));
  assert.equal(keys.heard(1010, null), true);
  assert.equal(timers.size, 0);
});

test("nobody is finished or absent by a key within a second of a call", () => {
  for (const action of ["absent", "finish"]) {
    assert.equal(HandKeys.isTooSoon(action, 999, true), true);
    assert.equal(HandKeys.isTooSoon(action, 1000, true), false);
  }
});

test("a visit isn't begun by the key that was meant to call, when the desk has just called by itself", () => {
  assert.equal(HandKeys.isTooSoon("start", 300, false), true);
  assert.equal(HandKeys.isTooSoon("start", 300, true), false);
  assert.equal(HandKeys.isTooSoon("recall", 0, false), false);
});
