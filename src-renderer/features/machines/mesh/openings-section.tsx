import { useState } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Section } from '../../../ui/panel.tsx';
import { calledBy } from '../machine/address.ts';
import { openingOf } from './opening.ts';
import { OpeningDialog } from './opening-dialog.tsx';
import { OpeningsList } from './openings-list.tsx';
import { ruleWords } from './rule-words.ts';
import { useContacts } from './use-contacts.ts';

/** Who on the mesh may begin to speak to a machine. A change holds at once, and can be undone. */
export function OpeningsSection({ machine }: { machine: Machine }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [adding, setAdding] = useState(false);
  const { contacts } = useContacts();
  const said = (rules: readonly string[] = []) =>
    rules.map((rule) => ruleWords(openingOf(rule, contacts), t).whole).join(' · ');
  const open = useAgentMutation('machines.configure', {
    quiet: true,
    done: (input) => t('machines.mesh.opened', { rule: said(input.open) }),
    onDone: () => setAdding(false),
  });
  const close = useAgentMutation('machines.configure', {
    done: (input) => t('machines.mesh.closed', { rule: said(input.close) }),
  });
  const { openings } = machine;
  return (
    <Section title={t('machines.mesh.openings')} note={t('machines.mesh.openingsNote')}>
      <OpeningsList
        openings={openings}
        disabled={!ready}
        busy={close.isPending}
        onAdd={() => {
          open.reset();
          setAdding(true);
        }}
        onClose={(rule) => close.mutate({ machine: calledBy(machine), close: [rule] })}
      />
      {adding && (
        <OpeningDialog
          openings={openings}
          busy={open.isPending}
          failure={open.error}
          onOpen={(rule) => open.mutate({ machine: calledBy(machine), open: [rule] })}
          onClose={() => setAdding(false)}
        />
      )}
    </Section>
  );
}
