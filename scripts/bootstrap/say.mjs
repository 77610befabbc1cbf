/** Something the person can act on; shown as one line, without a stack. */
export class Problem extends Error {}

/** Progress goes to stderr, so that a script's own output stays clean for pipes. */
export function say(line) {
  process.stderr.write(`hypha: ${line}\n`);
}
