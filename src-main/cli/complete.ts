import type { LocalConnection } from '../local/local-client.ts';

/**
 * What a person may leave out or say otherwise than the contract: found out by asking the agent first.
 */
export async function completeInput(
  method: string,
  input: Record<string, unknown>,
  calls: () => Promise<LocalConnection>,
): Promise<void> {
  if ((method === 'machines.deploy' || method === 'machines.plan') && input.name === undefined) {
    if (typeof input.image === 'string') input.name = await freeName(input.image, await calls());
  }
}

/** `micro-1`, `micro-2` …: the first that no machine has. */
async function freeName(image: string, { client }: LocalConnection): Promise<string> {
  const { machines } = await client['machines.list']({});
  const taken = new Set(machines.map((machine) => machine.spec.name));
  const base = image
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 24);
  for (let n = 1; ; n += 1) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
}
