import type { Machine, Waiting } from '#shared/contract/machines.ts';
import type { Format } from '../../../lib/format.ts';
import type { Translate } from '../../../lib/i18n.ts';

const MiB = 1024 * 1024;

/** What a running machine has only after its next start, in words; '' when nothing waits. */
export function waitingWords({ spec, waiting }: Machine, t: Translate, format: Format): string {
  const words: Record<Waiting, () => string> = {
    cpus: () => t('machines.cpus', { count: spec.cpus }),
    memoryMiB: () => t('machines.memoryOf', { size: format.bytes(spec.memoryMiB * MiB) }),
    diskMiB: () => t('machines.waiting.disk', { size: format.bytes(spec.diskMiB * MiB) }),
    internet: () => t(spec.internet ? 'machines.waiting.internet' : 'machines.waiting.noInternet'),
    mesh: () => t('machines.waiting.mesh'),
    sshKeys: () => t('machines.waiting.keys'),
  };
  return waiting.map((part) => words[part]()).join(' · ');
}
