/** What a key means to the console itself; every other key belongs to the machine. */
export type OwnKey = 'leave' | 'copy' | 'paste';

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'metaKey'>;

/** F6 leaves; Ctrl+Shift or Command with C copies, with V pastes. */
export function ownKey({ key, ctrlKey, shiftKey, metaKey }: Pressed): OwnKey | null {
  if (key === 'F6') return 'leave';
  if (!((ctrlKey && shiftKey) || (metaKey && !ctrlKey))) return null;
  const letter = key.toUpperCase();
  return letter === 'C' ? 'copy' : letter === 'V' ? 'paste' : null;
}
