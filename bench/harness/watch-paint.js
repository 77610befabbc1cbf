/*
 * Runs in the measured page before its own scripts. The promise `watchedPaint` holds, in milliseconds since 1970, when
 * something with content was first painted and when the page could first be used. Plain JavaScript, as the browser
 * gets it.
 */
const content = new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const entry = list.getEntriesByName('first-contentful-paint')[0];
    if (entry) resolve(performance.timeOrigin + entry.startTime);
  }).observe({ type: 'paint', buffered: true });
});

const use = new Promise((resolve) => {
  const look = () => {
    if (document.querySelector('h1, h2, input, button, p') === null) {
      requestAnimationFrame(look);
      return;
    }
    // The frame after next: then the one with the element is on the screen.
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now())));
  };
  requestAnimationFrame(look);
});

globalThis.watchedPaint = Promise.all([content, use]).then(([content, use]) => ({ content, use }));
