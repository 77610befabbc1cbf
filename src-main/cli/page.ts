import type { agentContract } from '#shared/contract/agent.ts';
import type { OutputOf } from '#shared/rpc/contract.ts';
import { exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';
import { clean, oneLine } from './text.ts';

type Page = OutputOf<(typeof agentContract)['mesh.fetch']>;

/**
 * A page on stdout as it is, so that it can go to a file or another program; what is to be known of it besides on stderr. On a
 * terminal only text, without what the terminal would obey.
 *
 * @param head what the server says of it was asked for only: that is printed
 * @returns the exit code
 */
export async function printPage(page: Page, head: boolean, terminal: Terminal): Promise<number> {
  const { status, statusText, headers, text, body, more } = page;
  const outcome = oneLine(`${status} ${statusText}`).trim();
  if (head) {
    const lines = headers.map(({ name, value }) => oneLine(`${name}: ${value}`));
    await terminal.out(`${[outcome, ...lines].join('\n')}\n`);
    return exitCodes.ok;
  }
  const location = headers.find(({ name }) => name === 'location')?.value;
  if (status >= 300) terminal.err(`hypha: ${outcome}${location === undefined ? '' : `: ${oneLine(location)}`}\n`);
  const shown = terminal.outColumns !== null;
  if (text !== null) await terminal.out(shown ? withEnd(clean(text)) : text);
  else if (body !== null && !shown) await terminal.out(body);
  else if (body !== null && body.length > 0) {
    terminal.err(`hypha: this is no text, and ${body.length} bytes long. Give it to a file: > FILE\n`);
  }
  if (!more) return exitCodes.ok;
  terminal.err('hypha: this is its beginning, the page goes on. Take more of it with --max-bytes.\n');
  return exitCodes.leftOut;
}

const withEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
