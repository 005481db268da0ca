// Messages that are not stored yet. Each keeps its client id, so that however
// often it is sent it is stored once; the list survives a reload.
export class Outbox {
  // post(item) resolves to a Response; done, refused and stopped tell the page.
  constructor({ store, key, post, done, refused, stopped }) {
    Object.assign(this, { store, key, post, done, refused, stopped, busy: false, delay: 500 });
  }

  get items() {
    try { return JSON.parse(this.store.getItem(this.key)) || []; } catch { return this.memory || []; }
  }

  set items(list) {
    this.memory = list;
    try { this.store.setItem(this.key, JSON.stringify(list)); } catch { /* kept in memory */ }
  }

  add(item) {
    this.items = [...this.items, item];
    this.flush();
  }

  drop(client) { this.items = this.items.filter((i) => i.client !== client); }

  // flush sends in order; a failure that may pass is tried again, later and later.
  async flush() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    try {
      for (let item; (item = this.items[0]); ) {
        const response = await this.post(item).catch(() => undefined);
        if (!response || response.status >= 500 || response.status === 429) { this.again(); return; }
        if (response.status === 401) { this.stopped(item); return; }
        this.drop(item.client);
        this.delay = 500;
        const body = await response.json().catch(() => ({}));
        if (response.ok) this.done(item, body); else this.refused(item, body);
      }
    } finally { this.busy = false; }
  }

  again() {
    this.timer = setTimeout(() => this.flush(), this.delay * (0.5 + Math.random()));
    this.delay = Math.min(this.delay * 2, 10_000);
  }
}

export const newClient = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
