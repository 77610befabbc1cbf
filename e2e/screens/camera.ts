import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';

/** The narrowest is a phone held upright. */
const widths = [390, 900, 1280, 1920] as const;
const heightOf = (width: number): number => (width < 700 ? 844 : Math.round(width * 0.64));
const themes = ['light', 'dark'] as const;

/** Takes the page as it stands in both themes and at every width: `screens/NAME-THEME-WIDTH.png`. */
export interface Camera {
  shoot(page: Page, name: string): Promise<void>;
  readonly taken: number;
}

export async function openCamera(folder: string): Promise<Camera> {
  await mkdir(folder, { recursive: true });
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    async shoot(page, name) {
      for (const colorScheme of themes) {
        // The theme is "system" in all of them, so the browser's preference is what the page shows.
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        for (const width of widths) {
          await page.setViewportSize({ width, height: heightOf(width) });
          await page.screenshot({
            path: path.join(folder, `${name}-${colorScheme}-${width}.png`),
            animations: 'disabled',
            caret: 'hide',
          });
          taken += 1;
        }
      }
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.emulateMedia({ colorScheme: 'light' });
    },
  };
}
