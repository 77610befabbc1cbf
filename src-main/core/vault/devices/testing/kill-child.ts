// `node kill-child.ts DESK LAP ROUND AT`: opens the vaults of two devices, changes some files in each as their person would, then brings them
// together and kills itself at the AT-th point of writing in either. Every line on stdout is a fact by then: `stored CONTENT` is in a
// vault, `let-go CONTENT` may be gone, `done`: both hold the same.
import { writeSync } from 'node:fs';
import { meet, openDevice, type TestDevice } from './bench.ts';

const [deskHome = '', lapHome = '', round = '', at = ''] = process.argv.slice(2);
let left = Number.POSITIVE_INFINITY;
const probe = (): void => {
  if (--left === 0) process.kill(process.pid, 'SIGKILL');
};
const say = (line: string): void => void writeSync(1, `${line}\n`);
let state = Number(round) * 7919 + 17;
const random = (n: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
};
const desk = await openDevice('desk', { home: deskHome, probe });
const lap = await openDevice('lap', { home: lapHome, probe });

async function change(device: TestDevice, n: number): Promise<void> {
  const shape = await device.shape();
  const files = Object.keys(shape).filter((path) => !path.endsWith('/'));
  const some = files[random(files.length)];
  const what = random(10);
  if (what < 2 && some) {
    say(`let-go ${shape[some]}`);
    return device.bin(some);
  }
  if (what < 4 && some) return device.rename(some, `m${round}-${device.name}-${n}`);
  if (what < 5) return device.folder(`d${round}-${device.name}-${n}`);
  const path = what < 7 && some ? some : `f${random(60)}`;
  if (shape[path] !== undefined) say(`let-go ${shape[path]}`);
  const content = `${device.name}-${round}-${n}`;
  await device.write(path, content);
  say(`stored ${content}`);
}
for (let n = 0; n < 3; n++) for (const device of [desk, lap]) await change(device, n);
left = Number(at);
await meet(desk, lap);
left = Number.POSITIVE_INFINITY;
const [one, other] = [JSON.stringify(await desk.shape()), JSON.stringify(await lap.shape())];
say(one === other ? 'done' : `diverged ${one} ${other}`);
await desk.stop();
await lap.stop();
