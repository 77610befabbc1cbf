import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, openInterface, test } from '../fixtures/test.ts';
import { taskResult } from '../harness/agent.ts';
import { Frame } from '../pages/frame.ts';
import { Vault } from '../pages/vault.ts';

const count = 10_000;

test(`a list of ${count} files is moved through by keyboard`, async ({
  page,
  agent,
  client,
  scratch,
  settled: _settled,
}, info) => {
  const folder = path.join(scratch, 'many');
  await mkdir(folder);
  const names = Array.from({ length: count }, (_, n) => `file-${String(n).padStart(5, '0')}.txt`);
  await Promise.all(names.map((name) => writeFile(path.join(folder, name), `${name}\n`)));
  await taskResult(client, await client['vault.put']({ paths: [folder] }));
  await openInterface(page, agent);
  await new Frame(page).open('Vault');
  const vault = new Vault(page);
  await vault.row('many').dblclick();
  await expect(vault.row('file-00000.txt')).toBeVisible();
  await expect(vault.list).toHaveAttribute('aria-rowcount', String(count + 1));
  // However long the list, the page holds only what can be seen.
  expect(await vault.list.getByRole('row').count()).toBeLessThan(200);

  await vault.row('file-00000.txt').click();
  const times = await page.evaluate<number[]>(inputToPaint);
  const sorted = times.toSorted((a, b) => a - b);
  const [median, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  const report = `input to paint in a list of ${count}: median ${median?.toFixed(1)} ms, worst ${worst?.toFixed(1)} ms of ${times.length} keys`;
  console.log(report);
  info.annotations.push({ type: 'measured', description: report });

  await page.keyboard.press('End');
  await expect(vault.row(names.at(-1) ?? '')).toBeVisible();
  await page.keyboard.press('Home');
  await expect(vault.row('file-00000.txt')).toBeVisible();
  await vault.search('file-07777');
  await expect(vault.row('file-07777.txt')).toBeVisible();
});

/** In the page: press a key thirty times, each time until the frame that shows it has been painted. */
const inputToPaint = `(async () => {
  const grid = document.querySelector('[role=grid]');
  grid.focus();
  const times = [];
  for (let n = 0; n < 30; n += 1) {
    const began = performance.now();
    const key = n % 3 === 2 ? 'PageDown' : 'ArrowDown';
    grid.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    // A message after the frame's callback comes when that frame has been handed to the compositor.
    await new Promise((resolve) => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = resolve;
      channel.port2.postMessage(null);
    }));
    times.push(performance.now() - began);
  }
  return times;
})()`;
