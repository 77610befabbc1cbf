import type { Browser, Page } from '@playwright/test';
import type { AgentClient } from '#shared/contract/agent.ts';
import { startAgent, type TestAgent, temporaryHome } from '../harness/agent.ts';
import { endMachines } from '../harness/machines.ts';
import type { Camera } from './camera.ts';

export interface Stage {
  readonly page: Page;
  readonly agent: TestAgent;
  readonly client: AgentClient;
  /** A directory for files to put in, gone afterwards. */
  readonly scratch: string;
  /** Take the page as it stands, under this name. */
  shoot(name: string): Promise<void>;
}

/** Some states of the app that follow from each other, on one agent. */
export interface Chapter {
  readonly name: string;
  /** Why it cannot be shown here; null when it can. */
  missing?(): Promise<string | null>;
  play(stage: Stage): Promise<void>;
}

export async function play(chapter: Chapter, browser: Browser, camera: Camera): Promise<void> {
  const { home, remove } = await temporaryHome();
  const scratch = await temporaryHome();
  const agent = await startAgent({ home, port: 0 });
  const connection = await agent.connect();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  try {
    const page = await context.newPage();
    const shoot = (name: string) => camera.shoot(page, `${chapter.name}-${name}`);
    await chapter.play({ page, agent, client: connection.client, scratch: scratch.home, shoot });
  } finally {
    await context.close();
    connection.close();
    await agent.stop();
    await endMachines(home);
    await remove();
    await scratch.remove();
  }
}
