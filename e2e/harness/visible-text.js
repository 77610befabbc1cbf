/*
 * Evaluated in the page: every text that a person sees or hears there, with where it stands. Text that is data (names,
 * paths, numbers) is in it too; the caller knows which. Times come from Intl, consoles from machines: left out.
 */
(() => {
  const found = [];
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const text = node.textContent.trim();
    if (text === '' || parent === null || !shown(parent) || parent.closest('script, style, time, .xterm')) continue;
    found.push({ text, where: parent.tagName.toLowerCase() });
  }
  for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
    for (const element of document.querySelectorAll(`[${name}]:not(time)`)) {
      const text = element.getAttribute(name).trim();
      if (text !== '' && shown(element)) found.push({ text, where: `${element.tagName.toLowerCase()}[${name}]` });
    }
  }
  found.push({ text: document.title, where: 'title' });
  return found;
})();
