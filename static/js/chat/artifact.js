/** What a skill published: a card that leads to its page. */
import { h, setText } from "./dom.js";
import { count } from "./words.js";

export class ArtifactCard {
  constructor(item) {
    this.link = h("a.artifact-title", { href: item.url });
    this.line = h("span.artifact-line");
    this.node = h("div.artifact", { "data-id": item.id }, this.link, this.line);
    this.update(item);
  }

  update(item) {
    this.item = item;
    setText(this.link, item.title);
    const version = item.version > 1 ? `version ${item.version}` : "";
    const doubtful = item.unsupported ? `${count(item.unsupported, "statement")} without a source` : "";
    setText(this.line, [version, doubtful].filter(Boolean).join(" · "));
  }

  continues() {
    return true;
  }
}
