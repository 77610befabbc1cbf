import { type MeshHost, startHost } from './host.ts';
import { createNet, type Net, type Place } from './namespaces.ts';

/** Hosts of one test, and what joins them; all of it goes when the test ends, however it ends. */
export interface World {
  readonly net: Net;
  /** Places with a host each, not joined to the mesh yet. */
  hosts(...names: string[]): Promise<MeshHost[]>;
  /** Whatever else a test started. */
  keep<T extends { stop(): Promise<void> }>(one: T): T;
  end(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const net = await createNet();
  const running: { stop(): Promise<void> }[] = [];
  return {
    net,
    async hosts(...names) {
      const places: Place[] = [];
      for (const name of names) places.push(await net.place(name));
      const hosts = await Promise.all(places.map((place) => startHost(place)));
      running.push(...hosts);
      return hosts;
    },
    keep(one) {
      running.push(one);
      return one;
    },
    async end() {
      await Promise.allSettled(running.splice(0).map((one) => one.stop()));
      await net.remove();
    },
  };
}
