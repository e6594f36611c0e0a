/** Keys beyond those of a form, all with a modifier, so that typing or dictating a letter does nothing by surprise. */

export function keys({ help, search, composer }) {
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === "k" && search) take(event, () => (search.focus(), search.select()));
    else if (event.key === "/" && help) take(event, () => (help.open ? help.close() : help.showModal()));
    else if (event.key === "j" && composer) take(event, () => composer.box.focus());
  });
  for (const opener of document.querySelectorAll("[data-open-help]")) {
    opener.addEventListener("click", () => help?.showModal());
  }
}

function take(event, run) {
  event.preventDefault();
  run();
}
