/** How often the agent hears that a person is here, at most. Locking is counted in minutes, so this is often enough. */
export const presenceMs = 30_000;

export interface PresenceWorld {
  now(): number;
  /** Where a person's hands are noticed: the window. */
  target: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
}

const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/**
 * Call `tell` while a person uses pointer or keyboard, at most every {@link presenceMs}, so that the agent does not lock
 * under their hands. What a script does (`isTrusted` false) is no person. Returns the end of it.
 */
export function watchPresence(tell: () => void, { now, target }: PresenceWorld): () => void {
  let told = Number.NEGATIVE_INFINITY;
  const onSign = (event: Event) => {
    const at = now();
    if (!event.isTrusted || at - told < presenceMs) return;
    told = at;
    tell();
  };
  for (const sign of signs) target.addEventListener(sign, onSign, { passive: true, capture: true });
  return () => {
    for (const sign of signs) target.removeEventListener(sign, onSign, { capture: true });
  };
}
