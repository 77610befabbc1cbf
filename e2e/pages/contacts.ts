import { expect, type Locator, type Page } from '@playwright/test';

/** The people somebody knows. */
export class Contacts {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  row(name: string): Locator {
    return this.#page.getByRole('grid', { name: 'People you know' }).getByRole('row').filter({ hasText: name });
  }

  /** The drawer of one contact. */
  sheet(name: string): Locator {
    return this.#page.getByRole('dialog', { name, exact: true });
  }

  /** Copy the whole link as a person does, and answer with it. */
  async copyMyLink(): Promise<string> {
    await this.#page.getByRole('button', { name: 'Copy your whole link' }).click();
    await expect(this.#page.getByText('Your link is copied.')).toBeVisible();
    return String(await this.#page.evaluate('navigator.clipboard.readText()'));
  }

  async paste(link: string): Promise<Locator> {
    await this.#page.getByRole('button', { name: 'Add a contact' }).click();
    const dialog = this.#page.getByRole('dialog', { name: 'Add a contact' });
    await dialog.getByLabel('Contact link').fill(link);
    return dialog;
  }

  async add(link: string, name: string): Promise<void> {
    const dialog = await this.paste(link);
    await dialog.getByRole('button', { name: `Add ${name}` }).click();
    await expect(this.sheet(name)).toBeVisible();
  }

  /** From the open drawer: the number that both compare. */
  async number(name: string): Promise<string> {
    await this.sheet(name)
      .getByRole('button', { name: /^Compare/ })
      .click();
    const groups = this.#page.getByRole('list', { name: 'Safety number' }).getByRole('listitem');
    await expect(groups).toHaveCount(12);
    return (await groups.allInnerTexts()).join(' ');
  }

  async same(name: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'It is the same' }).click();
    await expect(this.sheet(name).getByText('verified', { exact: true })).toBeVisible();
  }
}
