import { z } from 'zod';
import { silentLog } from '#core/testing/silent-log.ts';
import { decodeCheckedJson, encodeCheckedJson } from '../checked-json.ts';
import { twoCopies } from '../two-copies.ts';

// Child of two-copies.test.ts, there to be killed: counts up in a file and says each number once it is written.
const [path = '', from = '0'] = process.argv.slice(2);
const file = twoCopies(path, (bytes) => decodeCheckedJson(bytes, 1, z.looseObject({})), silentLog);
for (let n = Number(from) + 1; ; n++) {
  await file.write(encodeCheckedJson({ v: 1, n, fill: 'x'.repeat(5000) }));
  process.stdout.write(`${n}\n`);
}
