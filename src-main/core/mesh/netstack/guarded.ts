/**
 * Call what the user of the stack handed in. A fault in it is the user's and not the stack's: the packets and connections that come
 * after are still served, and the fault surfaces as an uncaught exception, as one thrown in a listener of `net` would.
 */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (fault) {
    queueMicrotask(() => {
      throw fault;
    });
  }
}
