/**
 * How the core marks, in what it says of a call, whom a name or an address stands for: `ann (4a2::1, 2 devices, not verified)`, `4a2::1 (not a
 * contact)`. Names and addresses hold neither brackets nor commas, so the marks can be found again and said in another language.
 */
export const whomMarks = {
  stranger: 'not a contact',
  unverified: 'not verified',
  all: 'everybody',
  devices: 'devices',
} as const;

/** @param said one, or several with a comma between them @param word what a mark is called */
export function sayWhom(said: string, word: (mark: keyof typeof whomMarks) => string): string {
  return said
    .replace(/(^|, )everybody(?=$|, )/g, (_, before: string) => `${before}${word('all')}`)
    .replace(/, (\d+) devices(?=[,)])/g, (_, count: string) => `, ${count} ${word('devices')}`)
    .replaceAll(` (${whomMarks.stranger})`, () => ` (${word('stranger')})`)
    .replaceAll(`, ${whomMarks.unverified})`, () => `, ${word('unverified')})`);
}
