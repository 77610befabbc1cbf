import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { Fail } from '#shared/rpc/fail.ts';
import { realHost } from '../testing/rig.ts';
import { askSystem } from './ask-system.ts';
import { parseVersion } from './capability.ts';
import { commandMark, qemuArguments } from './command-line.ts';
import { chardev, endpoint, newPipeKey } from './endpoint.ts';
import { installCommand, qemuCandidates, qemuImgBeside } from './locate.ts';
import { isQemu, parseStat } from './process.ts';
import { connectQmp, QmpError } from './qmp.ts';
import { createQmpDecoder, type QmpMessage } from './qmp-decoder.ts';

describe('the QMP decoder', () => {
  const line = fc.oneof(
    fc.record({ return: fc.jsonValue(), id: fc.nat() }),
    fc.record({ error: fc.record({ class: fc.string(), desc: fc.string() }), id: fc.nat() }),
    fc.record({ event: fc.string(), data: fc.dictionary(fc.string(), fc.jsonValue()) }),
  );

  it('finds the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.array(fc.nat(400), { maxLength: 6 }), (lines, cuts) => {
        const bytes = new TextEncoder().encode(lines.map((l) => `${JSON.stringify(l)}\r\n`).join(''));
        const whole = createQmpDecoder().push(bytes);
        const decoder = createQmpDecoder();
        const edges = [0, ...cuts.map((c) => Math.min(c, bytes.length)).sort((a, b) => a - b), bytes.length];
        const parts: QmpMessage[] = edges.slice(1).flatMap((end, i) => decoder.push(bytes.slice(edges[i], end)));
        expect(parts).toEqual(whole);
        expect(whole.length).toBe(lines.length);
      }),
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 500 }),
          fc.json().map((t) => new TextEncoder().encode(`${t}\n`)),
        ),
        (bytes) => {
          try {
            createQmpDecoder(200).push(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Fail);
          }
        },
      ),
    );
  });
});

describe.skipIf(process.platform === 'win32')('the QMP client', () => {
  let dir: string;
  let server: Server;
  const held: number[] = [];
  const path = () => join(dir, 'qmp.sock');
  const say = (value: unknown): string => `${JSON.stringify(value)}\r\n`;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hy-qmp-'));
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(say({ QMP: { version: {}, capabilities: [] } }));
      socket.on('data', (bytes) => {
        for (const line of bytes.toString().trim().split('\n')) {
          const { execute, id } = JSON.parse(line);
          // Answered only after something else was: as QEMU does while it keeps a snapshot's memory.
          if (execute === 'silence') {
            held.push(id);
            continue;
          }
          if (execute === 'speak') for (const late of held.splice(0)) socket.write(say({ return: 'late', id: late }));
          if (execute === 'garbage') socket.write('\0\0\n');
          if (execute === 'refuse') socket.write(say({ error: { class: 'GenericError', desc: 'no' }, id }));
          else socket.write(say({ event: 'HEARD', data: { execute } }) + say({ return: { execute }, id }));
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(path(), resolve));
  });
  afterAll(async () => {
    server.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('answers, refuses and tells events', async () => {
    const qmp = await connectQmp(path(), realHost);
    const heard: string[] = [];
    qmp.onEvent((event) => void heard.push(String(event.data.execute)));
    expect(await qmp.execute('query-status')).toEqual({ execute: 'query-status' });
    await expect(qmp.execute('refuse')).rejects.toBeInstanceOf(QmpError);
    expect(heard).toContain('query-status');
    qmp.destroy();
    await expect(qmp.execute('query-status')).rejects.toMatchObject({ code: 'DISCONNECTED' });
  });

  it('gives up a late answer alone: others on the connection go on, and what comes late is taken for nothing', async () => {
    const qmp = await connectQmp(path(), realHost);
    await expect(qmp.execute('silence', {}, 1)).rejects.toMatchObject({ code: 'DISCONNECTED' });
    expect(qmp.overdue).toBe(1);
    expect(await qmp.execute('speak')).toEqual({ execute: 'speak' });
    expect([qmp.overdue, qmp.lost]).toEqual([0, false]);
    qmp.destroy();
  });

  it('destroys a connection that sends something else', async () => {
    const mad = await connectQmp(path(), realHost);
    await expect(mad.execute('garbage')).rejects.toMatchObject({ code: 'DISCONNECTED' });
    await mad.closed;
  });
});

describe('finding QEMU', () => {
  it('looks at the setting, PATH, then the usual directories', () => {
    const from = {
      platform: 'linux',
      env: { PATH: '/opt/x:relative:/usr/bin' },
      arch: 'amd64',
      setting: '/srv/qemu',
    } as const;
    const found = qemuCandidates(from);
    expect(found.slice(0, 3)).toEqual([
      '/srv/qemu/qemu-system-x86_64',
      '/opt/x/qemu-system-x86_64',
      '/usr/bin/qemu-system-x86_64',
    ]);
    expect(found).not.toContain('relative/qemu-system-x86_64');
    expect(qemuCandidates({ ...from, setting: '/srv/qemu-system-x86_64' })[0]).toBe('/srv/qemu-system-x86_64');
  });

  it('knows where Windows and macOS installers put it, outside PATH', () => {
    const windows = qemuCandidates({
      platform: 'win32',
      env: { ProgramFiles: 'D:\\Programs', Path: 'C:\\bin' },
      arch: 'amd64',
      setting: '',
    });
    expect(windows).toContain('D:\\Programs\\qemu\\qemu-system-x86_64.exe');
    expect(windows[0]).toBe('C:\\bin\\qemu-system-x86_64.exe');
    expect(qemuCandidates({ platform: 'darwin', env: {}, arch: 'arm64', setting: '' })).toContain(
      '/opt/homebrew/bin/qemu-system-aarch64',
    );
    expect(qemuImgBeside('C:\\Program Files\\qemu\\qemu-system-x86_64.exe', 'win32')).toBe(
      'C:\\Program Files\\qemu\\qemu-img.exe',
    );
  });

  it('names the one command that installs it', () => {
    const linux = (release: string) => installCommand('linux', release, 'amd64');
    expect(linux('ID=debian\n')).toBe('sudo apt-get install -y qemu-system-x86 qemu-utils');
    expect(linux('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toContain('apt-get');
    expect(linux('ID=fedora\n')).toContain('dnf install qemu-system-x86-core');
    expect(linux('ID=manjaro\nID_LIKE=arch\n')).toContain('pacman');
    expect(linux('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n')).toContain('zypper');
    expect(installCommand('darwin', '', 'arm64')).toBe('brew install qemu');
    expect(installCommand('win32', '', 'amd64')).toContain('winget install');
  });

  it('reads its version', () => {
    expect(parseVersion('QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)\n')).toBe('7.2.22');
    expect(parseVersion('something else')).toBeNull();
  });
});

describe('a question to the system', () => {
  it('has a deadline', async () => {
    const forever = ['-e', 'setInterval(() => {}, 1e6)'];
    await expect(askSystem(process.execPath, forever, { withinMs: 50 })).rejects.toMatchObject({ killed: true });
    expect((await askSystem(process.execPath, ['-p', '6 * 7'])).trim()).toBe('42');
  });
});

describe('processes', () => {
  it('are read from /proc even under a hostile name', () => {
    const stat = `42 (a) b ) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 3 0 987654 1000 10`;
    expect(parseStat(stat)).toEqual({ state: 'S', startTime: '987654', cpuTicks: 300 });
    fc.assert(fc.property(fc.string(), (text) => void parseStat(text)));
  });

  it('count as QEMU only when the program is one', () => {
    expect(isQemu('/usr/bin/qemu-system-x86_64 -name x')).toBe(true);
    expect(isQemu('"C:\\Program Files\\qemu\\qemu-system-x86_64.exe" -name')).toBe(true);
    expect(isQemu('vim notes-on-qemu-system.txt')).toBe(false);
  });
});

describe('the command line', () => {
  const launch = {
    id: 'abcdefghijkl',
    uuid: '00000000-0000-4000-8000-000000000000',
    name: 'web-1',
    arch: 'amd64',
    accelerator: 'tcg',
    cpus: 2,
    memoryMiB: 256,
    runDir: '/run/h',
    pidFile: '/run/h/abcdefghijkl/qemu.pid',
    pipeKey: '',
    consoleLog: '/home/a,b/console.log',
    disks: [{ node: 'disk0', file: '/home/a,b/disk.qcow2', format: 'qcow2', serial: 'data', readOnly: false }],
    kernel: null,
    firmware: null,
    network: ['-netdev', 'user,id=net0'],
    sandbox: true,
    paused: false,
  } as const;

  it('makes QEMU the server on every socket, confined, without defaults', () => {
    const args = qemuArguments(launch).join(' ');
    expect(args).toContain('socket,id=qmp,path=/run/h/abcdefghijkl/qmp.sock,server=on,wait=off');
    expect(args).toContain('-nodefaults -no-user-config');
    expect(args).toContain('spawn=deny');
    expect(args).not.toContain('-daemonize');
  });

  it('escapes commas in paths, which would otherwise be options', () => {
    const args = qemuArguments(launch).join(' ');
    expect(args).toContain('file.filename=/home/a,,b/disk.qcow2');
    expect(args).toContain('logfile=/home/a,,b/console.log,logappend=on');
  });

  it('uses named pipes on Windows', () => {
    const at = (key: string) => [
      endpoint('C:\\run', 'abc', key, 'qmp', 'win32'),
      chardev('C:\\run', 'abc', key, 'qmp', '', 'win32'),
    ];
    expect(at('k2')).toEqual(['\\\\.\\pipe\\hypha-abc-k2-qmp', 'pipe,id=qmp,path=hypha-abc-k2-qmp']);
    // Started by a version before the key: its QEMU is still to be found.
    expect(at('')).toEqual(['\\\\.\\pipe\\hypha-abc-qmp', 'pipe,id=qmp,path=hypha-abc-qmp']);
    for (const [, said = ''] of [at('k2'), at('')]) expect(said).toContain(commandMark('C:\\run', 'abc', 'win32'));
  });

  it('gives pipes a name nobody can foresee', () => {
    const random = seededRandom(9);
    const [first, second] = [newPipeKey(random), newPipeKey(random)];
    expect(first).toMatch(/^[a-z2-7]{26}$/);
    expect(second).not.toBe(first);
  });
});
