/** Whether every word of the query stands somewhere in the text: found is what was typed, not what resembles it. */
export function matches(query: string, text: string): boolean {
  const haystack = text.toLocaleLowerCase();
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
