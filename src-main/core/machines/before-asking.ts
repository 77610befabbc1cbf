import type { Checks, Naming } from '#core/broker/handlers.ts';
import { machinesContract } from '#shared/contract/machines.ts';
import { inputShape } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import { checkChange } from './configure.ts';
import type { MachinesService } from './service.ts';
import { refuseSameName, snapshotOf } from './snapshots.ts';

type Methods = typeof machinesContract;

/** Methods whose input names one machine. */
const ofOne = Object.entries(machinesContract)
  .filter(([, spec]) => Object.hasOwn(inputShape(spec), 'machine'))
  .map(([name]) => name);
const each = <T>(value: T): Record<string, T> => Object.fromEntries(ofOne.map((name) => [name, value]));

/** What is wrong with a call on machines, so that nobody is asked to allow what cannot be. */
export function machineChecks(service: () => MachinesService): Checks<Methods> {
  const hasSnapshot = ({ machine, name }: { machine: string; name: string }): void => {
    snapshotOf(service().resolve(machine), name);
  };
  const hasImage = async ({ image }: { image: string }): Promise<void> => {
    await service().context.images.find(image);
  };
  return {
    ...each(({ machine }: { machine: string }) => {
      service().resolve(machine);
    }),
    'machines.configure': ({ machine, ...wanted }) => {
      checkChange(service().context, service().resolve(machine), wanted);
    },
    'machines.snapshot': ({ machine, name }) => refuseSameName(service().resolve(machine), name),
    'machines.restoreSnapshot': hasSnapshot,
    'machines.deleteSnapshot': hasSnapshot,
    'machines.fetchImage': hasImage,
    'machines.removeImage': hasImage,
    'machines.deploy': async (spec) => {
      const [first] = (await service().plan(spec)).blockers;
      if (first !== undefined) throw fail(first.code, first.text, { meaning: 'Nothing was made.', next: first.next });
    },
  };
}

/** A machine is known by its name, whichever of name and id it was called by; people in openings by theirs, with what they stand for. */
export function machineNaming(service: () => MachinesService): Naming<Methods> {
  const name = (machine: string): string => service().resolve(machine).record.spec.name;
  const said = (rules: readonly string[] | undefined): readonly string[] | undefined =>
    rules?.map((rule) => service().context.openings.sayRule(rule));
  return {
    ...each(({ machine }: { machine: string }) => ({ machine: name(machine) })),
    'machines.configure': ({ machine, open, close }) => ({
      ...{ machine: name(machine), open: said(open), close: said(close) },
    }),
    'machines.deploy': ({ firewall }) => ({ firewall: said(firewall) }),
    'machines.plan': ({ firewall }) => ({ firewall: said(firewall) }),
  };
}
