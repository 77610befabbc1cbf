import { Activity, PenLine } from 'lucide-react';
import { useT } from '../../lib/i18n.ts';
import { LinkButton } from '../../ui/link-button.tsx';

/** What can be done with a node whose address is known. */
export function NodeActions({ address }: { address: string }) {
  const t = useT();
  return (
    <>
      <LinkButton to={`/mesh/diagnose/${encodeURIComponent(address)}`} icon={Activity}>
        {t('mesh.node.diagnose')}
      </LinkButton>
      <LinkButton to={`/mesh/messages/to/${encodeURIComponent(address)}`} icon={PenLine}>
        {t('mesh.node.write')}
      </LinkButton>
    </>
  );
}
