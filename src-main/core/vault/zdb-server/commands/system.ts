import { array, arrayOf, bulk, bulkText, failure, integer, nil, ok, simple } from '../wire/reply.ts';
import { wordText } from '../wire/request-parser.ts';
import { adminOnly, atLeast, type Ground, type Handler, leadingNumber, now, refuse, type Session } from './answer.ts';

/* The rest: PING TIME HOOKS INDEX DATA STOP MIRROR MASTER WAIT. */

export const ping: Handler = () => now(simple('PONG'));

export const time: Handler = (ground) => {
  const at = ground.now();
  return now(array([bulkText(String(Math.floor(at / 1000))), bulkText(String(Math.floor((at % 1000) * 1000)))]));
};

export const hooks: Handler = (ground, session) => adminOnly(ground, session) ?? now(arrayOf(0));

export const index: Handler = (ground, session, words) => {
  const wrong = adminOnly(ground, session) ?? atLeast(words, 2);
  if (wrong !== null) return wrong;
  if ((words[1]?.length ?? 0) > 128) return refuse('Argument too long');
  if (wordText(words[1]).toUpperCase() !== 'DIRTY') return refuse('Unknown INDEX subcommand');
  const { store } = session.namespace;
  if (words.length !== 3) return now(array(store.dirty().map(integer)));
  if (wordText(words[2]).toUpperCase() !== 'RESET') return refuse('Unknown INDEX DIRTY subcommand');
  store.resetDirty();
  return now(ok);
};

export const data: Handler = (ground, session, words) => {
  const wrong = adminOnly(ground, session) ?? atLeast(words, 2);
  if (wrong !== null) return wrong;
  if ((words[1]?.length ?? 0) > 128) return refuse('Argument too long');
  if (wordText(words[1]).toUpperCase() !== 'RAW') return refuse('Unknown DATA subcommand');
  if (words.length < 4) return refuse('Missing arguments');
  const file = leadingNumber(wordText(words[2])) ?? 0;
  const offset = leadingNumber(wordText(words[3])) ?? 0;
  const raw = session.namespace.store.raw(file, offset);
  if (raw === 'eof') return refuse('EOF');
  if (raw === 'invalid') return refuse('Invalid Request');
  // 0-db has no way to tell a deletion either.
  if (raw === 'unreadable' || raw.payload.length === 0) return refuse('Unexpected Internal Error');
  return now(
    array([
      bulk(raw.key),
      integer(raw.previous),
      bulkText(`0x${raw.crc.toString(16).padStart(8, '0')}`),
      integer(raw.flags),
      integer(raw.timestamp),
      raw.payload.length > 0 ? bulk(raw.payload) : nil,
    ]),
  );
};

export const stop: Handler = () => refuse('Unauthorized');

/** Mirroring is unfinished in 0-db, and would hand out every byte and every password. */
export const withheld: Handler = (ground, session) => adminOnly(ground, session) ?? refuse('Command not supported');

export const notACommand: Handler = () => refuse('This is not a valid command');

const waitLeast = 100;
const waitMost = 30 * 60 * 1000;
const waitUsual = 5000;

/** @param names of all commands */
export const waitFor =
  (names: () => ReadonlySet<string>): Handler =>
  (ground: Ground, session: Session, words) => {
    if (words.length !== 2 && words.length !== 3) return refuse('Invalid arguments');
    const command = wordText(words[1]).toUpperCase();
    if (command !== '*' && !names().has(command)) return refuse('Unknown command to watch');
    let ms = waitUsual;
    if (words.length === 3) {
      const given = leadingNumber(wordText(words[2])) ?? 0;
      if ((words[2]?.length ?? 0) > 16 || given < waitLeast || given > waitMost) return refuse('Invalid timeout');
      ms = given;
    }
    const waiting = ground.watch(session, command === '*' ? null : command, ms);
    return {
      kind: 'later',
      reply: waiting.then((seen) => (seen === null ? failure('Timeout') : simple(seen))),
    };
  };
