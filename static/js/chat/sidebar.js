/** The list of chats: server-made links, whose dots, titles and order follow the `session` frames. */
import { isUnread } from "../session/store.js";
import { h, setText } from "./dom.js";
import { ago, exactTime } from "./words.js";

const WAITS = "Waits for you";

export class Sidebar {
  constructor({ root, list, current, now = Date.now }) {
    Object.assign(this, { root, list, current, now });
    list.onChange((entry, before) => this.#update(entry, before));
    // A search replaces the list: what came in the meantime is applied again.
    new MutationObserver(() => this.refresh()).observe(root, { childList: true });
    this.refresh();
  }

  refresh() {
    for (const entry of this.list.entries.values()) this.#update(entry, entry);
    this.tick();
  }

  tick() {
    for (const time of this.root.querySelectorAll("time[data-ts]")) setText(time, ago(Number(time.dataset.ts), this.now()));
  }

  #update(entry, before) {
    let row = this.root.querySelector(`li[data-session="${CSS.escape(entry.id)}"]`);
    const items = this.root.querySelector("ul");
    const searching = items?.dataset.filter;
    if (!row) {
      // A search shows what it found, and the archive what is archived.
      if (!items || searching || before || entry.archived) return;
      row = newRow(entry);
      items.prepend(row);
      this.root.querySelector(".chat-none")?.remove();
    }
    if (entry.archived && !before?.archived && !searching) return row.remove();
    const unread = entry.id !== this.current && isUnread(entry);
    row.dataset.live = entry.live ? "true" : "false";
    row.dataset.unread = unread ? "true" : "false";
    setText(row.querySelector(".chat-title"), entry.title || "Untitled");
    setText(row.querySelector(".chat-flags"), [entry.live && "working", unread && "unread"].filter(Boolean).join(", "));
    row.dataset.waits = entry.waits ? "true" : "false";
    setText(row.querySelector(".chat-waits"), entry.waits ? WAITS : "");
    const time = row.querySelector("time");
    time.dataset.ts = entry.lastTs;
    time.dateTime = new Date(entry.lastTs).toISOString();
    time.title = exactTime(entry.lastTs);
    setText(time, ago(entry.lastTs, this.now()));
    if (before && entry.lastTs > before.lastTs && !searching && items.firstElementChild !== row && !row.contains(document.activeElement)) {
      items.prepend(row);
    }
  }
}

function newRow(entry) {
  return h("li", { "data-session": entry.id },
    h("a", { href: `/chat/${entry.id}/` },
      h("span.chat-dot", { "aria-hidden": "true" }),
      h("span.chat-title"),
      h("span.chat-flags.sr-only"),
      h("span.chat-waits"),
      h("time")));
}
