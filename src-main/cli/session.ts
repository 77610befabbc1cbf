import { connectLocal, type LocalConnection } from '../local/local-client.ts';

/** The connections of one command: one for its calls, one for the person at the terminal, opened when needed. */
export interface CliSession {
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
    // The name the person sees as who asks; any program may take it.
    calls: lazily(false, `Terminal (process ${pid})`),
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
