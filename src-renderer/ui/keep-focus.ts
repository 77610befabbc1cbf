import type { MouseEvent } from 'react';

/**
 * For the veil behind what floats: a press on it moves the focus nowhere. Otherwise the second half of a double click on
 * the button that opened a dialog lands there, and what is typed next goes nowhere.
 */
export const keepFocus = (event: MouseEvent): void => event.preventDefault();
