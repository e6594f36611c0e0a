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
 * Nothing that a frame says does anything by itself: it becomes an offer, which a person takes or leaves. A click on our own
 * page counts for the frame as well, so even "somebody clicked" is no proof that it was meant for the frame.
 *
 * @param {{frame: () => HTMLIFrameElement, way: HTMLElement, onAsk?: (text: string) => void, onEscape?: () => void,
 *   isActive?: () => boolean}} options
 */
export function listen({ frame, way, onAsk = null, onEscape = null, isActive = () => navigator.userActivation?.isActive ?? true }) {
  const heard = (event) => {
    if (!frame() || event.source !== frame().contentWindow || event.data?.clewline !== 1) return;
    const { open: href, ask, escape } = event.data;
    if (escape && document.activeElement === frame()) onEscape?.();
    if (!isActive()) return;
    const kind = kindOf(href);
    if (kind === "ours") offer(frame(), way, ["Open ", h("code", href), "?"], anchor(way, href, "Open"));
    else if (kind === "outside") offer(frame(), way, ["This leads outside: ", h("code", new URL(href).href)], anchor(way, new URL(href).href, `Open ${new URL(href).host}`));
    else if (onAsk && typeof ask === "string" && ask && ask.length <= TEXT_MAX) {
      const take = () => {
        way.hidden = true;
        onAsk(ask);
      };
      offer(frame(), way, [`Ask: “${ask}”`], h("button.button", { type: "button", onclick: take }, "Put it where I write"));
    }
  };
  addEventListener("message", heard);
  return () => removeEventListener("message", heard);
}

function anchor(way, href, words) {
  return h("a.button", { href, target: "_blank", rel: "noopener noreferrer nofollow", onclick: () => (way.hidden = true) }, words);
}

/** The focus goes along only from the frame: nobody who writes elsewhere presses what a frame put under their hands. */
function offer(frame, way, words, take) {
  const close = h("button.button.quiet", { type: "button", onclick: () => (way.hidden = true) }, "Not now");
  way.replaceChildren(h("span", words), take, close);
  way.hidden = false;
  if (document.activeElement === frame) take.focus();
}

/** In a frame of its own, which may open the print dialog and is seen by nobody. */
export function printOf(address) {
  document.querySelector(".print-frame")?.remove();
  const frame = h("iframe.print-frame", { src: framed(address, "print"), sandbox: "allow-scripts allow-modals", referrerpolicy: "no-referrer", title: "For printing", tabindex: "-1", "aria-hidden": "true" });
  document.body.append(frame);
}
