import { useCallback, useEffect, useState } from 'react';
import { useAgent } from '../../../lib/agent/provider.tsx';
import { toast } from '../../../ui/toast.tsx';

/** A passphrase of random words from the agent, which the person may change for one of their own. */
export function usePassphrase() {
  const { link } = useAgent();
  const [value, setValue] = useState('');
  const another = useCallback(() => {
    link
      .connection()
      .client['vault.agePassphrase']({})
      .then(
        ({ passphrase }) => setValue(passphrase),
        (error: unknown) => toast.failed(error),
      );
  }, [link]);
  useEffect(another, [another]);
  return { value, type: setValue, another };
}
