import { Device, type Durable, Killed } from './device.ts';

export interface Counts {
  operations: number;
  edits: number;
  kills: number;
  partitions: number;
  lost: number;
  doubled: number;
  late: number;
  clocks: number;
  conflicts: number;
  putBack: number;
}
interface Message {
  readonly from: Device;
  readonly to: Device;
  readonly bytes: Uint8Array;
}

const year = 365 * 24 * 3600 * 1000;

/** Several devices of one person, their network and their bad luck, from a seed. */
export class World {
  readonly devices: Device[] = [];
  readonly counts: Counts = {
    ...{
      operations: 0,
      edits: 0,
      kills: 0,
      partitions: 0,
      lost: 0,
      doubled: 0,
      late: 0,
      clocks: 0,
      conflicts: 0,
      putBack: 0,
    },
  };
  /** Bytes that somebody wrote, and nobody who saw them took away. */
  readonly must = new Set<string>();
  #state: number;
  #next = 0;
  #cut = new Set<string>();
  #air: Message[] = [];
  #now = Date.UTC(2026, 0, 1);

  constructor(seed: number, size: number) {
    this.#state = seed * 2654435761 + 97;
    for (let n = 0; n < size; n++) this.add(seed, n);
  }
  add(seed: number, n: number): Device {
    const name = `device ${String.fromCharCode(97 + n)}`;
    const others = (): string[] => this.devices.filter((one) => one.name !== name).map((one) => one.name);
    const device = new Device(name, seed * 31 + n, others);
    this.devices.push(device);
    for (const one of this.devices) one.known.setPeers(one.peers());
    return device;
  }

  /** All have the same few files, and know it. */
  async begin(): Promise<void> {
    const [first] = this.devices;
    if (!first) return;
    first.folder('a');
    for (const path of ['a/c', 'a/d.txt', 'b', 'e.txt']) this.write(first, path);
    await this.calm();
  }

  roll(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }
  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.roll(list.length)];
  }
  #fresh(): string {
    return `bytes ${this.#next++}`;
  }

  /** Who took bytes away; whoever brings them back takes that back for themselves alone. */
  readonly #gone = new Map<string, Set<Device>>();
  #takeAway(device: Device, bytes: string): void {
    this.must.delete(bytes);
    this.#gone.set(bytes, (this.#gone.get(bytes) ?? new Set()).add(device));
  }
  #bringBack(device: Device, bytes: string): void {
    const by = this.#gone.get(bytes);
    by?.delete(device);
    if (!by || by.size === 0) this.must.add(bytes);
  }
  #letGo(device: Device, path: string): void {
    for (const [at, bytes] of device.shape())
      if (at === path || at.startsWith(`${path}/`)) this.#takeAway(device, bytes);
  }
  #someFile(device: Device): string | undefined {
    return this.#pick([...device.shape().keys()].filter((path) => !path.endsWith('/')));
  }
  #someThing(device: Device): string | undefined {
    return this.#pick([...device.shape().keys()])?.replace(/\/$/, '');
  }
  #someFolder(device: Device): string {
    return this.#pick(['', ...[...device.shape().keys()].filter((path) => path.endsWith('/'))]) ?? '';
  }
  /** A person does something on a device. */
  act(device: Device): void {
    this.counts.operations++;
    const name = `${this.#pick(['a', 'b', 'c', 'd.txt', 'e.txt'])}`;
    const what = this.roll(20);
    const into = this.#someFolder(device);
    if (what < 4) this.write(device, into + name);
    else if (what < 9) {
      const file = this.#someFile(device);
      if (file) this.write(device, file);
    } else if (what < 12) device.folder(into + name);
    else if (what < 15) {
      const thing = this.#someThing(device);
      if (thing) device.move(thing, into + name);
    } else if (what < 17) {
      const thing = this.#someThing(device);
      if (!thing) return;
      this.#letGo(device, thing);
      device.bin(thing);
    } else if (what < 19) {
      const node = this.#pick([...device.tree.bin.values()]);
      if (!node) return;
      device.restore(node);
      for (const one of [node, ...device.tree.below(node)]) {
        const bytes = device.disk.bytes.get(one.id);
        if (bytes !== undefined) this.#bringBack(device, bytes);
      }
    } else {
      const node = this.#pick([...device.tree.bin.values()]);
      if (!node) return;
      for (const one of [node, ...device.tree.below(node)]) {
        const bytes = device.disk.bytes.get(one.id);
        if (bytes !== undefined) this.#takeAway(device, bytes);
      }
      device.purge(node);
    }
  }
  write(device: Device, path: string, bytes = this.#fresh()): void {
    const old = device.find(path);
    const before = old?.kind === 'file' ? device.disk.bytes.get(old.id) : undefined;
    if (!device.write(path, bytes)) return;
    if (before !== undefined) this.#takeAway(device, before);
    this.counts.edits++;
    this.must.add(bytes);
  }

  #cutKey = (a: Device, b: Device): string => [a.name, b.name].sort().join(' ');
  #reach(a: Device, b: Device): boolean {
    return a !== b && !this.#cut.has(this.#cutKey(a, b));
  }
  /** Something goes wrong, or right again. */
  misfortune(): void {
    const [a, b] = [this.#pick(this.devices), this.#pick(this.devices)];
    if (!a || !b) return;
    if (this.roll(3) === 0) {
      this.counts.clocks++;
      a.clock += this.roll(2) === 0 ? year : -year;
      return;
    }
    if (a === b) return;
    const key = this.#cutKey(a, b);
    if (this.#cut.delete(key)) return;
    this.#cut.add(key);
    this.counts.partitions++;
  }

  readonly #copies = new Map<Device, Durable>();
  /**
   * A copy of a device's disk is made, or put back: what was done since is gone there, and may be known elsewhere. It meets one of the others
   * before it writes again: only by that it knows.
   */
  putBack(): void {
    const device = this.#pick(this.devices);
    if (!device) return;
    const copy = this.#copies.get(device);
    if (!copy) {
      this.#copies.set(device, device.copy());
      return;
    }
    this.counts.putBack++;
    this.#copies.delete(device);
    // The bytes of files are on its places still.
    for (const bytes of [...device.disk.bytes.values(), ...device.disk.came]) copy.came.add(bytes);
    device.disk = copy;
    device.start();
    this.#air = [];
    for (const other of this.devices) if (other !== device) this.#tellAll(other, device);
    const there = new Set(this.devices.flatMap((one) => [...one.shape().values()]));
    for (const bytes of this.must) if (!there.has(bytes)) this.must.delete(bytes);
  }

  /** Do something that may be killed in the middle; what is durable goes on. */
  async mayDie(device: Device, work: () => unknown, killAt: number): Promise<void> {
    let left = killAt;
    device.kill = () => left-- === 0;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.counts.kills++;
      device.kill = () => false;
      device.start();
    } finally {
      device.kill = () => false;
    }
  }
  #luck(): number {
    return this.roll(3) === 0 ? this.roll(10) : -1;
  }

  /** One thing that agents do by themselves. */
  async work(): Promise<void> {
    this.#now += this.roll(1000);
    for (const device of this.devices) device.clock += this.roll(1000);
    const device = this.#pick(this.devices);
    const other = this.#pick(this.devices);
    if (!device || !other) return;
    const what = this.roll(10);
    if (what < 3) await this.mayDie(device, () => device.settle(), this.#luck());
    else if (what < 5) await this.mayDie(device, () => device.read(1 + this.roll(4)), this.#luck());
    else if (what < 7) {
      if (!this.#reach(device, other)) return;
      const most = this.roll(3) === 0 ? 400 : 65_536;
      const bytes = other.known.answer(device.name, device.known.question(other.name), most);
      if (bytes) this.#air.push({ from: other, to: device, bytes });
    } else if (what < 9) {
      const message = this.#pick(this.#air);
      if (!message) return;
      const fate = this.roll(10);
      // Some stay in the air and come again, much later.
      if (fate !== 0) this.#air.splice(this.#air.indexOf(message), 1);
      else this.counts.doubled++;
      if (fate === 1) this.counts.lost++;
      else {
        if (message !== this.#air[0]) this.counts.late++;
        await this.mayDie(message.to, () => message.to.known.take(message.from.name, message.bytes), this.#luck());
      }
    } else this.fetch(device, 1);
  }
  /** @returns contents that came */
  fetch(device: Device, most: number): number {
    let came = 0;
    for (const { content } of device.wanted.slice(0, most)) {
      const from = this.devices.find((one) => this.#reach(device, one) && one.bytesOf(content) !== null);
      const bytes = from?.bytesOf(content);
      if (!bytes) continue;
      device.disk.came.add(bytes);
      came++;
    }
    return came;
  }
  #tellAll(from: Device, to: Device): boolean {
    let changed = false;
    for (let n = 0; n < 1000; n++) {
      const bytes = from.known.answer(to.name, to.known.question(from.name), 65_536);
      if (!bytes) break;
      changed = to.known.take(from.name, bytes).changed || changed;
    }
    return changed;
  }
  /** Everything is reached again, and all is done that there is to do. */
  async calm(): Promise<void> {
    this.#cut.clear();
    this.#air = [];
    for (let round = 0; round < 60; round++) {
      let busy = false;
      for (const device of this.devices) {
        const { told } = await device.settle();
        if (told || device.unread.length > 0) busy = true;
        device.read(1000);
        if (this.fetch(device, 1000) > 0) busy = true;
      }
      for (const device of this.devices) {
        for (const other of this.devices) {
          if (device !== other && this.#tellAll(other, device)) busy = true;
        }
      }
      if (!busy && round > 2) return;
    }
    throw new Error('the devices do not come to rest');
  }
  /** What is wrong; null when all is well. */
  problem(): string | null {
    this.counts.conflicts = this.devices.reduce((sum, { conflicts }) => sum + conflicts, 0);
    // What was deleted for good wherever it was, while another device kept the file, is waited for.
    const isWaiting = this.devices.some(({ wanted }) => wanted.length > 0);
    const [first, ...others] = this.devices.map((device) => {
      if (!isWaiting) return JSON.stringify([...device.shape()]);
      const { shown } = device.settler.projection();
      const all = [...shown.values()].map(({ entry, parent, name, content }) =>
        [entry, parent, name, content?.content].join(' '),
      );
      return JSON.stringify(all.sort());
    });
    const diverged = others.filter((one) => one !== first).length;
    if (diverged > 0) return `${diverged} diverged: ${first} and ${others.find((one) => one !== first)}`;
    const there = new Set(this.devices[0]?.shape().values());
    const lost = [...this.must].filter((bytes) => !there.has(bytes));
    return lost.length > 0 ? `lost ${lost.join(', ')} from ${first}` : null;
  }
}
