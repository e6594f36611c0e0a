// A short notice at the edge. It stays until it is closed or replaced: what vanishes by itself is not read by everybody.

/**
 * @param {string} text
 * @param {{bad?: boolean, document?: Document}} [options]
 */
export function toast(text, { bad = false, document = globalThis.document } = {}) {
  const region = document.querySelector('.toasts');
  if (!region) return;
  const box = document.createElement('div');
  box.className = bad ? 'toast bad' : 'toast';
  const words = document.createElement('span');
  words.textContent = text;
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = '×';
  close.setAttribute('aria-label', 'Close');
  close.addEventListener('click', () => box.remove());
  box.append(words, close);
  region.replaceChildren(box);
}
