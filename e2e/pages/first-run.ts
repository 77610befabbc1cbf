import { expect, type Locator, type Page } from '@playwright/test';

/** The screens before the rooms: first run, lock, and coming back with the 24 words. */
export class FirstRun {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  title(text: string): Locator {
    return this.#page.getByRole('heading', { level: 1, name: text });
  }

  get name(): Locator {
    return this.#page.getByLabel('What should we call you?');
  }

  get passphrase(): Locator {
    return this.#page.getByLabel('Passphrase', { exact: true });
  }

  async begin(name: string): Promise<void> {
    await this.name.fill(name);
    await this.#page.getByRole('button', { name: 'Begin anew' }).click();
  }

  /** The 24 words as they stand on the page. */
  async words(): Promise<string[]> {
    const items = this.#page.getByRole('list', { name: 'Recovery phrase' }).getByRole('listitem');
    await expect(items).toHaveCount(24);
    return (await items.allInnerTexts()).map((text) => /[a-z]+/.exec(text)?.[0] ?? '');
  }

  async wroteThemDown(): Promise<void> {
    await this.#page.getByRole('checkbox', { name: 'I wrote them down' }).check();
    await this.#page.getByRole('button', { name: 'Continue' }).click();
  }

  /** Positions asked for, counted from 1. */
  async asked(): Promise<number[]> {
    const fields = this.#page.getByRole('textbox', { name: /^Word \d+/ });
    await expect(fields).toHaveCount(3);
    const labels = await this.#page.locator('label').allInnerTexts();
    return labels.flatMap((label) => /^Word (\d+)/.exec(label)?.[1] ?? []).map(Number);
  }

  word(position: number): Locator {
    return this.#page.getByRole('textbox', { name: `Word ${position}`, exact: true });
  }

  async checkWords(words: readonly string[]): Promise<void> {
    for (const position of await this.asked()) await this.word(position).fill(words[position - 1] ?? '');
    await this.#page.getByRole('button', { name: 'Check the words' }).click();
  }

  async protect(passphrase: string, button: string): Promise<void> {
    await this.passphrase.fill(passphrase);
    await this.#page.getByLabel('Type it again').fill(passphrase);
    await this.#page.getByRole('button', { name: button }).click();
  }

  /** From the first screen with all words at once, as they are pasted from a note. */
  async typeWords(words: readonly string[]): Promise<void> {
    await expect(this.title('Type your 24 words')).toBeVisible();
    for (const [at, word] of words.entries()) await this.word(at + 1).fill(word);
    await this.#page.getByRole('button', { name: 'Continue' }).click();
  }

  async unlock(passphrase: string): Promise<void> {
    await this.passphrase.fill(passphrase);
    await this.#page.getByRole('button', { name: 'Unlock' }).click();
  }
}
