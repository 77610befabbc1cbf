import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';
import { DevicesSection } from './devices-section.tsx';

export function DevicesPage() {
  return (
    <VaultGate>
      {() => (
        <>
          <VaultNav here="devices" />
          <DevicesSection />
        </>
      )}
    </VaultGate>
  );
}
