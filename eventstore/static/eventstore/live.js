// Live events: adds what comes to the top of the table. Without this file the page shows the newest, and can be loaded
// again.
"use strict";

const ROWS = 200; // that the table holds at most
const COUNT_SECONDS = 10; // between two counts: a screen reader is to be told, not talked down
const WORRY_SECONDS = 5; // without a connection, until that is said: one that comes again at once is nobody's matter
const PAUSE_SECONDS = [2, 30]; // before another try, doubled with each that fails

class LiveTable {
  constructor(part) {
    this.words = part.dataset;
    this.cursor = part.dataset.cursor;
    this.rows = part.querySelector("[data-rows]");
    this.row = part.querySelector("[data-row]").content.firstElementChild;
    this.status = part.querySelector("[data-status]");
    this.button = part.querySelector("[data-hold]");
    this.count = this.failures = 0;
    this.isHeld = false;
    this.button.hidden = false;
    part.querySelector("[data-again]").hidden = true;
    this.button.addEventListener("click", () => this.hold(!this.isHeld));
    // A page that nobody looks at needs no connection: browsers have six for a site, over HTTP/1.1.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.close() : this.open()));
    this.open();
  }

  open() {
    this.close();
    if (this.isHeld || this.isOver || document.hidden) return;
    this.source = new EventSource(this.address());
    this.source.onopen = () => {
      this.failures = 0;
      this.calmDown();
      this.tell();
    };
    this.source.onmessage = ({ data, lastEventId }) => {
      this.add(JSON.parse(data));
      this.cursor = lastEventId;
    };
    this.source.onerror = () => {
      this.worry ??= setTimeout(() => this.say(this.words.away), 1000 * WORRY_SECONDS);
      if (this.source.readyState === EventSource.CLOSED) this.findOutWhy();
    };
  }

  calmDown() {
    clearTimeout(this.worry);
    this.worry = undefined;
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
  }

  address() {
    const url = new URL(this.words.live, location.href);
    url.searchParams.set("after", this.cursor);
    return url;
  }

  hold(isHeld) {
    this.isHeld = isHeld;
    this.button.textContent = isHeld ? this.button.dataset.goOn : this.button.dataset.hold;
    this.calmDown();
    this.open();
    if (isHeld) this.say(this.words.held);
  }

  // A browser comes again by itself when a connection breaks, but not when it is answered something else than a stream,
  // such as the 502 of a proxy whose site starts again; nor does it say what that was.
  async findOutWhy() {
    const asking = new AbortController();
    const status = await fetch(this.address(), { signal: asking.signal }).then((answer) => answer.status, () => 0);
    asking.abort();
    if (status === 401 || status === 403) this.finish(this.words.out);
    else if (status === 409 || status === 410) this.finish(this.words.other);
    else {
      const [first, most] = PAUSE_SECONDS;
      const seconds = Math.min(most, first * 2 ** this.failures++) * (0.5 + Math.random());
      this.timer = setTimeout(() => this.open(), 1000 * seconds);
    }
  }

  finish(why) {
    this.isOver = this.button.hidden = true;
    this.calmDown();
    this.close();
    this.say(why);
  }

  add(event) {
    const row = this.row.cloneNode(true);
    const fill = (name, text) => (row.querySelector(`[data-${name}]`).textContent = text);
    const at = new Date(event.recorded_at).toISOString();
    fill("position", event.position);
    row.querySelector("[data-position]").href = this.words.eventUrl.replace("POSITION", event.position);
    row.querySelector("[data-stream]").href = this.words.streamUrl.replace("STREAM", event.stream_id);
    row.querySelector("[data-at]").dateTime = event.recorded_at;
    row.querySelector("[data-id]").title = event.stream_id;
    fill("time", `${at.slice(0, 10)} ${at.slice(11, 19)}`);
    fill("type", event.type);
    fill("category", event.category);
    fill("id", brief(event.stream_id));
    fill("version", event.version);
    fill("actor", brief(event.metadata.actor ?? "–"));
    this.rows.prepend(row);
    while (this.rows.children.length > ROWS) this.rows.lastElementChild.remove();
    document.querySelector("[data-empty]")?.remove();
    this.count += 1;
    this.counting ??= setTimeout(() => this.tell(), 1000 * COUNT_SECONDS);
  }

  tell() {
    clearTimeout(this.counting);
    this.counting = undefined;
    this.say(this.count ? `${this.words.on} ${this.words.count} ${this.count}` : this.words.on);
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}

// As the page itself shows long ids: the kind, and the end.
function brief(text) {
  const [, kind, rest] = text.match(/^(.*:)?(.*)$/);
  return rest.length > 12 ? `${kind ?? ""}…${rest.slice(-8)}` : text;
}

const part = document.querySelector("[data-live]");
if (part?.dataset.live) new LiveTable(part);
