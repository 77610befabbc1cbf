import { expect, type Locator, type Page } from '@playwright/test';
import { sha256Of } from '../harness/files.ts';

/** The vault's page: the list, what can be done with what is selected, places and bin. */
export class Vault {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get list(): Locator {
    return this.#page.getByRole('grid');
  }

  /** One file or folder of the list, by its name. */
  row(name: string): Locator {
    return this.list.getByRole('row').filter({ has: this.#page.getByText(name, { exact: true }) });
  }

  get uploads(): Locator {
    return this.#page.getByRole('region', { name: 'Files on their way' });
  }

  get inspector(): Locator {
    return this.#page.getByRole('complementary', { name: 'Details' });
  }

  async side(
    name: 'Files' | 'Places' | 'For others' | 'Snapshots' | 'Watched' | 'Shares' | 'As a disk' | 'My devices' | 'Bin',
  ): Promise<void> {
    await this.#page.getByRole('navigation', { name: 'Vault', exact: true }).getByRole('link', { name }).click();
  }

  /** Until everything on its way is stored. */
  async stored(files: number): Promise<void> {
    const words = files === 1 ? '1 file stored' : `${files} files stored`;
    await expect(this.uploads.getByText(words, { exact: true })).toBeVisible({ timeout: 90_000 });
  }

  async choose(button: 'Upload files' | 'Upload a folder', paths: string | readonly string[]): Promise<void> {
    const [chooser] = await Promise.all([
      this.#page.waitForEvent('filechooser'),
      this.#page.getByRole('button', { name: button }).first().click(),
    ]);
    await chooser.setFiles(typeof paths === 'string' ? paths : [...paths]);
  }

  /** What can be done with what is selected. */
  async act(name: 'Download' | 'Move' | 'Share' | 'Put in the bin' | 'Rename'): Promise<void> {
    await this.#page.getByRole('button', { name, exact: true }).first().click();
  }

  /** SHA-256 of a file as it is downloaded through the page. */
  async downloadHash(name: string): Promise<string> {
    await this.row(name).click();
    const [download] = await Promise.all([this.#page.waitForEvent('download'), this.act('Download')]);
    expect(download.suggestedFilename()).toBe(name);
    return await sha256Of(await download.path());
  }

  async search(words: string): Promise<void> {
    await this.#page.getByRole('searchbox', { name: 'Search names and texts' }).fill(words);
  }
}
