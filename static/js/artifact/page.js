/** The page of one artifact, ours or the shared one: the frame's theme and links, printing, copying a link. */
import { framed, listen, printOf } from "./frame.js";

const box = document.querySelector("[data-artifact-frame]");
const frame = box.querySelector("iframe");
const wanted = framed(frame.getAttribute("src"));
if (wanted !== frame.getAttribute("src")) frame.src = wanted;
listen({ frame: () => frame, way: box.querySelector(".artifact-way"), onAsk: null });

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => printOf(button.dataset.print));
}
const copy = document.querySelector("[data-copy-address]");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector("#address").value);
    copy.textContent = "Copied";
  });
}
document.querySelector("#address")?.select();
