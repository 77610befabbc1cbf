import { type Word, wordText } from '../wire/request-parser.ts';
import { auth, select } from './access.ts';
import { type Answer, type Ground, type Handler, refuse, type Session } from './answer.ts';
import { info } from './info.ts';
import { check, del, exists, get, keycur, keytime, length, mget, set } from './keys.ts';
import { dbsize, flush, nsdel, nsinfo, nsjump, nslist, nsnew, nsset, reload } from './namespaces.ts';
import { data, hooks, index, notACommand, ping, stop, time, waitFor, withheld } from './system.ts';
import { history, kscan, rscan, scan } from './walk.ts';

/**
 * Every command by its whole name. 0-db takes any beginning of one (`S` is SET), by the order of its table; a name that
 * is not one of these is refused here, so that a typing error never writes.
 */
const handlers: Readonly<Record<string, Handler>> = {
  '': notACommand,
  '*': notACommand,
  WAIT: waitFor(() => names),
  MIRROR: withheld,
  MASTER: withheld,
  PING: ping,
  TIME: time,
  AUTH: auth,
  HOOKS: hooks,
  INDEX: index,
  DATA: data,
  SET: set,
  SETX: set,
  GET: get,
  MGET: mget,
  DEL: del,
  EXISTS: exists,
  CHECK: check,
  SCAN: scan,
  SCANX: scan,
  RSCAN: rscan,
  KSCAN: kscan,
  HISTORY: history,
  KEYCUR: keycur,
  LENGTH: length,
  KEYTIME: keytime,
  INFO: info,
  STOP: stop,
  DBSIZE: dbsize,
  NSNEW: nsnew,
  NSDEL: nsdel,
  NSLIST: nslist,
  NSSET: nsset,
  NSINFO: nsinfo,
  NSJUMP: nsjump,
  SELECT: select,
  RELOAD: reload,
  FLUSH: flush,
};
const byName = new Map(Object.entries(handlers));
const names: ReadonlySet<string> = new Set(byName.keys());
const longestName = Math.max(...[...names].map((name) => name.length));

export interface Executed {
  readonly answer: Answer;
  /** Null when there is no such command. */
  readonly command: string | null;
}

/** Run one request. */
export function execute(ground: Ground, session: Session, words: readonly Word[]): Executed {
  const word = words[0];
  const name = word !== undefined && word.length <= longestName ? wordText(word).toUpperCase() : '?';
  const handler = byName.get(name);
  if (handler === undefined) {
    ground.counts.failed++;
    return { answer: refuse('Command not supported'), command: null };
  }
  ground.counts.executed++;
  return { answer: handler(ground, session, words), command: name };
}
