import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { backoffMs, openSocket } from "../../chat/static/chat/socket.js";

/** A browser whose clock stands still until it is moved. */
class FakeBrowser {
  constructor() {
    this.now = 0;
    this.tasks = new Map();
    this.serial = 0;
    this.sockets = [];
    this.luck = 0.5;
    this.window = new EventTarget();
    this.document = new EventTarget();
    this.document.visibilityState = "visible";
    this.random = () => this.luck;
    this.setTimeout = (act, ms) => {
      this.tasks.set((this.serial += 1), { at: this.now + ms, act });
      return this.serial;
    };
    this.clearTimeout = (id) => this.tasks.delete(id);
    this.connect = (url) => {
      const socket = { url, readyState: 0, sent: [], send: (text) => socket.sent.push(JSON.parse(text)), close: () => { socket.readyState = 3; } };
      this.sockets.push(socket);
      return socket;
    };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  pass(ms) {
    const until = this.now + ms;
    for (;;) {
      const due = [...this.tasks].filter(([, task]) => task.at <= until).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.tasks.delete(due[0]);
      this.now = due[1].at;
      due[1].act();
    }
    this.now = until;
  }

  /** Move the clock to where the next try is made, and no further. */
  untilNextTry() {
    const count = this.sockets.length;
    while (this.sockets.length === count) {
      const next = Math.min(...[...this.tasks.values()].map((task) => task.at));
      assert.ok(Number.isFinite(next), "nothing will try again");
      this.pass(next - this.now);
    }
  }

  accept() {
    this.socket.readyState = 1;
    this.socket.onopen();
  }

  say(frame) {
    this.socket.onmessage({ data: JSON.stringify(frame) });
  }

  cut(code = 1006) {
    this.socket.readyState = 3;
    this.socket.onclose({ code });
  }

  welcome() {
    this.accept();
    this.say({ type: "welcome" });
  }

  show(persisted = false) {
    this.window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
  }
}

let browser;
let states;
let frames;
let lastSeq;
const open = () =>
  openSocket(
    {
      url: "ws://here/ws/visitor/",
      hello: () => ({ type: "hello", v: 1, last_seq: lastSeq }),
      onFrame: (frame) => frames.push(frame.type),
      onState: (state, detail) => states.push(detail ? [state, detail.code] : state),
    },
    browser,
  );

beforeEach(() => {
  browser = new FakeBrowser();
  states = [];
  frames = [];
  lastSeq = 0;
});

test("the hello goes first, and the line is open at the first frame", () => {
  open();
  browser.accept();
  assert.deepEqual(states, ["connecting"]);
  assert.deepEqual(browser.socket.sent, [{ type: "hello", v: 1, last_seq: 0 }]);
  browser.say({ type: "welcome" });
  assert.deepEqual(states, ["connecting", "open"]);
  assert.deepEqual(frames, ["welcome"]);
});

test("nothing is sent on a line that is not there", () => {
  const socket = open();
  assert.equal(socket.send({ type: "leave" }), false);
  browser.welcome();
  assert.equal(socket.send({ type: "leave" }), true);
  browser.cut();
  assert.equal(socket.send({ type: "leave" }), false);
});

test("it comes back with the newest cursor", () => {
  open();
  browser.welcome();
  lastSeq = 5;
  browser.cut();
  browser.untilNextTry();
  browser.accept();
  assert.equal(browser.sockets.length, 2);
  assert.equal(browser.socket.sent[0].last_seq, 5);
});

test("the wait grows to a limit, and any part of it may be drawn", () => {
  assert.equal(backoffMs(0, () => 1), 500);
  assert.equal(backoffMs(3, () => 1), 4_000);
  assert.equal(backoffMs(50, () => 1), 15_000);
  assert.equal(backoffMs(50, () => 0), 0);
});

test("there is no last try", () => {
  open();
  for (let tries = 1; tries <= 200; tries += 1) {
    assert.equal(browser.sockets.length, tries);
    browser.cut();
    browser.untilNextTry();
  }
});

test("a welcome makes the waits short again", () => {
  browser.luck = 1;
  open();
  for (let tries = 0; tries < 8; tries += 1) {
    browser.cut();
    browser.untilNextTry();
  }
  browser.welcome();
  browser.cut();
  const count = browser.sockets.length;
  browser.pass(500); // the first step
  assert.equal(browser.sockets.length, count + 1);
});

test("a line that is accepted and cut before the welcome is not hammered", () => {
  browser.luck = 1;
  open();
  for (let tries = 0; tries < 6; tries += 1) {
    browser.accept();
    browser.cut();
    browser.untilNextTry();
  }
  const count = browser.sockets.length;
  browser.cut();
  browser.pass(14_999);
  assert.equal(browser.sockets.length, count);
});

for (const code of [4401, 4403, 4409]) {
  test(`after ${code} it stays away until asked`, () => {
    const socket = open();
    browser.welcome();
    browser.cut(code);
    browser.pass(60_000);
    browser.show();
    assert.equal(browser.sockets.length, 1);
    assert.deepEqual(states.at(-1), ["ended", code]);
    socket.retryNow();
    assert.equal(browser.sockets.length, 2);
  });
}

test("after 'too many' it waits, whatever was drawn", () => {
  browser.luck = 0;
  open();
  browser.welcome();
  browser.cut(4429);
  browser.pass(4_999);
  assert.equal(browser.sockets.length, 1);
  browser.pass(1);
  assert.equal(browser.sockets.length, 2);
});

test("a heartbeat goes out every 20 seconds", () => {
  open();
  browser.welcome();
  for (let beats = 1; beats <= 3; beats += 1) {
    browser.pass(20_000);
    assert.deepEqual(browser.socket.sent.at(-1), { type: "ping", id: String(beats) });
    browser.say({ type: "pong", id: String(beats) });
  }
  assert.equal(browser.sockets.length, 1);
});

test("a line that says nothing for 10 seconds is given up", () => {
  browser.luck = 0;
  open();
  browser.welcome();
  browser.pass(20_000);
  browser.pass(9_999);
  assert.equal(browser.sockets.length, 1);
  browser.pass(1);
  assert.equal(browser.sockets.length, 2);
  assert.deepEqual(states.slice(-2), [["lost", 0], "connecting"]);
});

test("a handshake that hangs is given up", () => {
  browser.luck = 0;
  open();
  browser.pass(10_000);
  assert.equal(browser.sockets.length, 2);
});

test("a page that is shown again while the line is away connects at once", () => {
  browser.luck = 1;
  open();
  for (let tries = 0; tries < 6; tries += 1) {
    browser.cut();
    browser.untilNextTry();
  }
  browser.cut();
  const count = browser.sockets.length;
  browser.document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(browser.sockets.length, count + 1);
});

test("a page that is shown again asks an open line whether it lives", () => {
  browser.luck = 0;
  open();
  browser.welcome();
  browser.window.dispatchEvent(new Event("online"));
  assert.equal(browser.socket.sent.at(-1).type, "ping");
  browser.pass(3_000);
  assert.equal(browser.sockets.length, 2);
});

test("a page that was frozen connects anew", () => {
  open();
  browser.welcome();
  browser.show(true);
  assert.equal(browser.sockets.length, 2);
});

test("a page that is hidden does not hurry", () => {
  open();
  browser.welcome();
  browser.document.visibilityState = "hidden";
  browser.document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(browser.socket.sent.length, 1);
});

test("an old socket's late words are not heard", () => {
  const socket = open();
  browser.welcome();
  const old = browser.socket;
  socket.retryNow();
  assert.equal(old.onmessage, null);
  assert.equal(old.readyState, 3);
});

test("what is no frame is passed over", () => {
  open();
  browser.accept();
  browser.socket.onmessage({ data: "<html>" });
  assert.deepEqual(frames, []);
  assert.deepEqual(states, ["connecting"]);
});

test("a browser that refuses to connect is asked again", () => {
  browser.luck = 0;
  const connect = browser.connect;
  browser.connect = () => {
    browser.connect = connect;
    throw new Error("SecurityError");
  };
  open();
  browser.pass(0);
  assert.equal(browser.sockets.length, 1);
});

test("closed for good, it hears and tries nothing more", () => {
  const socket = open();
  browser.welcome();
  socket.close();
  browser.pass(60_000);
  browser.show();
  browser.window.dispatchEvent(new Event("online"));
  assert.equal(browser.sockets.length, 1);
  assert.equal(browser.tasks.size, 0);
});
