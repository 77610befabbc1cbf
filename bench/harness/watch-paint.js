/*
 * Runs in the measured page before its own scripts: notes in `watchedPaint`, in milliseconds since 1970, when something
 * with content was first painted and when the page could first be used. Plain JavaScript, as the browser gets it.
 */
globalThis.watchedPaint = { content: null, use: null };

new PerformanceObserver((list) => {
  const entry = list.getEntriesByName('first-contentful-paint')[0];
  if (entry) globalThis.watchedPaint.content = performance.timeOrigin + entry.startTime;
}).observe({ type: 'paint', buffered: true });

const look = () => {
  if (document.querySelector('h1, h2, input, button, p') === null) {
    requestAnimationFrame(look);
    return;
  }
  // The frame after next: then the one with the element is on the screen.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      globalThis.watchedPaint.use = performance.timeOrigin + performance.now();
    }),
  );
};
requestAnimationFrame(look);
