import { useState } from 'react';
import type { DealView } from '#shared/contract/deals.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Field, TextArea } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';

/** Why the last pay is objected to. It ends the deal, which is said before. */
export function DisputeDialog({
  deal,
  onTask,
  onClose,
}: {
  deal: DealView;
  onTask: (task: TaskId) => void;
  onClose: () => void;
}) {
  const t = useT();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const dispute = useAgentMutation('deals.dispute', {
    quiet: true,
    onDone: ({ task }) => {
      onTask(task);
      onClose();
    },
  });
  const empty = reason.trim() === '';
  const submit = () => {
    setTried(true);
    if (!empty) dispute.mutate({ deal: deal.id, reason });
  };
  return (
    <FormDialog
      title={t('deals.disputeTitle')}
      description={t('deals.disputeText')}
      submit={t('deals.disputeDo')}
      busy={dispute.isPending}
      error={dispute.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('deals.reason')}
        hint={t('deals.reasonHint')}
        error={tried && empty ? t('deals.reasonEmpty') : undefined}
        required
      >
        {(control) => (
          <TextArea {...control} maxLength={4_000} value={reason} onChange={(e) => setReason(e.target.value)} />
        )}
      </Field>
    </FormDialog>
  );
}
