/**
 * Keys beyond those of a form. All that print something have a modifier (WCAG 2.1.4), so that typing or dictating a letter
 * does nothing by surprise.
 */

export function keys({ help, search, composer }) {
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key === "k" && search) take(event, () => (search.focus(), search.select()));
    else if (event.key === "/" && help) take(event, () => toggle(help));
    else if (event.key === "j" && composer) take(event, () => composer.box.focus());
  });
  for (const opener of document.querySelectorAll("[data-open-help]")) {
    opener.addEventListener("click", () => help?.showModal());
  }
}

/** Not over another dialog: what that asks is decided first. */
function toggle(help) {
  if (help.open) help.close();
  else if (!document.querySelector("dialog[open]")) help.showModal();
}

function take(event, run) {
  event.preventDefault();
  run();
}
