import { expect, type Locator, type Page } from '@playwright/test';

export type MeshPart = 'Overview' | 'Map' | 'Peers' | 'Routes' | 'Services' | 'Messages' | 'Diagnose' | 'Settings';

/** The mesh's pages: joining, peers, services, messages, diagnosis. */
export class Mesh {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(part: MeshPart): Promise<void> {
    const link = this.#page
      .getByRole('navigation', { name: 'Mesh', exact: true })
      .getByRole('link', { name: part, exact: true });
    await link.click();
    await expect(link).toHaveAttribute('aria-current', 'page');
  }

  /** Without public nodes: a test talks to nobody outside. */
  async joinLocally(): Promise<void> {
    await this.#page.getByRole('radio', { name: 'Only the local network' }).click();
    await this.#page.getByRole('button', { name: 'Join the mesh' }).click();
    await expect(this.#page.getByRole('heading', { name: 'My address' })).toBeVisible();
  }

  async addPeer(link: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Add a peer' }).click();
    await this.#page.getByLabel('Link or address').fill(link);
    await this.#page.getByRole('button', { name: 'Connect', exact: true }).click();
    await expect(this.#page.getByRole('dialog')).toHaveCount(0);
  }

  get peers(): Locator {
    return this.#page.getByRole('grid', { name: 'Peers' });
  }

  async diagnose(target: string, how: 'Ping' | 'Trace the way' | 'Find out whether it can be reached'): Promise<void> {
    await this.#page.getByLabel('Whom').fill(target);
    await this.#page.getByRole('button', { name: how, exact: true }).click();
  }

  /** Bring a service here. @returns where it answers on this computer */
  async bring(target: string, port: number): Promise<string> {
    await this.#page.getByRole('button', { name: 'Bring a service here' }).click();
    const dialog = this.#page.getByRole('dialog', { name: 'Bring a service here' });
    await dialog.getByLabel('Whose service').fill(target);
    await dialog.getByLabel('Its port').fill(String(port));
    await dialog.getByRole('button', { name: 'Bring it here' }).click();
    await expect(dialog).toHaveCount(0);
    const row = this.#page.getByRole('list', { name: 'Brought to this computer' }).getByRole('listitem');
    await expect(row).toContainText('open');
    return /127\.0\.0\.1:\d+/.exec(await row.innerText())?.[0] ?? '';
  }

  async write(to: string, text: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Write a message' }).click();
    const dialog = this.#page.getByRole('dialog', { name: 'Write a message' });
    await dialog.getByLabel('To', { exact: true }).fill(to);
    await dialog.getByLabel('Message', { exact: true }).fill(text);
    await dialog.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(dialog).toHaveCount(0);
  }

  get messages(): Locator {
    return this.#page.getByRole('grid', { name: 'Messages' });
  }
}
