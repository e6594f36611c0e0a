// What every page has: the theme switch, and words for what goes wrong with a fragment.
import './inbox.js';
import { toast } from './toast.js';

const ORDER = ['auto', 'light', 'dark'];
const NAMES = { auto: 'automatic', light: 'light', dark: 'dark' };

const button = document.querySelector('[data-theme-switch]');
if (button) {
  const current = () => document.documentElement.dataset.theme ?? 'auto';
  const show = () => {
    button.textContent = `Theme: ${NAMES[current()]}`;
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    const next = ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length];
    if (next === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem('clewline.theme', next);
    } catch {
      // Private windows may refuse; the theme then lasts for this page.
    }
    show();
  });
  show();
}

// Whoever joins lives, most likely, where their browser does.
const zones = document.querySelector('select[data-own-time-zone]');
if (zones && zones.value === 'UTC') {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zones.options].some((option) => option.value === own)) zones.value = own;
}

document.body.addEventListener('htmx:beforeSwap', (event) => {
  // A login that ended answers with the page to sign in: that is a page, not the fragment asked for.
  const landed = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (landed.pathname === '/accounts/login/') {
    event.detail.shouldSwap = false;
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});
document.body.addEventListener('htmx:sendError', () => {
  toast('The server could not be reached. What you see is from before; try again in a moment.', { bad: true });
});
document.body.addEventListener('htmx:responseError', (event) => {
  const { status } = event.detail.xhr;
  const words =
    status === 403
      ? 'You may not do that, or this page is older than your login. Reload it and try again.'
      : status === 404
        ? 'That does not exist any longer, or you may not see it.'
        : `The server answered with an error (${status}). Reload the page to see what it kept.`;
  toast(words, { bad: true });
});
