import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { pdf, wav, webm } from '../harness/media.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

test('sound, moving pictures and a document are looked at without leaving the vault', async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}) => {
  const source = path.join(scratch, 'in');
  await mkdir(source, { recursive: true });
  const files = { 'tone.wav': wav(), 'film.webm': await webm(page), 'paper.pdf': pdf('A paper') };
  const paths = await Promise.all(
    Object.entries(files).map(async ([name, bytes]) => {
      const file = path.join(source, name);
      await writeFile(file, bytes);
      return file;
    }),
  );
  await taskResult(client, await client['vault.put']({ paths }));
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  const vault = new Vault(page);

  await vault.row('tone.wav').click();
  const sound = vault.inspector.getByLabel('Preview of tone.wav');
  await expect(sound).toHaveJSProperty('duration', 2);
  // From the middle on, which asks for a part of the file.
  await sound.evaluate((element: HTMLAudioElement) => {
    element.currentTime = 1;
    element.muted = true;
    return element.play();
  });
  await expect.poll(() => sound.evaluate((element: HTMLAudioElement) => element.currentTime)).toBeGreaterThan(1.1);

  await vault.row('film.webm').click();
  const film = vault.inspector.getByLabel('Preview of film.webm');
  await expect(film).toHaveJSProperty('videoWidth', 64);
  await film.evaluate((element: HTMLVideoElement) => {
    element.muted = true;
    return element.play();
  });
  await expect(film).toHaveJSProperty('error', null);
  await expect.poll(() => film.evaluate((element: HTMLVideoElement) => element.currentTime)).toBeGreaterThan(0);

  const answered = page.waitForResponse((response) => response.url().endsWith('/paper.pdf'));
  await vault.row('paper.pdf').click();
  const response = await answered;
  expect([response.status(), response.headers()['content-type']]).toEqual([200, 'application/pdf']);
  const paper = vault.inspector.getByTitle('Preview of paper.pdf');
  await expect(paper).toBeVisible();
  // The browser's own viewer draws it on its dark ground: a white page with black letters.
  await expect.poll(async () => (await shades(page, await paper.screenshot())).white).toBeGreaterThan(0.3);
  expect((await shades(page, await paper.screenshot())).black).toBeGreaterThan(0);
});

/** @returns which part of a picture's points is white, and which black */
function shades(page: Page, png: Buffer): Promise<{ white: number; black: number }> {
  return page.evaluate(async (base64) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d');
    context?.drawImage(picture, 0, 0);
    const { data } = context?.getImageData(0, 0, picture.width, picture.height) ?? { data: [] };
    const points = { white: 0, black: 0 };
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue] = [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
      if (Math.min(red, green, blue) > 250) points.white += 4 / data.length;
      if (Math.max(red, green, blue) < 5) points.black += 4 / data.length;
    }
    return points;
  }, png.toString('base64'));
}
