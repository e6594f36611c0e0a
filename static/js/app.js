// What every page has: the theme switch.
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
