import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { type Browser, chromium } from 'playwright';
import { icnsOf, icoOf, type Rendered } from './icons/containers.ts';

/**
 * Render the drawings in assets/icons/*.svg to what each system wants. The results are committed, so nobody needs
 * Chromium to build; run this after changing a drawing: `npm run build:icons`.
 */
const folder = path.join('assets', 'icons');
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const trayStates = ['on', 'busy', 'locked', 'error'];
/** A green that reads on light and dark panels; macOS colours template images itself. */
const trayColour = '#6aa84f';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  const drawing = await readFile(path.join(folder, 'hypha.svg'), 'utf8');
  const rendered: Rendered[] = [];
  for (const size of sizes) rendered.push({ size, png: await render(browser, drawing, size) });
  await writeFile(path.join(folder, 'icon.ico'), icoOf(rendered.filter((one) => one.size <= 256)));
  await writeFile(path.join(folder, 'icon.icns'), icnsOf(rendered));
  for (const one of rendered.filter(({ size }) => size === 256 || size === 512)) {
    await writeFile(path.join(folder, `icon-${one.size}.png`), one.png);
  }
  for (const state of trayStates) {
    const tray = await readFile(path.join(folder, `tray-${state}.svg`), 'utf8');
    for (const [size, suffix] of [
      [22, ''],
      [44, '@2x'],
    ] as const) {
      const coloured = await render(browser, tray.replaceAll('currentColor', trayColour), size);
      const template = await render(browser, tray.replaceAll('currentColor', '#000'), size);
      await writeFile(path.join(folder, `tray-${state}${suffix}.png`), coloured);
      await writeFile(path.join(folder, `tray-${state}Template${suffix}.png`), template);
    }
  }
} finally {
  await browser.close();
}

async function render(shared: Browser, svg: string, size: number): Promise<Uint8Array> {
  const page = await shared.newPage({ viewport: { width: size, height: size } });
  try {
    await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
    return await page.screenshot({ omitBackground: true });
  } finally {
    await page.close();
  }
}
