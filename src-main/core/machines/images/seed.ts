import { encodeIso } from './iso9660.ts';

export interface SeedInput {
  readonly instance: string;
  readonly hostName: string;
  readonly sshKeys: readonly string[];
  readonly userData: string;
  /** OpenSSH private host key and its public line. */
  readonly hostKey: { readonly private: string; readonly public: string };
  readonly macs: readonly string[];
  /** Its card for the mesh, and what it is there. */
  readonly mesh: {
    readonly mac: string;
    readonly address: string;
    readonly router: string;
    readonly mtu: number;
  } | null;
}

const text = new TextEncoder();
const boundary = 'hypha-part-9c1f';

/**
 * The NoCloud seed of a cloud image: an ISO image labelled `cidata` with meta-data, user-data and network-config
 * (cloud-init documentation, "NoCloud"). JSON is YAML, so values are quoted without a YAML writer.
 */
export function noCloudSeed(input: SeedInput): Uint8Array {
  const metaData = JSON.stringify({ 'instance-id': input.instance, 'local-hostname': input.hostName });
  const ours = {
    hostname: input.hostName,
    ssh_authorized_keys: input.sshKeys,
    ssh_deletekeys: true,
    ssh_genkeytypes: [],
    ssh_keys: { ed25519_private: input.hostKey.private, ed25519_public: input.hostKey.public },
    // A locale that the image does not carry is an error in cloud-init's report.
    locale: false,
  };
  const network = {
    version: 2,
    ethernets: {
      ...Object.fromEntries(
        input.macs.map((mac, index) => [
          `nic${index}`,
          { match: { macaddress: mac }, dhcp4: true, optional: index > 0 },
        ]),
      ),
      ...(input.mesh === null ? {} : { mesh0: meshCard(input.mesh) }),
    },
  };
  return encodeIso('cidata', [
    { name: 'meta-data', data: text.encode(`${metaData}\n`) },
    { name: 'user-data', data: text.encode(userData(`#cloud-config\n${JSON.stringify(ours)}\n`, input.userData)) },
    { name: 'network-config', data: text.encode(`${JSON.stringify(network)}\n`) },
  ]);
}

/**
 * The card for the mesh, all of it told: what a guest would make of a router's advertisement differs from system to system, and only this
 * one address may leave the card (decision 0010).
 */
const meshCard = ({ mac, address, router, mtu }: NonNullable<SeedInput['mesh']>) => ({
  match: { macaddress: mac },
  dhcp4: false,
  'accept-ra': false,
  addresses: [`${address}/128`],
  routes: [{ to: '400::/7', via: router }],
  mtu,
  optional: true,
});

/** Ours and the person's part, each with its type (cloud-init "multi-part archive"); merging is cloud-init's. */
function userData(ours: string, theirs: string): string {
  if (theirs.trim() === '') return ours;
  const type = theirs.startsWith('#!') ? 'text/x-shellscript' : 'text/cloud-config';
  const part = (kind: string, name: string, body: string): string =>
    [
      `--${boundary}`,
      `Content-Type: ${kind}; charset="utf-8"`,
      'MIME-Version: 1.0',
      'Content-Transfer-Encoding: base64',
      `Content-Disposition: attachment; filename="${name}"`,
      // Lists of both parts are put together instead of the last one winning.
      'Merge-Type: list(append)+dict(recurse_array)+str()',
      '',
      (
        Buffer.from(body)
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\n'),
      '',
    ].join('\n');
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    'MIME-Version: 1.0',
    '',
    part('text/cloud-config', 'hypha.cfg', ours),
    part(type, type === 'text/x-shellscript' ? 'user-data.sh' : 'user-data.cfg', theirs),
    `--${boundary}--`,
    '',
  ].join('\n');
}
