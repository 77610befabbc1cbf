/**
 * Text and controls that run over the window's edge, and how much too wide the page is. Tables and rows of tabs may
 * scroll sideways by themselves.
 */
export const runOver = `(() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const found = wide > 0 ? ['the page is ' + wide + ' px too wide'] : [];
  // What a row is called has room to be read.
  for (const head of document.querySelectorAll('table thead tr th:first-child')) {
    if (head.clientWidth < 96) found.push('the first column "' + head.innerText + '" is ' + head.clientWidth + ' px wide');
  }
  for (const element of document.querySelectorAll('button, a, input, select, textarea, p, h1, h2, h3, dt, dd, label, span')) {
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || (box.right <= innerWidth + 0.5 && box.left >= -0.5)) continue;
    const { position, visibility } = getComputedStyle(element);
    if (visibility === 'hidden' || (position === 'absolute' && element.tagName === 'INPUT')) continue;
    if (element.closest('table, [role=tablist], nav .overflow-x-auto, .sr-only')) continue;
    // What is cut on purpose ends in dots; its own text is longer than its box.
    if (element.parentElement && getComputedStyle(element.parentElement).textOverflow === 'ellipsis') continue;
    const words = (element.innerText || element.ariaLabel || element.className).slice(0, 40);
    found.push(element.tagName.toLowerCase() + ' "' + words + '" ' + Math.round(box.left) + '..' + Math.round(box.right));
  }
  return found;
})()`;
