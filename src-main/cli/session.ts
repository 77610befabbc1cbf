import { connectLocal, type LocalConnection } from '../local/local-client.ts';

/** The connections of one command: one for its calls, one for the person at the terminal, opened when needed. */
export interface CliSession {
  /** The name the person sees as who asks; unique to this process, so that its questions can be told apart. */
  readonly name: string;
  calls(): Promise<LocalConnection>;
  person(): Promise<LocalConnection>;
  /**
   * Tell that a person types here, so that the agent does not lock under their hands. Over a connection that ends at once:
   * one that stayed would pass for somebody who can answer any program's question.
   */
  present(): Promise<void>;
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
    async present() {
      const { connection } = await connectLocal(home, { face: 'cli', person: true, name: 'Terminal prompt' });
      await connection.client['system.present']({}).finally(() => connection.close());
    },
    close() {
      for (const connection of open) connection.close();
    },
  };
}
