import { MeshRoom } from '../mesh-room.tsx';
import { Exposures } from './exposures.tsx';
import { Forwards } from './forwards.tsx';
import { NameServerSection } from './name-server.tsx';
import { SocksSection } from './socks.tsx';

/** Services across the mesh: brought here, offered there, and a proxy for other programs. */
export function ServicesPage() {
  return (
    <MeshRoom here="services">
      {(status) => (
        <div className="flex flex-col gap-8">
          <Forwards />
          <Exposures address={status.address} />
          <SocksSection />
          <NameServerSection />
        </div>
      )}
    </MeshRoom>
  );
}
