"use strict";
const assert = require("node:assert/strict");
const { beforeEach, test } = require("node:test");
require("../../static/js/press-queue.js");

const CALL = { elt: "call", path: "/desk/1/call-next/" };
const START = { elt: "start", path: "/desk/1/start/" };
const HOLD = { elt: "hold", path: "/desk/1/hold/" };

let queue;
let requests; // the elements whose presses were sent, in this order: what stands in for htmx and the server

beforeEach(() => {
  queue = new globalThis.PressQueue();
  requests = [];
});

function send(what) {
  requests.push(what.elt);
  queue.sent(`request ${requests.length}`);
}

/* A press as htmx tells of it: sent at once where the queue lets it, later by the queue. */
function press(what, values = {}) {
  if (queue.admits({ ...what, values, send: () => send(what) })) send(what);
}

/* The answer to the request sent last. */
function answer() {
  const answered = queue.answered(`request ${requests.length}`);
  queue.sendNext();
  return answered?.elt ?? null;
}

test("a press is sent at once, and known again by its answer", () => {
  press(CALL);
  assert.deepEqual(requests, ["call"]);
  assert.equal(answer(), "call");
});

test("a double press is one press", () => {
  press(CALL);
  press(CALL);
  assert.equal(answer(), "call");
  assert.deepEqual(requests, ["call"]);
});

test("after the answer the same press is another one", () => {
  press(CALL);
  answer();
  press(CALL);
  assert.deepEqual(requests, ["call", "call"]);
});

test("another press waits for the answer to the first", () => {
  press(CALL);
  press(START);
  assert.deepEqual(requests, ["call"]);
  answer();
  assert.deepEqual(requests, ["call", "start"]);
  assert.equal(answer(), "start");
});

test("those that wait are sent one for each answer, in their order", () => {
  press(CALL);
  press(START);
  press(HOLD);
  answer();
  assert.deepEqual(requests, ["call", "start"]);
  answer();
  assert.deepEqual(requests, ["call", "start", "hold"]);
});

test("a double press of one that waits is one press", () => {
  press(CALL);
  press(START);
  press(START);
  answer();
  answer();
  assert.deepEqual(requests, ["call", "start"]);
});

test("the same press once more after another one is not a double press", () => {
  press(CALL);
  press(START);
  press(CALL);
  answer();
  answer();
  assert.deepEqual(requests, ["call", "start", "call"]);
});

test("a press with another button, address or value is another press", () => {
  press(CALL, { to: "1" });
  press(CALL, { to: "1" });
  press(CALL, { to: "2" });
  press({ ...CALL, path: START.path }, { to: "2" });
  press({ ...START }, { to: "2" });
  for (let answers = 0; answers < 4; answers += 1) answer();
  assert.deepEqual(requests, ["call", "call", "call", "start"]);
});

test("only the answer's first piece counts, and no other request", () => {
  press(CALL);
  assert.equal(queue.answered("another"), null);
  assert.equal(queue.answered("request 1").elt, "call");
  assert.equal(queue.answered("request 1"), null);
});

test("a press that can't be sent any more holds no other one back", () => {
  press(CALL);
  queue.admits({ ...HOLD, values: {}, send: () => null });
  press(START);
  answer();
  assert.deepEqual(requests, ["call", "start"]);
});

test("a failure empties the queue, and the next press is sent at once", () => {
  press(CALL);
  press(START);
  queue.empty();
  queue.sendNext();
  assert.deepEqual(requests, ["call"]);
  press(HOLD);
  assert.deepEqual(requests, ["call", "hold"]);
});
