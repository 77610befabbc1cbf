import { fail, isFail } from '#shared/rpc/fail.ts';
import { openInBrowser } from '../local/browser.ts';
import { readPointer } from '../local/pointer.ts';
import { render, toJson } from './render.ts';
import type { CliSession } from './session.ts';
import type { SpecialName } from './special-words.ts';
import { daemonEntry, startAgent } from './start-agent.ts';
import type { Terminal } from './terminal.ts';
import { waitForEnd } from './wait-for-end.ts';

export interface SpecialContext {
  readonly home: string;
  readonly json: boolean;
  /** Where the command line's own entry lies. */
  readonly directory: string;
  readonly session: CliSession;
  readonly terminal: Terminal;
}

/** A little longer than the agent gives itself before it breaks off what is stuck. */
const stopWithinMs = 35_000;

/** The shortcuts: see `special-words.ts`. */
export async function runSpecial(name: SpecialName, context: SpecialContext): Promise<void> {
  const { home, json, session, terminal } = context;
  const print = (value: unknown, text: string) => terminal.out(json ? `${toJson(value)}\n` : text);
  switch (name) {
    case 'start': {
      const started = await startAgent(daemonEntry(context.directory), home);
      if (started.attached) terminal.err('An agent already runs here.\n');
      return print(started, `${started.url}\n`);
    }
    case 'stop': {
      // Stopping loses nothing and is asked for by name: typing it is the yes.
      const connection = await session.person();
      const pointer = await readPointer(home);
      const gone = new Promise<void>((resolve) => connection.onClose(() => resolve()));
      await connection.client['system.stop']({});
      await gone;
      // Connections end first, long before the last file is closed: whoever moves the directory next must not be too early.
      if (pointer && !(await waitForEnd(pointer.pid, stopWithinMs))) {
        throw fail('STILL_STOPPING', `The agent (process ${pointer.pid}) has not ended yet.`, {
          meaning: 'It was told to stop and answers nobody any more. What was acknowledged is safe.',
          next: 'Wait until that process has ended before you move or copy the data directory.',
        });
      }
      return print({}, '');
    }
    case 'url':
    case 'open': {
      const { client } = await session.person();
      const { url } = await client['system.link']({});
      if (name === 'open' && !(await openInBrowser({ home, url }))) {
        terminal.err('There is no display here; open this link in a browser on this computer.\n');
      }
      return print({ url }, `${url}\n`);
    }
    case 'status': {
      const pointer = await readPointer(home);
      const { client } = await session.calls();
      const [info, identity] = await Promise.all([
        client['system.info']({}),
        client['identity.status']({}).catch((error: unknown) => {
          if (isFail(error)) return null;
          throw error;
        }),
      ]);
      const state = {
        running: true,
        pid: info.pid,
        home: info.home,
        version: info.version,
        port: pointer?.port ?? null,
        identity: identity?.state ?? null,
        person: identity?.person?.name ?? null,
      };
      return print(state, render(state));
    }
  }
}
