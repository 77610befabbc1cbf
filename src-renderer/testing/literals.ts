export interface Literal {
  line: number;
  text: string;
}

/** Attributes whose value a person reads or hears. */
const spoken = /\b(?:aria-label|title|placeholder|label|alt|hint)="([^"{}]*[A-Za-z]{2,}[^"{}]*)"/g;
/** Text between tags. A `<` right after a name begins a type's arguments and no tag. */
const between = />([^<>{}()=;`]*[A-Za-z]{2,}[^<>{}()=;`]*)(?:<\/|\s<[A-Za-z>])/g;

/** Words written straight into JSX instead of coming from the messages. Comments and code are left out. */
export function literalsIn(source: string): Literal[] {
  const code = source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/[^\n]*/g, '$1');
  const found: Literal[] = [];
  for (const pattern of [spoken, between]) {
    for (const match of code.matchAll(pattern)) {
      const text = (match[1] ?? '').trim();
      // What begins with punctuation is code between two comparisons or types.
      if (text === '' || /^[,|&:?]/.test(text)) continue;
      found.push({ line: code.slice(0, match.index).split('\n').length, text });
    }
  }
  return found;
}
