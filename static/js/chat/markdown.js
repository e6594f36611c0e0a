/**
 * Markdown that arrives in pieces, written to the DOM as it comes: nodes are appended, never made again.
 *
 * The parser's tokens become elements of a fixed list, and text becomes text nodes, so markup in the text is shown,
 * not run. Addresses are judged by DOMPurify; nothing that an answer names is loaded: pictures become links.
 */
import DOMPurify from "../../vendor/purify.js";
import * as smd from "../../vendor/smd.js";
import { markCitation, NO_SOURCE } from "./cite.js";

const TAGS = {
  [smd.BLOCKQUOTE]: "blockquote",
  [smd.PARAGRAPH]: "p",
  [smd.LINE_BREAK]: "br",
  [smd.RULE]: "hr",
  // One level lower each: the page has its own headings above.
  [smd.HEADING_1]: "h3",
  [smd.HEADING_2]: "h4",
  [smd.HEADING_3]: "h5",
  [smd.HEADING_4]: "h6",
  [smd.HEADING_5]: "h6",
  [smd.HEADING_6]: "h6",
  [smd.ITALIC_AST]: "em",
  [smd.ITALIC_UND]: "em",
  [smd.STRONG_AST]: "strong",
  [smd.STRONG_UND]: "strong",
  [smd.STRIKE]: "s",
  [smd.CODE_INLINE]: "code",
  [smd.RAW_URL]: "a",
  [smd.LINK]: "a",
  [smd.IMAGE]: "a",
  [smd.LIST_UNORDERED]: "ul",
  [smd.LIST_ORDERED]: "ol",
  [smd.LIST_ITEM]: "li",
  [smd.EQUATION_BLOCK]: "code",
  [smd.EQUATION_INLINE]: "code",
};

// The parser takes dollars for formulas, and an underscore inside a word for emphasis. Sales text is full of the one,
// field names of the other: they travel through it in disguise.
const DOLLAR = "\uE0F0";
const UNDERSCORE = "\uE0F1";
// Stands in the parser for a character that is on the page already.
const SHOWN = "\uE0F2";
const DISGUISED = /[\uE0F0-\uE0F2]/g;
const MEANING = { [DOLLAR]: "$", [UNDERSCORE]: "_", [SHOWN]: "" };
const NUMBER = /^\s*[-+−(]?\s?[$€£¥]?\s?\d[\d.,'’\u00a0 ]*\s?([%kKmM€£$]|bn)?\)?\s*$/;
const DATE = /^(\d{1,2}\.? \p{L}{3,9}\.? \d{4}|\d{4}-\d{2}-\d{2}|\p{L}{3,9} \d{1,2}, \d{4})$/u;
const PHONE = /^\+\d[\d ()./-]{6,}$/;
const WORD = /[\p{L}\p{N}]/u;
// An address with a title behind it, which the parser takes for one: [1](/sources/mail/7/ "Mail of 3 November").
const TITLED = /^\s*(\S+)\s+"([^"]*)"\s*$/;

const PLAIN_TOKENS = new Set([
  smd.PARAGRAPH, smd.LIST_ITEM, smd.TABLE_CELL, smd.STRIKE,
  smd.HEADING_1, smd.HEADING_2, smd.HEADING_3, smd.HEADING_4, smd.HEADING_5, smd.HEADING_6,
  smd.ITALIC_AST, smd.ITALIC_UND, smd.STRONG_AST, smd.STRONG_UND,
]);
const PLAIN_CHARACTER = /^[\p{L}\p{N}.,;:?)%"'\u{1F300}-\u{1FAFF}]$/u;

const reveal = (text) => text.replace(DISGUISED, (char) => MEANING[char]);

/** An address that may stand behind a link; null for one that may not. */
export function safeHref(value) {
  const href = reveal(value).trim();
  return /^(https?:|mailto:|tel:|\/(?!\/)|#)/i.test(href) && DOMPurify.isValidAttribute("a", "href", href) ? href : null;
}

export class Markdown {
  /** @param {HTMLElement} root Stays empty until the first write. */
  constructor(root) {
    this.root = root;
    this.held = "";
    this.last = "";
    this.broken = false;
    this.parser = smd.parser(renderer(root));
  }

  write(text) {
    const chunk = this.#disguise(this.held + text);
    if (this.broken) return appendText(this.root, reveal(chunk));
    try {
      smd.parser_write(this.parser, chunk);
      this.#showLast();
    } catch (error) {
      // Nesting beyond the parser's depth: the rest is shown as it is, which is better than not at all.
      console.warn("markdown", error);
      this.broken = true;
      appendText(this.root, reveal(chunk));
    }
  }

  /** `cut`: it was stopped in the middle, so what a link has of its markup is no text that anybody meant. */
  end(cut = false) {
    if (this.held) {
      const held = this.held;
      this.held = "";
      this.#feed(held);
    }
    // A link that breaks off in its address: the parser would drop what it holds of it.
    const address = this.parser.pending.startsWith("](") && !cut ? reveal(this.parser.pending) : "";
    if (cut && this.parser.pending.startsWith("]")) this.parser.pending = "";
    if (!this.broken) {
      try {
        smd.parser_end(this.parser);
      } catch (error) {
        console.warn("markdown", error);
      }
    }
    for (const open of this.root.querySelectorAll("a:not([href])")) {
      if (cut) open.refused = true;
      unwrap(open, address);
    }
    // A second look at the finished text, by those whose trade it is; what the list above made passes untouched.
    DOMPurify.sanitize(this.root, { IN_PLACE: true, ...ALLOWED });
  }

  /** The parser keeps the last character back until it sees the next; one that means nothing need not wait for that. */
  #showLast() {
    const { token, pending } = this.parser;
    if (!PLAIN_TOKENS.has(token) || !PLAIN_CHARACTER.test(pending)) return;
    this.parser.pending = SHOWN;
    this.parser.renderer.add_text(this.parser.renderer.data, pending);
  }

  #feed(chunk) {
    if (this.broken) appendText(this.root, chunk);
    else smd.parser_write(this.parser, chunk);
  }

  /** Holds back underscores at the end of a word: what follows decides what they are. */
  #disguise(text) {
    this.held = "";
    const trailing = /_+$/.exec(text)?.[0] ?? "";
    if (trailing && WORD.test(text.at(-trailing.length - 1) ?? this.last)) {
      this.held = trailing;
      text = text.slice(0, -trailing.length);
    }
    const before = this.last;
    if (text) this.last = text.at(-1);
    return text.replaceAll("$", DOLLAR).replace(/_+/g, (run, at) => {
      const left = at ? text[at - 1] : before;
      const right = text[at + run.length] ?? "";
      return WORD.test(left) && WORD.test(right) ? UNDERSCORE.repeat(run.length) : run;
    });
  }
}

/** Markdown that is whole already. */
export function renderMarkdown(root, text) {
  const markdown = new Markdown(root);
  markdown.write(text);
  markdown.end();
}

const ALLOWED = {
  ALLOWED_TAGS: [
    ...new Set(Object.values(TAGS)),
    ..."div span pre table thead tbody tr th td button input #text".split(" "),
  ],
  ALLOWED_ATTR: ["href", "rel", "target", "title", "class", "type", "disabled", "checked", "start", "tabindex", "role", "aria-label", "data-copy", "data-host", "scope"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

function renderer(root) {
  return { data: { nodes: [root], links: [] }, add_token: addToken, end_token: endToken, add_text: addText, set_attr: setAttr };
}

const top = (data) => data.nodes[data.nodes.length - 1];

function element(tag, className = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return made;
}

function addToken(data, type) {
  if (type === smd.DOCUMENT) return;
  const parent = top(data);
  let node;
  let slot;
  if (type === smd.CODE_FENCE || type === smd.CODE_BLOCK) {
    [node, slot] = codeBlock();
  } else if (type === smd.TABLE) {
    node = element("div", "table-scroll");
    node.tabIndex = 0;
    node.setAttribute("role", "region");
    node.setAttribute("aria-label", "Table");
    slot = node.appendChild(element("table"));
  } else if (type === smd.TABLE_ROW) {
    const part = parent.children.length === 0 ? "thead" : "tbody";
    const group = parent.children.length < 2 ? parent.appendChild(element(part)) : parent.children[1];
    node = slot = element("tr");
    group.append(node);
    data.nodes.push(slot);
    return;
  } else if (type === smd.TABLE_CELL) {
    const head = parent.parentElement.tagName === "THEAD";
    node = slot = element(head ? "th" : "td");
    if (head) node.scope = "col";
    // Where numbers stood so far the next begins on the right: it should not jump when it is whole.
    else if (headOf(parent, parent.childElementCount)?.className) node.className = "number";
  } else if (type === smd.CHECKBOX) {
    node = slot = element("input");
    node.type = "checkbox";
    node.disabled = true;
    node.setAttribute("aria-label", "Done");
  } else {
    node = slot = element(TAGS[type] ?? "span");
    if (type === smd.IMAGE) node.className = "was-image";
    if (type === smd.LINK || type === smd.IMAGE) node.bracket = type === smd.IMAGE ? "![" : "[";
  }
  parent.append(node);
  data.nodes.push(slot);
}

function endToken(data) {
  const node = data.nodes.pop();
  if (node.tagName === "TD") endCell(node);
  if (node.tagName === "STRONG" && node.textContent === `(${NO_SOURCE})`) node.className = "no-source";
  if (node.tagName === "A" && node.hasAttribute("href") && !markCitation(node)) nameHost(node);
  if (node.tagName !== "A" || node.hasAttribute("href")) return;
  unwrap(node, "]");
}

/** Numbers stand under each other: a cell that holds one goes right, and so does its column's head. Dates stay whole. */
function endCell(cell) {
  const text = cell.textContent.trim();
  if (DATE.test(text) || PHONE.test(text)) cell.className = "whole";
  else if (NUMBER.test(text)) {
    cell.className = "number";
    const head = headOf(cell.parentElement, cell.parentElement.childElementCount - 1);
    if (head) head.className = "number";
  } else if (!/^[-–—]?$/.test(text)) cell.removeAttribute("class");
}

function headOf(row, column) {
  return row.closest("table").querySelector("thead tr")?.children[column];
}

/** A link that leads elsewhere says where to, whatever its words promise; CSS shows it, so the text stays as it was written. */
function nameHost(link) {
  const href = link.getAttribute("href");
  if (!/^https?:/i.test(href)) return;
  const host = URL.canParse(href) ? new URL(href).host : "?";
  const shown = link.textContent.trim();
  if (shown !== host && shown !== href) link.setAttribute("data-host", host);
}

/** Brackets without an address, or with one that we refuse: text like any other. */
function unwrap(node, closing) {
  if (node.bracket && !node.refused) node.replaceWith(node.bracket, ...node.childNodes, closing);
  else node.replaceWith(...node.childNodes);
}

function addText(data, text) {
  appendText(top(data), reveal(text));
}

function appendText(node, text) {
  if (!text) return;
  if (node.lastChild?.nodeType === Node.TEXT_NODE) node.lastChild.appendData(text);
  else node.append(text);
}

function setAttr(data, type, value) {
  const node = top(data);
  if (type === smd.HREF || type === smd.SRC) {
    const [, address, title] = TITLED.exec(value) ?? [null, value, ""];
    const href = safeHref(address);
    if (!href) {
      node.refused = true;
      return;
    }
    node.setAttribute("href", href);
    if (title) node.title = reveal(title);
    if (!/^[/#]/.test(href)) {
      node.rel = "noopener noreferrer nofollow";
      node.target = "_blank";
    }
    if (node.classList.contains("was-image") && !node.textContent) node.textContent = "picture";
  } else if (type === smd.LANG) {
    const language = reveal(value).trim().slice(0, 30);
    node.parentElement.previousElementSibling.firstElementChild.textContent = language;
  } else if (type === smd.START) {
    if (/^\d{1,9}$/.test(value)) node.setAttribute("start", value);
  } else if (type === smd.CHECKED) {
    node.setAttribute("checked", "");
  }
}

function codeBlock() {
  const box = element("div", "code");
  const head = box.appendChild(element("div", "code-head"));
  head.append(element("span", "code-lang"));
  const copy = element("button", "quiet");
  copy.type = "button";
  copy.setAttribute("data-copy", "code");
  copy.textContent = "Copy";
  head.append(copy);
  const pre = element("pre");
  pre.tabIndex = 0;
  const code = pre.appendChild(element("code"));
  box.append(pre);
  return [box, code];
}
