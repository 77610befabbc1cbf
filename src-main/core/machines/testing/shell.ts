import { fakeTask, type Rig } from './rig.ts';

/** A shell on a machine's console: types a command, answers with what the console showed until it ended. */
export function guestShell(rig: () => Rig, machine: string): (command: string) => Promise<string> {
  const shows = async (pattern: RegExp, from: number): Promise<{ text: string; at: number }> => {
    const stop = new AbortController();
    let text = '';
    let at = 0;
    for await (const part of rig().machines.handlers['machines.console']({ machine, from }, fakeTask(stop.signal))) {
      text += Buffer.from(part.bytes).toString('latin1');
      at = part.at;
      if (pattern.test(text)) stop.abort();
    }
    return { text, at };
  };
  return async (command) => {
    const { at } = await shows(/[\s\S]/, -1);
    // A mark that the command line itself does not contain.
    const bytes = new TextEncoder().encode(`${command}; echo "en""ded"\n`);
    await rig().machines.handlers['machines.type']({ machine, bytes }, fakeTask());
    return (await shows(/ended\r?\n/, at)).text;
  };
}
