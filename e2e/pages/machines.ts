import { expect, type Locator, type Page } from '@playwright/test';

/** The machines' pages: the list, the deploy form, one machine and its console. */
export class Machines {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async fill(form: { name: string; sshKey?: string; userData?: string }): Promise<void> {
    await this.#page.getByLabel('Name').fill(form.name);
    if (form.sshKey !== undefined) await this.#page.getByLabel('Public SSH keys').fill(form.sshKey);
    if (form.userData !== undefined) await this.#page.getByLabel('User data').fill(form.userData);
  }

  get plan(): Locator {
    return this.#page.getByRole('region', { name: 'What will happen' });
  }

  async deploy(name: string): Promise<void> {
    await this.#page.getByRole('button', { name: `Deploy ${name} on this computer` }).click();
  }

  get steps(): Locator {
    return this.#page.getByRole('list', { name: 'Steps' });
  }

  /** What the machine's console shows. */
  get screen(): Locator {
    return this.#page.locator('.xterm-rows');
  }

  /** Until the console shows the shell's prompt. */
  async prompted(name: string): Promise<void> {
    await expect(this.screen).toContainText(`${name}:~#`, { timeout: 60_000 });
  }

  /** Type a line on the console, as a person does. */
  async type(line: string): Promise<void> {
    await this.#page.locator('.xterm-screen').click();
    await this.#page.keyboard.type(`${line}\n`);
  }

  /** The state in words, as the machine's page says it. */
  async is(state: string): Promise<void> {
    const said = this.#page.getByRole('status').filter({ hasText: new RegExp(`^${state}$`) });
    await expect(said).toBeVisible({ timeout: 30_000 });
  }

  async act(action: 'Shut down' | 'Start' | 'Go on'): Promise<void> {
    await this.#page.getByRole('button', { name: action, exact: true }).click();
  }

  async menu(name: string, action: 'Pause' | 'Delete'): Promise<void> {
    await this.#page.getByRole('button', { name: `More actions for ${name}` }).click();
    await this.#page.getByRole('menuitem', { name: action, exact: true }).click();
  }

  async confirmDelete(name: string): Promise<void> {
    const dialog = this.#page.getByRole('dialog', { name: `Delete ${name} for good?` });
    await dialog.getByLabel(`Type ${name} to confirm`).fill(name);
    await dialog.getByRole('button', { name: `Delete ${name}` }).click();
  }
}
