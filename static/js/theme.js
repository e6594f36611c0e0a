// Runs before the first paint, so that a chosen theme does not flash. The choice stays in this browser.
(() => {
  const chosen = (() => {
    try {
      return localStorage.getItem('clewline.theme');
    } catch {
      return null;
    }
  })();
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
