// Runs before the first paint, so that the page never flashes in the wrong colour. A file of its own because the
// content security policy forbids inline scripts. The chosen theme is only a hint kept here; settings own it.
(() => {
  try {
    const theme = localStorage.getItem('hypha.theme');
    if (theme === 'light' || theme === 'dark' || theme === 'contrast') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be barred; the system's colours are the right default then.
  }
})();
