/**
 * A frame with what a skill made, and what it may ask of the page around it. It runs without an origin and is believed nothing:
 * it may name an address, which a person then sees and opens, and a text, which a person may send.
 */
import { h } from "../chat/dom.js";

const OURS = /^\/(?:sources|accounts|contacts|deals|activities|mail|calendar|artifacts|chat)\/(?:[\w.~%!$&'()*+,;=:@-]+\/?)*(?:[?#][^\s\\]*)?$/;
const OUTSIDE = /^https?:\/\/[^\s\\]+$/;
const TEXT_MAX = 2000;

/** The page is shown as this one is: light, dark, or as the device says. */
export function framed(address, ...asked) {
  const theme = document.documentElement.dataset.theme;
  const wishes = [theme, ...asked].filter(Boolean).join(",");
  return wishes ? `${address}#${wishes}` : address;
}

/** @returns {string} What is to be done with an address that a frame names: "ours", "outside" or "". */
export function kindOf(href) {
  if (typeof href !== "string" || href.length > TEXT_MAX) return "";
  if (OURS.test(href)) return "ours";
  return OUTSIDE.test(href) && URL.canParse(href) ? "outside" : "";
}

/**
 * @param {{frame: () => HTMLIFrameElement, way: HTMLElement, onAsk?: (text: string) => void, onEscape?: () => void,
 *   open?: (href: string) => void, isActive?: () => boolean}} options
 */
export function listen({ frame, way, onAsk = null, onEscape = null, open = (href) => window.open(href, "_blank", "noopener,noreferrer"), isActive = () => navigator.userActivation?.isActive ?? true }) {
  const heard = (event) => {
    if (!frame() || event.source !== frame().contentWindow || event.data?.clewline !== 1) return;
    const { open: href, ask, escape } = event.data;
    if (escape) onEscape?.();
    // Only after a click: otherwise a page could open others by itself.
    if (!isActive()) return;
    if (typeof ask === "string" && ask.length <= TEXT_MAX) onAsk?.(ask);
    const kind = kindOf(href);
    if (kind === "ours") open(href);
    else if (kind === "outside") offer(way, href);
  };
  addEventListener("message", heard);
  return () => removeEventListener("message", heard);
}

/** Another site is not opened by a click into the frame: the whole address is shown first. */
function offer(way, href) {
  const url = new URL(href);
  const link = h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" }, `Open ${url.host}`);
  const close = h("button.button.quiet", { type: "button", onclick: () => (way.hidden = true) }, "Not now");
  way.replaceChildren(h("span", "This leads outside: ", h("code", url.href)), link, close);
  way.hidden = false;
  link.focus();
}

/** In a frame of its own, which may open the print dialog and is seen by nobody. */
export function printOf(address) {
  document.querySelector(".print-frame")?.remove();
  const frame = h("iframe.print-frame", { src: framed(address, "print"), sandbox: "allow-scripts allow-modals", referrerpolicy: "no-referrer", title: "For printing", tabindex: "-1", "aria-hidden": "true" });
  document.body.append(frame);
}
