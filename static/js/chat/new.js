/** The page without a chat: the first message makes one. The text stays until the server has it. */
import { freshId } from "../session/outbox.js";
import { Composer } from "./composer.js";

export function startChat({ outbox, toasts, signIn }) {
  const form = document.querySelector("#composer");
  if (!form) return null;
  const DRAFT = `new:${form.elements.subject?.value ?? ""}`;
  // The same id until it worked: a repeated request makes no second chat.
  let attempt = { text: null, id: null };
  const composer = new Composer({
    form,
    draft: outbox.draft(DRAFT),
    keepDraft: (text) => outbox.keepDraft(DRAFT, text),
    onSend: async (text) => {
      if (attempt.text !== text) attempt = { text, id: freshId() };
      const body = new FormData(form);
      body.set("text", text);
      body.set("id", attempt.id);
      const failed = (message, code, way = null) => {
        toasts.show(message, { code, way });
        return false;
      };
      let response;
      try {
        response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
      } catch {
        return failed("The server could not be reached. Your text is kept here.", "unreachable", { label: "Send again", run: () => composer.send() });
      }
      const answer = await response.json().catch(() => ({}));
      if (response.ok) {
        outbox.keepDraft(DRAFT, "");
        location.assign(answer.url);
        return true;
      }
      const { code = `http_${response.status}`, message = "That did not work. Your text is kept here." } = answer.error ?? {};
      const out = response.status === 401 || response.status === 403;
      return failed(message, code, out ? { label: "Sign in again", href: signIn } : null);
    },
  });
  for (const example of document.querySelectorAll("[data-example]")) {
    example.addEventListener("click", () => composer.edit(example.textContent.trim()));
  }
  return composer;
}
