import { EventEmitter } from 'node:events';
import { formatAddress } from './ip/address.ts';
import type { NetStack } from './stack.ts';
import type { ListenOptions, TcpListener } from './tcp/listener.ts';
import { type SocketOptions, TcpSocket } from './tcp-socket.ts';

export interface ServerOptions extends ListenOptions, SocketOptions {
  /** 0 chooses a free port. */
  readonly port: number;
  /** Connections open at once; more are broken off. */
  readonly maxConnections?: number;
}

/** Accepts connections as streams, shaped like `net.Server` where that makes sense: 'connection', 'close', `address()`, `close()`. */
export class TcpServer extends EventEmitter<{ connection: [TcpSocket]; close: [] }> {
  readonly #listener: TcpListener;
  readonly #address: string;
  readonly #open = new Set<TcpSocket>();
  #closing = false;

  /** @throws IN_USE, BUSY, BAD_INPUT */
  constructor(stack: NetStack, options: ServerOptions, onConnection?: (socket: TcpSocket) => void) {
    super();
    this.#address = formatAddress(stack.address);
    if (onConnection) this.on('connection', onConnection);
    const most = options.maxConnections ?? 1024;
    this.#listener = stack.listen(
      options.port,
      (connection) => {
        if (this.#open.size >= most || this.#closing || this.listenerCount('connection') === 0) {
          connection.abort();
          return;
        }
        const socket = new TcpSocket(connection, stack.clock, options);
        this.#open.add(socket);
        socket.once('close', () => {
          this.#open.delete(socket);
          this.#maybeClosed();
        });
        this.emit('connection', socket);
      },
      options,
    );
  }

  get listening(): boolean {
    return !this.#closing;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#open.size;
  }

  address(): { address: string; family: 'IPv6'; port: number } {
    return { address: this.#address, family: 'IPv6', port: this.#listener.port };
  }

  /** Accept no more. 'close' comes when the connections that are open have ended. */
  close(callback?: () => void): this {
    if (callback) this.once('close', callback);
    if (this.#closing) return this;
    this.#closing = true;
    this.#listener.close();
    queueMicrotask(() => this.#maybeClosed());
    return this;
  }

  /** Break off every open connection. */
  closeAllConnections(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #maybeClosed(): void {
    if (this.#closing && this.#open.size === 0) this.emit('close');
  }
}
