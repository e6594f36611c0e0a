// What every page does: a theme from its reader, links through the page around it, its own printing, marks on what grew old.
const within = parent !== window;
const asked = new Set(location.hash.slice(1).split(","));
if (asked.has("dark")) document.documentElement.dataset.theme = "dark";
if (asked.has("light")) document.documentElement.dataset.theme = "light";
if (asked.has("print")) addEventListener("load", () => setTimeout(() => print(), 0));

const tell = (message) => parent.postMessage({ clewline: 1, ...message }, "*");
document.addEventListener("click", (event) => {
  const ask = event.target.closest("[data-ask]");
  if (ask && within) tell({ ask: ask.dataset.ask });
  const link = event.target.closest("a[href]");
  if (!link) return;
  const href = link.getAttribute("href");
  if (href.startsWith("#")) {
    // The address is not ours to change in a frame; only the view moves.
    event.preventDefault();
    const target = document.getElementById(href.slice(1));
    target?.scrollIntoView({ block: "center" });
    target?.querySelector("a[href]")?.focus({ preventScroll: true });
  } else if (within) {
    event.preventDefault();
    tell({ open: href });
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && within && !event.defaultPrevented) tell({ escape: true });
});

const STALE = 90 * 86_400_000;
for (const time of document.querySelectorAll("time[data-as-of]")) {
  if (Date.now() - new Date(time.dateTime) <= STALE || time.nextElementSibling?.className === "stale") continue;
  const mark = document.createElement("span");
  mark.className = "stale";
  mark.textContent = "stale";
  time.after(mark);
}
// Nobody hears a button that cannot do anything.
if (!within) for (const button of document.querySelectorAll("[data-ask]")) button.hidden = true;
