/** The longest pause between the two halves of a double click that systems allow by default. */
export const doubleClickMs = 500;
