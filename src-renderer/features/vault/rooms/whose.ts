import { useT } from '../../../lib/i18n.ts';

/** Whose a room is, by what the core calls them: a contact’s name, `LABEL.me` for a device of the person, null for who is not known now. */
export function useWhose(): (name: string | null) => string {
  const t = useT();
  return (name) => {
    if (name === null) return t('vault.rooms.somebody');
    return name.endsWith('.me') ? t('vault.rooms.ownDevice', { name: name.slice(0, -3) }) : name;
  };
}
