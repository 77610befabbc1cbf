import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';
import { HostingSection } from './hosting-section.tsx';

export function HostingPage() {
  return (
    <VaultGate>
      {() => (
        <>
          <VaultNav here="rooms" />
          <HostingSection />
        </>
      )}
    </VaultGate>
  );
}
