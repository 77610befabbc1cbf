import { askWorker } from './one-shot-worker.ts';
import { type SelfTestResult, selfTest } from './self-test.ts';

let asked: Promise<SelfTestResult> | null = null;

/**
 * {@link selfTest} in a thread of its own, where there can be one: code that runs for the first time takes a quarter of a second
 * for it, in which the core would serve nobody. The primitives are those of the process in every thread, so it is asked once.
 */
export function selfTestAside(): Promise<SelfTestResult> {
  asked ??= askWorker(new URL('./self-test-worker.ts', import.meta.url)).then(
    (answer) => (answer as SelfTestResult | null) ?? selfTest(),
  );
  return asked;
}
