/** Characters that are not seen but change what is: controls, direction changes, and what takes no space. Joiners stay, emoji need them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const deceiving = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A name as a person may be shown it: nothing in it can turn it around or hide its ending (Unicode TR 36, section 3). */
export function shownName(name: string): string {
  return name.toWellFormed().replaceAll(deceiving, '\ufffd');
}
