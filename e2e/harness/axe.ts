import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/**
 * No violation of WCAG 2.2 A and AA on the page as it is now: all rules in the light theme, and those about colour in
 * the dark one, which differs in nothing else.
 */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await show(page, 'light');
  const light = new AxeBuilder({ page }).withTags([
    'wcag2a',
    'wcag2aa',
    'wcag21a',
    'wcag21aa',
    'wcag22aa',
    'best-practice',
  ]);
  expect(await faults(light), `accessibility of ${what}`).toEqual([]);
  await show(page, 'dark');
  const dark = new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']);
  expect(await faults(dark), `colours of ${what} in the dark`).toEqual([]);
  await show(page, 'light');
}

/** The theme, once every colour has arrived at it. */
async function show(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  const moving = 'new Promise((painted) => requestAnimationFrame(painted)).then(() => document.getAnimations().length)';
  await expect.poll(() => page.evaluate<number>(moving)).toBe(0);
}

async function faults(builder: AxeBuilder): Promise<string[]> {
  const { violations } = await builder.analyze();
  return violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(' ')} (${one.help}) ${node.failureSummary ?? ''}`),
  );
}
