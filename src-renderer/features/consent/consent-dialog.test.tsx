import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { Gate } from '../../app/gate.tsx';
import { renderWith } from '../../testing/render.tsx';
import { identityNone, identityUnlocked, vaultNone } from '../../testing/samples.ts';
import { play, type Scene } from '../../testing/scenes.ts';

const places: Record<string, Scene> = {
  'in the rooms': {},
  'on the lock screen': { identity: { ...identityUnlocked, state: 'locked' } },
  'in the first run': { identity: identityNone, vault: vaultNone, settings: { onboarded: false } },
  'beside a damaged keystore': { identity: { ...identityUnlocked, state: 'damaged', person: null } },
};

describe('a question to the person', () => {
  let end = () => {};
  afterEach(() => end());

  it.each(Object.entries(places))('is asked and answered %s', async (_where, scene) => {
    const agent = play({ ...scene, asking: true });
    end = renderWith(agent, <Gate>{'arrived'}</Gate>).end;
    const dialog = await screen.findByRole('dialog', { name: /asks for your consent/ });
    fireEvent.click(screen.getByRole('button', { name: 'Refuse' }));
    await waitFor(() => expect(dialog.isConnected).toBe(false));
    expect(agent.calls).toContain('consent.answer');
  });
});
