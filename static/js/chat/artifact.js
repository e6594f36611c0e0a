/** What a skill published: a card that leads to its page, and opens it beside the chat. */
import { h, setText } from "./dom.js";
import { count } from "./words.js";

export class ArtifactCard {
  /** `actions.openArtifact(item, opener)` shows it beside the chat; without it the link leads to its page. */
  constructor(item, { actions = {} } = {}) {
    this.actions = actions;
    this.link = h("a.artifact-title");
    this.line = h("span.artifact-line");
    this.open = h("button.quiet.artifact-open", { type: "button", hidden: !actions.openArtifact, onclick: () => actions.openArtifact(this.item, this.open) }, "Open");
    this.link.addEventListener("click", (event) => {
      if (!actions.openArtifact || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      actions.openArtifact(this.item, this.link);
    });
    this.node = h("div.artifact", { "data-id": item.id }, this.link, this.line, this.open);
    this.update(item);
  }

  update(item) {
    this.item = item;
    this.link.setAttribute("href", pageOf(item) ?? "#");
    setText(this.link, item.title);
    this.open.setAttribute("aria-label", `Open ${item.title}, version ${item.version}`);
    const doubtful = item.unsupported ? `${count(item.unsupported, "statement")} without a source` : "";
    setText(this.line, [`version ${item.version}`, doubtful].filter(Boolean).join(" · "));
  }

  continues() {
    return true;
  }
}

/** Its page at this version; null for an address that is none of ours, whoever published it. */
export function pageOf({ url, version }) {
  return /^\/artifacts\/[0-9a-f-]{36}\/$/.test(url) && Number.isInteger(version) ? `${url}?version=${version}` : null;
}
