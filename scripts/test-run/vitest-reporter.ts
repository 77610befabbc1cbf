import { writeFileSync } from 'node:fs';
import process from 'node:process';
import type { Reporter } from 'vitest/node';
import type { Tally } from './tally.ts';

/** A test file that leaves its tests out says so while it loads: `machines.test.ts is skipped: no QEMU.` */
const said = /([\w.-]+\.test\.tsx?) is skipped: (.+?)\.?\s*$/gm;

/** Reasons that test files printed, by the file's name. */
export function reasonsIn(output: string): Map<string, string> {
  return new Map([...output.matchAll(said)].map((match) => [match[1] ?? '', match[2] ?? '']));
}

/**
 * Counts a vitest run for the closing line and writes the {@link Tally} to $HYPHA_TALLY. vitest's own JSON leaves out
 * why a test was skipped.
 */
export default class TallyReporter implements Reporter {
  readonly #reasons = new Map<string, string>();

  onUserConsoleLog: Reporter['onUserConsoleLog'] = (log) => {
    for (const [file, reason] of reasonsIn(log.content)) this.#reasons.set(file, reason);
  };

  onTestRunEnd: Reporter['onTestRunEnd'] = (modules, unhandled) => {
    const failed: string[] = [];
    const flaky: string[] = [];
    const skipped: { name: string; reason: string }[] = [];
    const took: Record<string, number> = {};
    let passed = 0;
    for (const module of modules) {
      const file = module.relativeModuleId;
      const { duration, collectDuration, prepareDuration, environmentSetupDuration } = module.diagnostic();
      took[file] = Math.round(duration + collectDuration + prepareDuration + environmentSetupDuration);
      for (const test of module.children.allTests()) {
        const result = test.result();
        const name = `${file}: ${test.fullName}`;
        if (result.state === 'passed') {
          passed += 1;
          if (test.diagnostic()?.flaky) flaky.push(name);
        } else if (result.state === 'failed') failed.push(name);
        else {
          const note = result.state === 'skipped' ? result.note : undefined;
          const reason = note ?? this.#reasons.get(file.split('/').at(-1) ?? '') ?? 'not for this system';
          skipped.push({ name, reason });
        }
      }
      for (const error of module.errors()) failed.push(`${file}: ${error.message.split('\n')[0] ?? 'did not load'}`);
    }
    for (const error of unhandled) failed.push(`outside any test: ${error.message.split('\n')[0] ?? 'an error'}`);
    const tally: Tally = { passed, failed, flaky, skipped, took };
    if (process.env.HYPHA_TALLY) writeFileSync(process.env.HYPHA_TALLY, JSON.stringify(tally));
  };
}
