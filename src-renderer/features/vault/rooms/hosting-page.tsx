import { LendingSection } from '../lending/lending-section.tsx';
import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';
import { HostingSection } from './hosting-section.tsx';

export function HostingPage() {
  return (
    <VaultGate>
      {() => (
        <>
          <VaultNav here="rooms" />
          <div className="flex flex-col gap-8">
            <HostingSection />
            <LendingSection />
          </div>
        </>
      )}
    </VaultGate>
  );
}
