import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRig, fakeTask, missingParts, type Rig, spec } from '#core/machines/testing/rig.ts';
import { guestShell } from '#core/machines/testing/shell.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import { type SwitchNode, startSwitchNode } from '../switch/testing/node.ts';
import { until } from '../testing/test-node.ts';
import { subnetOf } from '../wire/prefix.ts';
import { type Daemon, startDaemon } from './daemon.ts';

/*
 * A QEMU guest two hops away, with nothing but real Mycelium daemons (v0.7, MYCELIUM_BIN) on the way to its computer: ping, hop by
 * hop, curl through the SOCKS proxy, and the other daemon's way when one is killed in the middle of a download.
 */
const binary = process.env.MYCELIUM_BIN ?? '';
const why = binary === '' ? 'MYCELIUM_BIN names none' : await missingParts();
if (why !== null) console.log(`skipped: a machine behind Mycelium daemons, because ${why}`);
const execute = promisify(execFile);

describe.skipIf(why !== null)('a machine behind Mycelium daemons', () => {
  const size = 4_000_000;
  const daemons: Daemon[] = [];
  let here: SwitchNode;
  let there: SwitchNode;
  let rig: Rig;
  let machine = '';
  let address = new Uint8Array(16);
  const shell = guestShell(() => rig, 'guest');
  /** A router speaks from some address of its /64. */
  const placeOf = (from: Uint8Array): number =>
    daemons.findIndex((daemon) => subnetOf(parseAddress(daemon.address) ?? address).key === subnetOf(from).key);
  /** The daemon over which packets go now, by its place in `daemons`. */
  const used = async (): Promise<number> => {
    const { from } = await here.engine.ping(address, { hopLimit: 2, timeout: 5_000 });
    return placeOf(from);
  };

  beforeAll(async () => {
    for (let i = 0; i < 2; i++) daemons.push(await startDaemon(binary));
    [here, there] = await Promise.all([startSwitchNode(), startSwitchNode()]);
    rig = await createRig({ mesh: there.mesh });
    for (const node of [here, there]) {
      for (const { port } of daemons) node.engine.addPeer(`tcp://127.0.0.1:${port}`);
    }
    const made = await rig.machines.handlers['machines.deploy'](spec({ name: 'guest' }), fakeTask());
    machine = made.machine.mesh?.address ?? '';
    address = Uint8Array.from(parseAddress(machine) ?? []);
    await rig.machines.handlers['machines.configure']({ machine: 'guest', open: ['icmp', 'tcp/80'] }, fakeTask());
    await shell(`mkdir -p /www; head -c ${size} /dev/urandom > /www/blob; httpd -p "[::]:80" -h /www`);
  });
  afterAll(async () => {
    await rig?.close();
    await Promise.all([here?.stop(), there?.stop(), ...daemons.map((daemon) => daemon.stop())]);
  });

  it('answers pings, and the daemon on the way says that it is one', async () => {
    await until(async () => (await here.engine.ping(address, { timeout: 1_000 }).catch(() => null))?.kind === 'reply');
    expect(await used()).toBeGreaterThanOrEqual(0);
    const { from } = await here.engine.ping(address, { hopLimit: 3, timeout: 5_000 });
    // The third router is the machine's computer, or the machine itself.
    expect(placeOf(from)).toBe(-1);
  });

  it('serves curl through the SOCKS proxy, whole also when the daemon between is killed meanwhile', async () => {
    const port = await here.engine.socks('socks', 0, 'hypha', 'secret');
    const fetched = async (...more: string[]): Promise<string> => {
      const proxy = ['--socks5-hostname', `127.0.0.1:${port}`, '--proxy-user', 'hypha:secret', '--noproxy', ''];
      const { stdout } = await execute('curl', ['-sS', ...proxy, ...more, `http://[${machine}]/blob`], {
        encoding: 'buffer',
        maxBuffer: 2 ** 24,
      });
      return createHash('sha256').update(stdout).digest('hex');
    };
    const [wanted] = /\b[0-9a-f]{64}\b/.exec(await shell('sha256sum /www/blob')) ?? [];
    expect(await fetched()).toBe(wanted);

    const victim = await used();
    const came = async (): Promise<number> => (await here.engine.relays()).socks?.received ?? 0;
    const before = await came();
    const slow = fetched('--limit-rate', '500k');
    await until(async () => (await came()) > before + 500_000);
    const since = performance.now();
    await daemons[victim]?.stop();
    expect(await came()).toBeLessThan(before + size);
    expect(await slow).toBe(wanted);
    await until(async () => (await used().catch(() => -1)) === 1 - victim);
    console.log(
      `a download of 4 MB went on over the other daemon, ${(performance.now() - since).toFixed(0)} ms in all`,
    );
  });
});
