import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { formatAmount } from '#shared/model/amount.ts';
import type { EvmAddress, Hash32, Units } from '#shared/model/evm.ts';
import { renderWith } from '../../testing/render.tsx';
import { moment } from '../../testing/samples.ts';
import { play } from '../../testing/scenes.ts';
import { IssueDialog } from './issue-dialog.tsx';
import { OpenDialog } from './open-dialog.tsx';

let end = () => {};
afterEach(() => end());

const hash = (digit: string) => `0x${digit.repeat(64)}` as Hash32;

function issuing(decimals = 6) {
  const asked: unknown[] = [];
  const agent = play({
    answers: {
      'ledger.issue': (input) => {
        asked.push(input);
        return {
          kind: 'issue' as const,
          state: 'done' as const,
          chain: 'eip155:770077' as never,
          who: `0x${'1'.repeat(40)}` as EvmAddress,
          sum: { units: '1200500000' as Units, amount: formatAmount(1_200_500_000n, decimals) },
          symbol: 'BREAD',
          memo: input.memo,
          record: hash('a'),
          text: '{}',
          tx: hash('b'),
          block: 7,
          at: moment,
        };
      },
    },
  });
  return { agent, asked };
}

describe('issuing credits', () => {
  const fill = (label: RegExp, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });

  it('sends the very amount that was typed, as a decimal with a point', async () => {
    const { agent, asked } = issuing();
    let closed = false;
    const close = () => {
      closed = true;
    };
    const view = renderWith(agent, <IssueDialog symbol="BREAD" decimals={6} onClose={close} />);
    end = view.end;
    await waitFor(() => expect(view.environment.link.state.phase).toBe('ready'));
    fill(/^Amount/, '1200.500');
    fill(/^What for/, 'Forty loaves');
    fireEvent.click(screen.getByRole('button', { name: 'Issue 1,200.5 BREAD' }));
    await waitFor(() => expect(closed).toBe(true));
    expect(asked).toEqual([{ amount: '1200.5', memo: 'Forty loaves' }]);
  });

  it('asks nothing of the agent for an amount that means another one elsewhere, or an address that is none', async () => {
    const { agent, asked } = issuing();
    end = renderWith(agent, <IssueDialog symbol="BREAD" decimals={6} onClose={() => {}} />).end;
    fill(/^What for/, 'Forty loaves');
    fill(/^Amount/, '1,200');
    fireEvent.click(screen.getByRole('button', { name: 'Issue credits' }));
    expect((await screen.findByRole('alert')).textContent).toContain('without separators');
    fill(/^Amount/, '1200');
    fill(/^To the address/, '0x123');
    fireEvent.click(screen.getByRole('button', { name: 'Issue 1,200 BREAD' }));
    expect((await screen.findByRole('alert')).textContent).toContain('This is no address');
    expect(asked).toEqual([]);
  });
});

describe('opening a ledger', () => {
  it('takes a short name only as it can stand behind amounts', async () => {
    const agent = play({});
    end = renderWith(agent, <OpenDialog onTask={() => {}} onClose={() => {}} />).end;
    fireEvent.change(screen.getByLabelText(/^Short name/), { target: { value: '1bread' } });
    fireEvent.click(screen.getByRole('button', { name: 'Open it' }));
    expect((await screen.findByRole('alert')).textContent).toContain('beginning with a letter');
    expect(agent.calls).not.toContain('ledger.open');
  });
});
