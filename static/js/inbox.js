// The count of what waits, on pages that hold no line to the server: asked while somebody looks. Chats are told (chat/inbox.js).
const EVERY = 20_000; // ms

const roots = [...document.querySelectorAll('[data-inbox]')];
let timer = 0;

async function ask() {
  clearTimeout(timer);
  if (document.hidden) return; // asked again when the page is looked at
  timer = setTimeout(ask, EVERY);
  try {
    const answer = await fetch('/inbox/unread/', { headers: { Accept: 'application/json' } });
    if (answer.redirected || !answer.ok) return;
    const { unread } = await answer.json();
    for (const root of roots) {
      root.querySelector('[data-inbox-count]').textContent = String(unread);
      root.hidden = unread === 0;
    }
  } catch {
    // It stays what it was until the next time.
  }
}

if (roots.length && !document.getElementById('chat-data')) {
  timer = setTimeout(ask, EVERY);
  for (const event of ['focus', 'pageshow']) addEventListener(event, ask);
  document.addEventListener('visibilitychange', ask);
}
