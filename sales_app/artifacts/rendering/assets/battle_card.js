// Parts as tabs, the matrix by words, rival and verdict, and every objection open on paper.
const tabs = [...document.querySelectorAll("[role=tab]")];
const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
const choose = (at, focus = false) => {
  tabs.forEach((tab, number) => {
    tab.setAttribute("aria-selected", String(number === at));
    tab.tabIndex = number === at ? 0 : -1;
    panels[number].hidden = number !== at;
  });
  if (focus) tabs[at].focus();
};
if (tabs.length > 1) {
  tabs[0].parentElement.hidden = false;
  document.documentElement.classList.add("ready");
  tabs.forEach((tab, at) => {
    tab.addEventListener("click", () => choose(at));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose((at + step + tabs.length) % tabs.length, true);
    });
  });
  choose(0);
}

const matrix = document.querySelector(".matrix");
if (matrix) {
  const bar = matrix.querySelector(".narrow");
  const [filter, rival, verdict, count] = ["filter", "rival", "verdict", "count"].map((name) => bar.querySelector(`[data-${name}]`));
  const rows = [...matrix.querySelectorAll("tbody tr")];
  const columns = matrix.querySelectorAll("thead th").length;
  const narrow = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = verdict.value === "stale" ? row.querySelector(".stale") : !verdict.value || row.dataset.verdict === verdict.value || row.querySelector(`.verdict.${verdict.value}`);
      row.hidden = !fits || !words.every((word) => text.includes(word));
      left += row.hidden ? 0 : 1;
    }
    for (const row of matrix.querySelectorAll("tr")) {
      for (let at = 2; at < columns; at += 1) row.children[at].hidden = Boolean(rival?.value) && Number(rival.value) + 1 !== at;
    }
    count.textContent = left === rows.length ? "" : left ? `${left} of ${rows.length}` : "Nothing fits";
  };
  for (const field of [filter, rival, verdict]) field?.addEventListener("input", narrow);
  bar.hidden = false;
}

let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const each of opened) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of opened) each.open = false;
});
