import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import type { Task } from '#shared/contract/tasks.ts';
import { formatAmount } from '#shared/model/amount.ts';
import type { Out } from '../../lib/agent/hooks.ts';
import type { Format } from '../../lib/format.ts';
import type { Translate } from '../../lib/i18n.ts';

/** What came of a task, and where it can be looked at. */
export interface Outcome {
  text: string;
  to?: string;
}

type Teller<R> = (result: R, t: Translate, format: Format) => Outcome;

const machine = (key: 'running' | 'stopped' | 'kept' | 'putBack'): Teller<Out<'machines.start'>> => {
  return ({ machine: { id, spec } }, t) => ({
    text: t(`tasks.result.machines.${key}`, { name: spec.name }),
    to: `/machines/${id}`,
  });
};

/** How a deal stands afterwards is on its page. */
const done = (_: unknown, t: Translate): Outcome => ({ text: t('tasks.result.deals.done') });

const tellers: { readonly [N in MethodName]?: Teller<Out<N>> } = {
  'vault.put': ({ files, bytes, skipped }, t, format) => ({
    text: [
      t('tasks.result.vault.put', { count: files, size: format.bytes(bytes) }),
      ...(skipped.length > 0 ? [t('tasks.result.vault.skipped', { count: skipped.length })] : []),
    ].join(' '),
    to: '/vault',
  }),
  'vault.export': ({ files, bytes, skipped, renamed = [] }, t, format) => ({
    text: [
      t('tasks.result.vault.export', { count: files, size: format.bytes(bytes) }),
      ...(renamed.length > 0 ? [t('tasks.result.vault.renamed', { count: renamed.length })] : []),
      ...(skipped.length > 0 ? [t('tasks.result.vault.skipped', { count: skipped.length })] : []),
    ].join(' '),
  }),
  'vault.importZstor': ({ files, bytes, skipped }, t, format) => ({
    text: [
      t('tasks.result.vault.importZstor', { count: files, size: format.bytes(bytes) }),
      ...(skipped.length > 0 ? [t('tasks.result.vault.skipped', { count: skipped.length })] : []),
    ].join(' '),
    to: '/vault',
  }),
  'vault.exportAge': ({ path, bytes }, t, format) => ({
    text: t('tasks.result.vault.exportAge', { path, size: format.bytes(bytes) }),
  }),
  'vault.exportZstor': ({ files, bytes, skipped }, t, format) => ({
    text: [
      t('tasks.result.vault.exportZstor', { count: files, size: format.bytes(bytes) }),
      ...(skipped.length > 0 ? [t('tasks.result.vault.skipped', { count: skipped.length })] : []),
    ].join(' '),
  }),
  'vault.purge': ({ purged, freed, inSnapshots = 0 }, t, format) => ({
    text: [
      t('tasks.result.vault.purge', { count: purged, size: format.bytes(freed) }),
      ...(inSnapshots > 0 ? [t('tasks.result.vault.inSnapshots', { count: inSnapshots })] : []),
    ].join(' '),
  }),
  'vault.takeSnapshot': (_, t) => ({ text: t('tasks.result.vault.takeSnapshot') }),
  'vault.removeSnapshots': ({ removed, freed }, t, format) => ({
    text: t('tasks.result.vault.removeSnapshots', { count: removed, size: format.bytes(freed) }),
  }),
  'vault.restoreFrom': ({ restored, same, skipped }, t) => ({
    text: [
      t('tasks.result.vault.restoreFrom', { count: restored }),
      ...(same > 0 ? [t('tasks.result.vault.same', { count: same })] : []),
      ...(skipped > 0 ? [t('tasks.result.vault.skipped', { count: skipped })] : []),
    ].join(' '),
    to: '/vault',
  }),
  'vault.checkSnapshot': ({ ok }, t) => ({
    text: t(ok ? 'tasks.result.vault.checkedSnapshot' : 'tasks.result.vault.checkedSnapshotBad'),
  }),
  'vault.audit': ({ asked, lost }, t) => ({
    text:
      lost === 0
        ? t('tasks.result.vault.audited', { count: asked })
        : t('tasks.result.vault.auditedBad', { count: lost }),
  }),
  'vault.syncWatched': ({ watched }, t) => ({
    text:
      watched.state === 'current'
        ? t('tasks.result.vault.syncWatched', { count: watched.files })
        : t('tasks.result.vault.syncWatchedOpen'),
  }),
  'vault.rotateKeys': ({ oldCopies }, t) => ({
    text: [
      t('tasks.result.vault.rotateKeys'),
      ...(oldCopies > 0 ? [t('tasks.result.vault.oldCopies', { count: oldCopies })] : []),
    ].join(' '),
    to: '/vault/places',
  }),
  'vault.verify': ({ checked, missing, corrupt }, t) => ({
    text:
      missing + corrupt === 0
        ? t('vault.outcome.verified', { count: checked })
        : t('vault.outcome.verifiedBad', { checked, count: missing + corrupt }),
    to: '/vault/places',
  }),
  'vault.repair': ({ rebuilt, unrepairable }, t) => ({
    text:
      unrepairable === 0
        ? t('vault.outcome.repaired', { count: rebuilt })
        : t('vault.outcome.repairedNot', { rebuilt, count: unrepairable }),
    to: '/vault/places',
  }),
  'vault.recover': ({ status, missing }, t) => ({
    text: [
      t('tasks.result.vault.recover', { count: status.files ?? 0 }),
      ...(missing.length > 0 ? [t('tasks.result.vault.recoverMissing', { count: missing.length })] : []),
    ].join(' '),
    to: '/vault',
  }),
  'vault.rehearse': ({ ok, tried, computerLost }, t) => ({
    text: !ok
      ? t('tasks.result.vault.rehearsedBad')
      : computerLost
        ? t('tasks.result.vault.rehearsed', { count: tried })
        : t('tasks.result.vault.rehearsedHere'),
    to: '/settings/recovery',
  }),
  'vault.saveShared': ({ files, bytes }, t, format) => ({
    text: t('tasks.result.vault.saveShared', { count: files, size: format.bytes(bytes) }),
    to: '/vault',
  }),
  'vault.exportShared': ({ files, bytes }, t, format) => ({
    text: t('tasks.result.vault.exportShared', { count: files, size: format.bytes(bytes) }),
  }),
  'vault.sendShared': ({ item, how, bytes }, t, format) => {
    const values = { name: item.name, size: format.bytes(bytes) };
    const text = {
      new: () => t('tasks.result.vault.sentNew', values),
      version: () => t('tasks.result.vault.sentVersion', values),
      beside: () => t('tasks.result.vault.sentBeside', values),
    }[how]();
    return { text, to: '/vault/shares' };
  },
  'vault.removePlace': ({ moved }, t) => ({ text: t('vault.outcome.removed', { count: moved }), to: '/vault/places' }),
  'machines.fetchImage': ({ image }, t) => ({
    text: t('tasks.result.machines.fetchImage', { name: image.name }),
    to: '/machines/images',
  }),
  'machines.deploy': machine('running'),
  'machines.start': machine('running'),
  'machines.stop': machine('stopped'),
  'machines.snapshot': machine('kept'),
  'machines.restoreSnapshot': machine('putBack'),
  'machines.deleteSnapshot': ({ machine: { id } }, t) => ({
    text: t('tasks.result.machines.snapshotGone'),
    to: `/machines/${id}`,
  }),
  'machines.resize': ({ machine: { id, spec }, restartNeeded }, t) => ({
    text: t(`tasks.result.machines.${restartNeeded ? 'resizedLater' : 'resized'}`, { name: spec.name }),
    to: `/machines/${id}`,
  }),
  'machines.delete': ({ freed }, t, format) => ({
    text: t('tasks.result.machines.deleted', { size: format.bytes(freed) }),
  }),
  'deals.takeBack': done,
  'deals.accept': done,
  'deals.start': done,
  'deals.topUp': done,
  'deals.settle': done,
  'deals.end': done,
  'deals.dispute': done,
  'deals.confirm': done,
  'deals.resolveLate': done,
  'deals.withdraw': ({ token, paid }, t) => ({
    text: t('tasks.result.deals.withdrawn', {
      amount: `${formatAmount(BigInt(paid), token.decimals)} ${token.symbol}`,
    }),
  }),
  'ledger.verify': ({ blocks, wrong }, t) => ({
    text: wrong === null ? t('tasks.result.ledger.verified', { count: blocks }) : t('tasks.result.ledger.wrong', wrong),
    to: '/wallet/ledger',
  }),
  'ledger.open': (_, t) => ({ text: t('tasks.result.ledger.opened'), to: '/wallet/ledger' }),
  'ledger.backup': ({ number }, t) => ({
    text: t('tasks.result.ledger.kept', { block: number }),
    to: '/wallet/ledger',
  }),
  'ledger.restore': (_, t) => ({ text: t('tasks.result.ledger.back'), to: '/wallet/ledger' }),
  'ledger.putContracts': done,
  'ledger.carryOver': done,
  'ledger.join': (_, t) => ({ text: t('tasks.result.ledger.joined'), to: '/wallet/ledger' }),
};

/** What an ended task brought, in words; null where there is nothing to say, or where the result is of another version. */
export function outcomeOf(task: Task, t: Translate, format: Format): Outcome | null {
  if (task.state !== 'done' || !Object.hasOwn(tellers, task.method)) return null;
  const method = task.method as MethodName;
  const result = agentContract[method].output.safeParse(task.result);
  const tell = tellers[method] as Teller<never> | undefined;
  return result.success && tell ? tell(result.data as never, t, format) : null;
}

/** Key of the words for the step a task is at: steps are named within their domain. */
export const stepKey = (task: Task): string => `tasks.step.${task.method.split('.')[0]}.${task.step?.key}`;

/** Methods whose results have words; a test holds them against the contract's tasks. */
export const toldMethods = Object.keys(tellers);
