import type { MachineSpec } from '#shared/contract/machines.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { MachineContext } from './context.ts';
import type { Machine } from './machine.ts';
import { changeOpenings } from './openings.ts';
import { wrongKey } from './public-key.ts';

/** What can be changed of a machine besides its size; see the contract's `machines.configure`. */
export interface Wanted {
  readonly autostart?: boolean | undefined;
  readonly internet?: boolean | undefined;
  readonly addSshKeys?: readonly string[] | undefined;
  readonly removeSshKeys?: readonly string[] | undefined;
  readonly open?: readonly string[] | undefined;
  readonly close?: readonly string[] | undefined;
}

const mostKeys = 32;

/** Kind and body of a key: what it is, whatever it is called. */
const essence = (key: string): string => key.split(' ').slice(0, 2).join(' ');
const comment = (key: string): string => key.split(' ').slice(2).join(' ');

/**
 * The keys after a change. One that is there already, by whatever comment, is not added again. Pure.
 * @throws Fail NOT_FOUND for a key to remove that is not there, TOO_MANY_KEYS.
 */
export function changeKeys(now: readonly string[], add: readonly string[], remove: readonly string[]): string[] {
  const keys = [...now];
  for (const which of remove) {
    const left = keys.filter((key) => essence(key) !== essence(which) && key.split(' ')[1] !== which);
    const rest = left.length < keys.length ? left : keys.filter((key) => comment(key) !== which);
    if (rest.length === keys.length) {
      throw fail('NOT_FOUND', 'This machine has no such SSH key.', {
        meaning: 'Nothing was changed.',
        next: 'Look at its keys; name one by its whole line or by its comment.',
      });
    }
    keys.splice(0, keys.length, ...rest);
  }
  for (const key of add) if (!keys.some((k) => essence(k) === essence(key))) keys.push(key.trim());
  if (keys.length > mostKeys) {
    throw fail('TOO_MANY_KEYS', `A machine has at most ${mostKeys} SSH keys.`, {
      meaning: 'Nothing was changed.',
      next: 'Remove one first.',
    });
  }
  return keys;
}

/** Keys and openings after a change, which can be seen to be wrong before it is made. @throws Fail NOT_FOUND, LOCKED, TOO_MANY_KEYS, BAD_INPUT */
export function checkChange({ openings }: MachineContext, { record: { spec } }: Machine, wanted: Wanted) {
  const { addSshKeys = [], removeSshKeys = [], open = [], close = [] } = wanted;
  const sshKeys = changeKeys(spec.sshKeys, addSshKeys, removeSshKeys);
  const added = sshKeys.filter((key) => !spec.sshKeys.includes(key));
  const removed = spec.sshKeys.filter((key) => !sshKeys.includes(key));
  const wrong = added.map(wrongKey).find((why) => why !== null);
  if (wrong !== undefined) {
    throw fail('BAD_INPUT', wrong, { meaning: 'Nothing was changed.', next: 'Copy the whole line of its .pub file.' });
  }
  return { sshKeys, added, removed, firewall: changeOpenings(openings, spec.firewall, open, close) };
}

/**
 * Change a machine. The wish is written first, but for what is closed; internet access then follows at once where the machine has the card. Returns what
 * undoes it: empty when nothing changed.
 */
export async function configure(context: MachineContext, machine: Machine, wanted: Wanted): Promise<Wanted> {
  const { spec, startedAt } = machine.record;
  const { sshKeys, added, removed, firewall } = checkChange(context, machine, wanted);
  if (added.length + removed.length > 0 && (startedAt !== null || machine.live !== null)) {
    const image = await context.images.find(spec.image).catch(() => null);
    if (image?.kind !== 'micro') throw firstStartOnly(spec);
  }
  const { autostart = spec.autostart, internet = spec.internet } = wanted;
  const opened = firewall.filter((rule) => !spec.firewall.includes(rule));
  const closed = spec.firewall.filter((rule) => !firewall.includes(rule));
  const undo: Wanted = {
    ...(autostart === spec.autostart ? {} : { autostart: spec.autostart }),
    ...(internet === spec.internet ? {} : { internet: spec.internet }),
    ...(removed.length === 0 ? {} : { addSshKeys: removed }),
    ...(added.length === 0 ? {} : { removeSshKeys: added }),
    ...(closed.length === 0 ? {} : { open: closed }),
    ...(opened.length === 0 ? {} : { close: opened }),
  };
  if (Object.keys(undo).length === 0) return undo;
  const { live } = machine;
  // Closed at once, also where that cannot be written down; opened only when it is.
  if (closed.length > 0) await live?.link.mesh?.setRules(spec.firewall.filter((rule) => !closed.includes(rule)));
  await machine.update({ spec: { ...spec, autostart, internet, sshKeys, firewall } });
  if (opened.length > 0) await live?.link.mesh?.setRules(firewall);
  if (live !== null && internet !== live.link.internet) {
    await live.link.setInternet(live.qmp, internet);
    context.changed(machine.record.id);
  }
  return undo;
}

/**
 * cloud-init's ssh module runs once an instance, and only ever adds keys (cloud-init documentation, "SSH", frequency "once per
 * instance"). A new instance id would run it again, and with it the person's user data, which is for the first start alone.
 */
const firstStartOnly = ({ name }: MachineSpec) =>
  fail('FIRST_START_ONLY', `The image of ${name} takes SSH keys at its first start only, and that has been.`, {
    meaning: 'Nothing was changed.',
    next: 'Log in and change ~/.ssh/authorized_keys inside the machine.',
  });
