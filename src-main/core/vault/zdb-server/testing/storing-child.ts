import { connectRaw } from './raw-client.ts';

/** Stores and reads from a process of its own: `node storing-child.ts PORT NAMESPACE PASSWORD COUNT`. */
const [port = '', namespace = '', password = '', count = ''] = process.argv.slice(2);
const client = await connectRaw(Number(port));
await client.ask('SELECT', namespace, password);
let done = 0;
for (let i = 0; i < Number(count); i++) {
  const value = `value ${i} `.repeat(1000);
  await client.ask('SET', `key ${i}`, value);
  if ((await client.say('GET', `key ${i}`)) === `$${value.length}|${value}|`) done++;
}
client.close();
console.log(`${done} stored and read`);
