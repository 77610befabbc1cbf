/**
 * What a server peer hands calls to: the broker, or a test double. Generic over who calls, because src-shared does
 * not know the core's types. Inputs come as they arrived; the dispatcher validates them.
 */
export interface Dispatcher<Caller> {
  /** Methods of kind `call` and `task`. Rejects with `Fail` for failures that the contract lists. */
  invoke(caller: Caller, method: string, input: unknown, signal: AbortSignal): Promise<unknown>;
  /** Methods of kind `stream`. Pulled no faster than the other side grants credit; aborted through `signal`. */
  stream(caller: Caller, method: string, input: unknown, signal: AbortSignal): AsyncIterable<unknown>;
  /** The caller's connection is gone; called once, after all its signals were aborted. */
  disconnected(caller: Caller): void;
}
