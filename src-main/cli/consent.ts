import type { ConsentRequest } from '#shared/contract/activity.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { LocalConnection } from '../local/local-client.ts';
import type { Terminal } from './terminal.ts';
import { oneLine, widthOf, wrapTo } from './text.ts';

/** The questions that this command's calls raise: those asked over its own connection, which no other program has. */
export async function ownQuestions(asks: LocalConnection, signal: AbortSignal): Promise<ConsentRequest[]> {
  const { requests } = await asks.client['consent.pending']({}, { signal });
  return requests.filter(({ mine }) => mine);
}

/**
 * Answers, by the hand of the person at this terminal, the question that one call of this command raises. The person's
 * connection is another one than the caller's, so the call does not answer itself; only the questions of this very call
 * are shown here, others wait for their own person.
 *
 * @param asks the connection over which the command calls.
 * @param answers a connection opened for the person.
 */
export function answerAtTerminal(
  terminal: Terminal,
  asks: LocalConnection,
  answers: LocalConnection,
): { stop(): void } {
  const done = new AbortController();
  const { signal } = done;
  const asked = new Set<string>();

  const look = async () => {
    for (const request of await ownQuestions(asks, signal)) {
      if (asked.has(request.id)) continue;
      asked.add(request.id);
      terminal.err(questionText(request, terminal.columns));
      const typed = await terminal.ask('Allow it? [y/N] ');
      await answers.client['consent.answer'](
        { request: request.id, allow: /^y(es)?$/i.test(typed.trim()) },
        { signal },
      );
    }
  };
  const follow = async () => {
    const events = answers.client['system.events']({}, { signal })[Symbol.asyncIterator]();
    const upcoming = () => {
      const event = events.next();
      // Looked at after `look`; when that fails first, this one's failure says nothing new.
      event.catch(() => {});
      return event;
    };
    // Followed before the first look, so that no question falls between.
    let next = upcoming();
    for (;;) {
      await look();
      let event = await next;
      while (!event.done && event.value.topic !== 'consent') event = await upcoming();
      if (event.done) return;
      next = upcoming();
    }
  };
  follow().catch(async (error: unknown) => {
    if (signal.aborted) return;
    // Ctrl-C at the question is a no; the call then ends by itself.
    if (isFail(error, 'CANCELLED')) await refuseAll(answers, asked);
    else terminal.err(`hypha: the question could not be asked: ${error instanceof Error ? error.message : error}\n`);
  });
  return { stop: () => done.abort() };
}

async function refuseAll(answers: LocalConnection, asked: ReadonlySet<string>): Promise<void> {
  for (const request of asked) {
    await answers.client['consent.answer']({ request, allow: false }).catch(() => {
      // Answered already, or expired: either way nothing is allowed by it.
    });
  }
}

const mark = '    | ';

/**
 * A value that does not fit beside its name stands below it, each line marked, where the terminal would begin one too: none can
 * be taken for another argument, or for words of ours.
 */
function valueText(value: string, room: number, columns: number): string {
  const lines = value.split('\n').map((line) => oneLine(line.replaceAll('\t', '    ')));
  const [first = '', more] = lines;
  if (more === undefined && widthOf(first) <= room) return first;
  const rows = lines.flatMap((line) => wrapTo(line, Math.max(20, columns - mark.length - 1)));
  return rows.map((row) => `\n${mark}${row}`).join('');
}

/** The question as it stands on a terminal so many columns wide. */
export function questionText(request: ConsentRequest, columns: number): string {
  const shown = ({ name, value }: ConsentRequest['arguments'][number]): string => {
    const label = `  ${oneLine(name)}: `;
    return label + valueText(value, columns - widthOf(label) - 1, columns);
  };
  return ['', oneLine(request.summary), ...request.arguments.map(shown), `Undo: ${oneLine(request.undo)}`, ''].join(
    '\n',
  );
}
