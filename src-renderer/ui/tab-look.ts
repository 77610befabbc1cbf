/*
 * Tabs and the links that look like them: words on a hairline, a bar under the present one. The words stand at the edge of
 * the page while the ring of the keyboard keeps its distance from them, so the row reaches a little beyond both edges.
 */
export const tabLine = 'shrink-0 border-b border-line';
export const tabRow = '-mx-2 -mb-px flex gap-1 overflow-x-auto';
export const tabLook =
  'relative flex h-9 shrink-0 items-center rounded-sm px-2 text-sm text-ink-soft hover:text-ink focus-visible:-outline-offset-2 ' +
  'after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 data-[here=true]:font-medium data-[here=true]:text-ink data-[here=true]:after:bg-accent';
