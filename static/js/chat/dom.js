/** h("p.note", {title: "…"}, "text", child): elements without markup strings. Text is always text. */
export function h(selector, ...rest) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.className = classes.join(" ");
  for (const part of rest) {
    if (part == null || part === false) continue;
    if (typeof part === "object" && !(part instanceof Node) && !Array.isArray(part)) set(node, part);
    else node.append(...(Array.isArray(part) ? part.filter((each) => each != null && each !== false) : [part]));
  }
  return node;
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
}

/** Change text only where it differs, so that nothing is repainted or announced for nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
