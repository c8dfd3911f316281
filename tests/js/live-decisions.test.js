"use strict";
const assert = require("node:assert/strict");
const { describe, test } = require("node:test");
require("../../static/js/live-decisions.js");

const { isStale, retryDelay, remedy, isRefusal, isOutranked, reloadDelay, Confirmations } = globalThis.liveDecisions;

const OPEN = { readyState: WebSocket.OPEN };
const CONNECTING = { readyState: WebSocket.CONNECTING };
const FRESH = 4200; // ms of silence up to which a page says nothing
const STALE = FRESH + 1;
const IN_LINE = 14_999; // ms for which a socket waits for its handshake at most
const HEARTBEAT = { rev: 7, at: 1000, build: "a", key: "beat" };
const VIEW = { ...HEARTBEAT, html: "", key: "view" };

describe("a page is stale", () => {
  test("after 4.2 s without a sign of life, not before", () => {
    assert.equal(isStale(0), false);
    assert.equal(isStale(FRESH), false);
    assert.equal(isStale(STALE), true);
  });

  test("and then asks over HTTP, and tries another socket", () => {
    assert.deepEqual(remedy(STALE, OPEN, 60_000), { asks: true, reconnects: true });
    assert.deepEqual(remedy(STALE, OPEN, STALE), { asks: true, reconnects: true });
  });

  test("and while it is fresh does neither", () => {
    assert.deepEqual(remedy(FRESH, OPEN, 60_000), { asks: false, reconnects: false });
  });

  test("or soon will be without an open socket: it asks at once", () => {
    assert.deepEqual(remedy(0, null, 0), { asks: true, reconnects: false });
    assert.deepEqual(remedy(0, CONNECTING, 0), { asks: true, reconnects: false });
  });

  test("and between two tries leaves the next one to the back-off", () => {
    assert.deepEqual(remedy(STALE, null, 60_000), { asks: true, reconnects: false });
  });

  test("and keeps its place in line for the handshake for 15 s", () => {
    assert.deepEqual(remedy(STALE, CONNECTING, IN_LINE), { asks: true, reconnects: false });
    assert.deepEqual(remedy(STALE, CONNECTING, IN_LINE + 1), { asks: true, reconnects: true });
    assert.deepEqual(remedy(FRESH, CONNECTING, IN_LINE + 1), { asks: true, reconnects: false });
  });
});

describe("the back-off", () => {
  const middle = (retries) => retryDelay(retries, 0.5);

  test("doubles from half a second to 15 s, and stays there", () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(middle), [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    assert.equal(middle(10_000), 15_000);
  });

  test("spreads each try from half to one and a half times that", () => {
    assert.equal(retryDelay(0, 0), 250);
    assert.equal(retryDelay(0, 1), 750);
    assert.equal(retryDelay(50, 0), 7500);
    assert.equal(retryDelay(50, 1), 22_500);
  });
});

describe("a confirmation", () => {
  test("of a view is spread over 2.5 s, and carries its key", () => {
    const confirmations = new Confirmations();
    assert.equal(confirmations.read(VIEW, 10_000, 1), 12_500);
    assert.deepEqual(confirmations.take(), { key: "view" });
  });

  test("of a heartbeat alone isn't owed until there are four", () => {
    const confirmations = new Confirmations();
    for (let beat = 1; beat < 4; beat += 1) assert.equal(confirmations.read(HEARTBEAT, beat, 0), null);
    assert.equal(confirmations.read(HEARTBEAT, 4, 1), 504);
  });

  test("carries the newest key, a heartbeat's too", () => {
    const confirmations = new Confirmations();
    confirmations.read(VIEW, 0, 0.5);
    confirmations.read(HEARTBEAT, 1, 0.5);
    assert.deepEqual(confirmations.take(), { key: "beat" });
  });

  test("is put forward by a frame that is due sooner, never put off", () => {
    const confirmations = new Confirmations();
    assert.equal(confirmations.read(VIEW, 0, 0.5), 1250);
    assert.equal(confirmations.read(VIEW, 100, 1), null);
    assert.equal(confirmations.read(VIEW, 200, 0.1), 450);
    assert.equal(confirmations.read(VIEW, 300, 1), null);
    assert.equal(confirmations.read(VIEW, 300, 0), 300);
  });

  test("pays for all that was read before it", () => {
    const confirmations = new Confirmations();
    for (let frame = 0; frame < 4; frame += 1) confirmations.read(VIEW, 0, 0.1);
    confirmations.take();
    assert.equal(confirmations.read(HEARTBEAT, 5000, 0), null);
    assert.equal(confirmations.read(VIEW, 5000, 1), 7500);
  });
});

describe("a frame", () => {
  test("that was read before the answer to a press is passed over", () => {
    assert.equal(isOutranked(VIEW, VIEW.at + 1), true);
    assert.equal(isOutranked(VIEW, VIEW.at + 4999), true);
  });

  test("as old as what is shown, or newer, is not", () => {
    assert.equal(isOutranked(VIEW, VIEW.at), false);
    assert.equal(isOutranked(VIEW, VIEW.at - 1), false);
  });

  test("of a server whose clock was set back is not", () => {
    assert.equal(isOutranked(VIEW, VIEW.at + 5000), false);
  });

  test("without a view has nothing to pass over", () => {
    assert.equal(isOutranked(HEARTBEAT, HEARTBEAT.at + 1), false);
  });

  test("of this build reloads nothing", () => {
    assert.equal(reloadDelay(VIEW, "a", 0), null);
  });

  test("of another build, a heartbeat too, reloads the page within four seconds", () => {
    assert.equal(reloadDelay(VIEW, "b", 0), 0);
    assert.equal(reloadDelay(HEARTBEAT, "b", 0.5), 2000);
    assert.equal(reloadDelay(HEARTBEAT, "b", 1), 4000);
  });
});

test("a refusal over HTTP is what the page itself must tell of; a failure is not", () => {
  const refusals = [401, 403, 404].map((status) => ({ status, redirected: false }));
  for (const answer of [...refusals, { status: 200, redirected: true }]) assert.equal(isRefusal(answer), true);
  for (const status of [200, 409, 500, 503]) assert.equal(isRefusal({ status, redirected: false }), false);
});
