/**
 * Keys beyond those of a form. All that do something have a modifier, so that typing or dictating a letter does nothing by
 * surprise; the question mark only shows the list of keys, and only where nobody types.
 */

export function keys({ help, search, composer }) {
  addEventListener("keydown", (event) => {
    if (event.key === "?" && help && !document.querySelector("dialog[open]") && !typesInto(event.target)) return take(event, () => help.showModal());
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === "k" && search) take(event, () => (search.focus(), search.select()));
    else if (event.key === "/" && help) take(event, () => (help.open ? help.close() : help.showModal()));
    else if (event.key === "j" && composer) take(event, () => composer.box.focus());
  });
  for (const opener of document.querySelectorAll("[data-open-help]")) {
    opener.addEventListener("click", () => help?.showModal());
  }
}

function typesInto(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") != null;
}

function take(event, run) {
  event.preventDefault();
  run();
}
