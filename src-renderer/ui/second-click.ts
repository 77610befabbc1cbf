import { useLayoutEffect, useRef } from 'react';
import { doubleClickMs } from '../lib/double-click.ts';

/**
 * For what opens over the page at a click: the second click of a double click falls beside it, and must not close at once
 * what the first has opened. Answers the handler for a press outside.
 */
export function useSecondClick(open: boolean): (event: Event) => void {
  const opened = useRef(0);
  useLayoutEffect(() => {
    if (open) opened.current = performance.now();
  }, [open]);
  return (event) => {
    if (performance.now() - opened.current < doubleClickMs) event.preventDefault();
  };
}
