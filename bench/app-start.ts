import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium } from 'playwright';
import { startAgent } from '../e2e/harness/agent.ts';
import { chromiumArguments, chromiumPath } from '../e2e/harness/chromium.ts';
import { settleIn } from '../e2e/harness/person.ts';
import { end } from '../e2e/harness/program.ts';
import { type Benchmark, type Contest, type Measurement, Unavailable } from './harness/benchmark.ts';
import { type Workplace, workplace } from './harness/workplace.ts';

export const benchmark: Benchmark = {
  name: 'app-start',
  about:
    'From starting the agent to the interface’s first paint in Chromium, against an empty page served the same way.',
  better: 'lower',
  rival: 'an empty page',
  runs: 7,
  warmUp: true,
  async prepare() {
    const place = await workplace();
    const browser = await launch();
    const settled = place.path('settled');
    await mkdir(settled);
    const agent = await startAgent({ home: settled, port: 0 });
    const connection = await agent.connect();
    await settleIn(connection.client);
    connection.close();
    await agent.stop();
    const contests: Contest[] = [
      { name: 'newcomer', ours: () => newcomer(browser, place), rival: () => emptyPage(browser) },
      { name: 'returning', ours: () => start(browser, settled), rival: () => emptyPage(browser) },
    ];
    return {
      contests,
      notes: [
        `Chromium ${browser.version()} runs already; every run is a new process serving and a new, empty browser profile`,
        'first paint is the first with content (first-contentful-paint); usable is when a heading, a field or a button is painted',
      ],
      async close() {
        await browser.close();
        await place.close();
      },
    };
  },
};

async function launch(): Promise<Browser> {
  const executablePath = chromiumPath();
  try {
    return await chromium.launch({ args: chromiumArguments(), ...(executablePath === null ? {} : { executablePath }) });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Unavailable(`Chromium cannot be started (${why}). Install it: sudo apt-get install chromium`);
  }
}

/** A data directory that has never been used: the page is onboarding. */
async function newcomer(browser: Browser, place: Workplace): Promise<Measurement> {
  await place.clear('new');
  await mkdir(place.path('new'));
  return start(browser, place.path('new'));
}

async function start(browser: Browser, home: string): Promise<Measurement> {
  const began = performance.timeOrigin + performance.now();
  const agent = await startAgent({ home, port: 0, env: { HYPHA_CHECK_OUTPUTS: '0' } });
  const serving = performance.timeOrigin + performance.now();
  try {
    const { paint, usable } = await firstPaint(browser, agent.url);
    const notes = {
      'agent serves after': seconds(serving - began),
      'usable after': seconds(usable - began),
    };
    return { seconds: (paint - began) / 1000, notes };
  } finally {
    await agent.stop();
  }
}

async function emptyPage(browser: Browser): Promise<Measurement> {
  const began = performance.timeOrigin + performance.now();
  const program = path.join(import.meta.dirname, 'harness', 'empty-page.ts');
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    const { url } = JSON.parse(String(line)) as { url: string };
    const { paint } = await firstPaint(browser, url);
    return { seconds: (paint - began) / 1000 };
  } finally {
    await end(child, 'SIGKILL');
  }
}

/** When something was first painted, and when the page could first be used, in milliseconds since 1970. */
async function firstPaint(browser: Browser, url: string): Promise<{ paint: number; usable: number }> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    // From the first script on, so that no frame is missed.
    await page.addInitScript({ path: path.join(import.meta.dirname, 'harness', 'watch-paint.js') });
    await page.goto(url, { waitUntil: 'commit' });
    const watched = await page.evaluate<Watched>('watchedPaint');
    return { paint: watched.content, usable: watched.use };
  } finally {
    await context.close();
  }
}

/** What harness/watch-paint.js notes. */
interface Watched {
  readonly content: number;
  readonly use: number;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
