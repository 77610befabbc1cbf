import { writeSync } from 'node:fs';
import process from 'node:process';
import { addressOf } from '../../identity/address.ts';
import { openPostDesk } from './post-desk.ts';

/*
 * `killed-writer.ts HOME ROUND KILL_AT`: writes letters, to others and to itself, and kills itself at the KILL_AT-th point: one lies
 * before and one after each statement that may change either database. Each line on stdout is a promise: `writes TEXT` before a
 * letter is handed over, `sent TEXT` after, `removed TEXT` when it was deleted; `points N` when it came to its end.
 */
const [home = '', round = '0', killAt = '0'] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

let points = 0;
function point(): void {
  if (++points === Number(killAt)) process.kill(process.pid, 'SIGKILL');
}

const self = { address: addressOf(new Uint8Array(32).fill(7)), publicKey: new Uint8Array(32).fill(7) };
const { post } = openPostDesk(home, self, (letters, own) => {
  for (const { db } of [letters, own]) {
    const [prepare, exec] = [db.prepare.bind(db), db.exec.bind(db)];
    db.exec = (sql) => {
      point();
      exec(sql);
      point();
    };
    db.prepare = (sql) => {
      const statement = prepare(sql);
      if (/^\s*SELECT/i.test(sql)) return statement;
      const run = statement.run.bind(statement) as (...values: unknown[]) => ReturnType<typeof statement.run>;
      statement.run = (...values: unknown[]) => {
        point();
        const result = run(...values);
        point();
        return result;
      };
      return statement;
    };
  }
});

const other = addressOf(new Uint8Array(32).fill(9));
const write = (to: Uint8Array, name: string) => {
  const text = `${round}-${name}`;
  say(`writes ${text}`);
  const message = post.send({ to: [to], contact: null, text, topic: '', replyTo: undefined, ttl: 86_400_000 });
  say(`sent ${text}`);
  return { text, id: message.id };
};
write(other, 'other-1');
write(self.address, 'self');
const { text, id } = write(other, 'removed');
say(`removes ${text}`);
post.remove(id);
say(`removed ${text}`);
write(other, 'other-2');
say(`points ${points}`);
// As in a crash: nothing is closed.
process.kill(process.pid, 'SIGKILL');
