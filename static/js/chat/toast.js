/** Says what went wrong, with the code and a way out. Stays until it is closed; a repeated one is shown once. */
import { h } from "./dom.js";

export class Toasts {
  constructor(root) {
    this.root = root;
  }

  /** @param {{label: string, href?: string, run?: () => void}} [way] */
  show(message, { code = null, way = null } = {}) {
    const key = `${code}:${message}`;
    for (const shown of this.root.children) if (shown.dataset.key === key) return;
    const close = () => node.remove();
    const out = way && (way.href ? h("a", { href: way.href }, way.label) : h("button.quiet", { type: "button", onclick: () => (close(), way.run()) }, way.label));
    const node = h("div.toast", { role: "alert", "data-key": key },
      h("p", message, code && h("code", code)),
      out,
      h("button.quiet", { type: "button", "aria-label": "Close", onclick: close }, "×"));
    this.root.append(node);
    while (this.root.childElementCount > 3) this.root.firstElementChild.remove();
  }
}
