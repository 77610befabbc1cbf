import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { promisify } from 'node:util';

/*
 * Computers with cables between them, made of Linux network namespaces and veth pairs: each has its own interfaces, routes,
 * ports and multicast, and nothing of the real network. To make them needs root and iproute2.
 */

const run = promisify(execFile);
const prefix = 'hypha-test-';

/** @returns the command's output */
export async function command(program: string, ...args: string[]): Promise<string> {
  return (await run(program, args)).stdout;
}

/** A computer's network: a namespace by name. */
export interface Place {
  readonly name: string;
  /** Names that this computer knows addresses of, as its hosts file says from now on. */
  setNames(names: Readonly<Record<string, string>>): Promise<void>;
}

/** A cable between two places; each end is an interface `to-PLACE-N`, after the place at the other end. */
export interface Cable {
  /** Interfaces, of the place that was named first and of the other. */
  readonly ends: readonly [CableEnd, CableEnd];
}

export interface CableEnd {
  readonly interface: string;
  readonly address: string;
  /** As when the cable is pulled out at this end, or put in. */
  plug(state: 'up' | 'down'): Promise<void>;
  /** Let nothing that leaves this end arrive, as when something breaks further along: neither end is told. */
  mute(): Promise<void>;
  /**
   * Lose packets that leave this end. @returns how: 5 % of them, and some out of order, by `tc netem`; where the kernel has not
   * got that, 5 % by `iptables`; without either, whatever does not fit into a queue of a few packets before a slow cable
   */
  spoil(): Promise<string>;
}

export interface Net {
  place(name: string): Promise<Place>;
  /**
   * Lay a cable. The addresses are IPv4, `10.N.0.1` and `10.N.0.2`, where N counts the cables; the cable also has its
   * link-local IPv6 addresses.
   */
  cable(a: Place, b: Place): Promise<Cable>;
  /** Take all of it away. */
  remove(): Promise<void>;
}

/** Why there can be no namespaces here; empty where there can. */
export async function whyNoNamespaces(): Promise<string> {
  if (process.platform !== 'linux') return 'network namespaces are Linux’s';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const probe = `${prefix}${process.pid}-probe`;
  try {
    await command('ip', 'netns', 'add', probe);
    await command('ip', 'netns', 'del', probe);
    return '';
  } catch (error) {
    return `ip netns does not work here: ${String((error as Error).message)
      .trim()
      .split('\n')
      .at(-1)}`;
  }
}

/** Those of test runs that were killed before they could clear up. */
async function sweep(): Promise<void> {
  for (const line of (await command('ip', 'netns', 'list')).split('\n')) {
    const name = line.split(' ')[0] ?? '';
    const owner = /^hypha-test-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    await command('ip', 'netns', 'del', name).catch(() => {});
    await rm(`/etc/netns/${name}`, { recursive: true, force: true });
  }
}

let made = 0;

export async function createNet(): Promise<Net> {
  await sweep();
  const places: string[] = [];
  let cables = 0;

  return {
    async place(name) {
      const full = `${prefix}${process.pid}-${++made}-${name}`;
      // Before the namespace is entered for the first time, since only then is the file put in place of /etc/hosts.
      await mkdir(`/etc/netns/${full}`, { recursive: true });
      places.push(full);
      const hosts = `/etc/netns/${full}/hosts`;
      const setNames: Place['setNames'] = (names) =>
        writeFile(
          hosts,
          ['127.0.0.1 localhost', ...Object.entries(names).map(([one, at]) => `${at} ${one}`), ''].join('\n'),
        );
      await setNames({});
      await command('ip', 'netns', 'add', full);
      await command('ip', '-n', full, 'link', 'set', 'lo', 'up');
      // Nobody else is on the cable: an IPv6 address need not wait until that is certain.
      await command('ip', 'netns', 'exec', full, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0');
      return { name: full, setNames };
    },
    async cable(a, b) {
      const n = ++cables;
      const end = (from: Place, to: Place, host: number): CableEnd => ({
        interface: `to-${to.name.split('-').slice(4).join('-')}-${n}`.slice(0, 15),
        address: `10.${n}.0.${host}`,
        async plug(state) {
          await command('ip', '-n', from.name, 'link', 'set', this.interface, state);
        },
        async mute() {
          // To a network card that is not there.
          const card = ['lladdr', '02:00:00:00:00:99', 'dev', this.interface, 'nud', 'permanent'];
          await command('ip', '-n', from.name, 'neigh', 'replace', `10.${n}.0.${3 - host}`, ...card);
        },
        async spoil() {
          const discipline = (...words: string[]) =>
            command(
              'ip',
              ...['netns', 'exec', from.name, 'tc', 'qdisc', 'replace', 'dev', this.interface, 'root'],
              ...words,
            );
          try {
            await discipline(...'netem delay 5ms 2ms loss 5% reorder 25% 50%'.split(' '));
            return 'that loses 5 % each way and reorders';
          } catch {
            const lossy = await command(
              'ip',
              ...['netns', 'exec', from.name, 'iptables', '-A', 'OUTPUT', '-o', this.interface],
              ...'-m statistic --mode random --probability 0.05 -j DROP'.split(' '),
            ).catch(() => null);
            if (lossy !== null) return 'that loses 5 % each way';
            await discipline(...'tbf rate 40mbit burst 5kb limit 12kb'.split(' '));
            return 'of 40 Mbit/s that holds 12 kB and loses the rest';
          }
        },
      });
      const ends = [end(a, b, 1), end(b, a, 2)] as const;
      await command(
        'ip',
        ...['link', 'add', ends[0].interface, 'netns', a.name, 'type', 'veth'],
        ...['peer', 'name', ends[1].interface, 'netns', b.name],
      );
      for (const [place, one] of [[a, ends[0]] as const, [b, ends[1]] as const]) {
        await command('ip', '-n', place.name, 'address', 'add', `${one.address}/24`, 'dev', one.interface);
        await one.plug('up');
      }
      // The kernel says up to a second late that a cable is in; a program that looks before sees no address there.
      for (const [place, one] of [[a, ends[0]] as const, [b, ends[1]] as const]) {
        while (!(await command('ip', '-n', place.name, '-o', 'link', 'show', one.interface)).includes('state UP')) {
          await new Promise((done) => setTimeout(done, 50));
        }
      }
      return { ends };
    },
    async remove() {
      for (const name of places.splice(0)) {
        await command('ip', 'netns', 'del', name).catch(() => {});
        await rm(`/etc/netns/${name}`, { recursive: true, force: true });
      }
    },
  };
}
