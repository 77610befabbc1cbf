import { connectLocal, type LocalConnection } from '../local/local-client.ts';

/** The connections of one command: one for its calls, one for the person at the terminal, opened when needed. */
export interface CliSession {
  /** The name the person sees as who asks; unique to this process, so that its questions can be told apart. */
  readonly name: string;
  calls(): Promise<LocalConnection>;
  person(): Promise<LocalConnection>;
  close(): void;
}

export function openSession(home: string, pid: number): CliSession {
  const name = `Terminal (process ${pid})`;
  const open: LocalConnection[] = [];
  const lazily = (person: boolean, as: string) => {
    let made: Promise<LocalConnection> | null = null;
    return () => {
      made ??= connectLocal(home, { face: 'cli', person, name: as }).then(({ connection }) => {
        open.push(connection);
        return connection;
      });
      return made;
    };
  };
  return {
    name,
    calls: lazily(false, name),
    person: lazily(true, 'Terminal prompt'),
    close() {
      for (const connection of open) connection.close();
    },
  };
}
