import { expect, type Locator, type Page } from '@playwright/test';

export type Room = 'Home' | 'Vault' | 'Machines' | 'Mesh' | 'Wallet' | 'Names' | 'Contacts' | 'Activity' | 'Settings';

/** What stands around every page: the rooms, the status strip, the lock. */
export class Frame {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get rooms(): Locator {
    return this.#page.getByRole('navigation', { name: 'Rooms' });
  }

  get status(): Locator {
    return this.#page.getByRole('region', { name: 'Status' });
  }

  async open(room: Room): Promise<void> {
    await this.rooms.getByRole('link', { name: room, exact: true }).click();
    await expect(this.#page.getByRole('heading', { level: 1, name: room, exact: true })).toBeVisible();
  }

  async lock(): Promise<void> {
    await this.rooms.getByRole('button', { name: 'Lock' }).click();
    await expect(this.#page.getByRole('heading', { level: 1, name: 'Locked' })).toBeVisible();
  }
}
