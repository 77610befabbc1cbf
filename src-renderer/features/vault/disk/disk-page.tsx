import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';
import { DiskSection } from './disk-section.tsx';

export function DiskPage() {
  return (
    <VaultGate>
      {() => (
        <>
          <VaultNav here="disk" />
          <DiskSection />
        </>
      )}
    </VaultGate>
  );
}
