/** A command that was typed wrong: exit code 2, with the words that say how it should be. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
