/** A socket that opens, answers pings, and tells what it is made to tell. For bench/pages.py. */
window.PageSocket = class {
  readyState = 0;
  constructor() {
    setTimeout(() => {
      this.readyState = 1;
      this.onopen?.({});
    });
  }
  send(text) {
    const frame = JSON.parse(text);
    if (frame.type === "ping") this.tell({ type: "pong", id: frame.id ?? null, server_time: new Date().toISOString(), heads: {} });
    this.hear(frame);
  }
  close() {}
  tell(frame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
};
