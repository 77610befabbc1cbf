import { connect } from 'node:net';

/** Of this computer itself: what takes longer does not answer. */
const probeMs = 1_000;

/** Whether anything accepts connections at a port of 127.0.0.1. It is told nothing, and the connection ends at once. */
export function answersAt(port: number, setTimer: (ms: number, fire: () => void) => () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answers: boolean): void => {
      cancel();
      socket.destroy();
      resolve(answers);
    };
    const cancel = setTimer(probeMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
