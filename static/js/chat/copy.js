/** Copy buttons of code blocks and answers, by one listener. */

export function copyButtons(root, answerText) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const code = button.closest(".code")?.querySelector("code");
    const text = button.dataset.copy === "code" && code ? code.textContent : answerText(button.closest(".turn")?.dataset.run);
    const done = await copied(text);
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    if (!done && code) getSelection().selectAllChildren(code);
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // plain HTTP, or not permitted
  }
}
