/**
 * What all connections of a server may hold together: unfinished requests and replies not taken yet. Who is refused waits;
 * one at a time may go on all the same, so that two half-received requests never wait for each other.
 */
export interface Memory {
  /** Say what a connection holds now. */
  holds(member: Member, bytes: number): void;
  /** Whether it may take more. If not, its `wake` is called when that has changed. */
  mayGrow(member: Member): boolean;
  leave(member: Member): void;
  used(): number;
}

export interface Member {
  /** Room came free. */
  wake(): void;
}

/** What a connection may hold whatever the others do: enough for every request without a large value. */
const always = 128 * 1024;

export function createMemory(most: number): Memory {
  const held = new Map<Member, number>();
  const waiting = new Set<Member>();
  let total = 0;
  let favoured: Member | null = null;

  const wakeAll = (): void => {
    if (waiting.size === 0) return;
    const all = [...waiting];
    waiting.clear();
    for (const member of all) member.wake();
  };
  const holds = (member: Member, bytes: number): void => {
    total += bytes - (held.get(member) ?? 0);
    held.set(member, bytes);
    if (favoured === member && bytes < always) {
      favoured = null;
      wakeAll();
    } else if (total < most) wakeAll();
  };
  return {
    holds,
    mayGrow(member) {
      if (total < most || (held.get(member) ?? 0) < always) return true;
      favoured ??= member;
      if (favoured === member) return true;
      waiting.add(member);
      return false;
    },
    leave(member) {
      waiting.delete(member);
      holds(member, 0);
      held.delete(member);
      if (favoured === member) {
        favoured = null;
        wakeAll();
      }
    },
    used: () => total,
  };
}
