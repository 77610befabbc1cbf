import {
  accountOf,
  type KitPlace,
  kindWords,
  type PlaceSecret,
  secretNames,
  whereWords,
} from '#shared/contract/vault.ts';
import type { KitBody } from './kit-format.ts';
import { kitBegins, kitEnds } from './kit-lines.ts';

/** A place of a kit for people. */
export const placeWords = ({ name, owner, site, address }: KitBody['places'][number]): KitPlace => ({
  ...{ name, owner, site },
  kind: address.kind,
  where: whereWords(address),
  account: accountOf(address),
});

type SecretName = (typeof secretNames)[number];
export const secretsIn = (secret: PlaceSecret): SecretName[] =>
  secretNames.filter((name) => secret[name] !== undefined);

const named: Readonly<Record<SecretName, string>> = {
  password: 'its password',
  secretKey: 'its secret access key',
  privateKey: 'its private key',
  keyPassword: 'the passphrase of that key',
};

/** Settings with their values, for people and for the answer of a call. */
export function settingsOf({ settings }: KitBody) {
  const { language, theme, notifications, snapshots } = settings;
  return [
    ...(language === undefined ? [] : [{ key: 'language' as const, value: language }]),
    ...(theme === undefined ? [] : [{ key: 'theme' as const, value: theme }]),
    ...(notifications === undefined ? [] : [{ key: 'notifications' as const, value: notifications ? 'on' : 'off' }]),
    ...(snapshots === undefined
      ? []
      : [{ key: 'snapshots' as const, value: snapshots.every === null ? 'off' : `every ${snapshots.every} minutes` }]),
  ];
}

export interface KitText {
  readonly body: KitBody;
  readonly fingerprint: string;
  readonly lines: readonly string[];
  /** What opens each place; null where that is not known here. */
  readonly secrets: ReadonlyMap<string, PlaceSecret | null>;
  readonly here: ReadonlySet<string>;
}

const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** What opens a place, said as it is. */
function opensWords(secret: PlaceSecret | null | undefined): string {
  if (!secret) return 'What opens it could not be read when this kit was made, and is not in it.';
  const names = secretsIn(secret).map((name) => named[name]);
  if (names.length === 0) return 'Nothing more is needed to open it.';
  return `To open it, the words and the lines below are enough. Without the lines you need ${names.join(' and ')}.`;
}

/** The kit as a text file: first what a person reads, then what Hypha reads. */
export function kitText({ body, fingerprint, lines, secrets, here }: KitText): string {
  const { k, person, places } = body;
  const elsewhere = places.filter(({ id }) => !here.has(id)).length;
  const listed = places.flatMap((place, i) => {
    const { name, where, account, owner, site } = placeWords(place);
    const marks = [
      ...(account === '' ? [] : [`account ${account}`]),
      ...(owner === '' ? [] : [`belongs to ${owner}`]),
      ...(site === '' ? [] : [`stands in ${site}`]),
    ];
    const key = place.address.kind === 'sftp' ? [`     key of the server: ${place.address.fingerprint}`] : [];
    return [
      `  ${String(i + 1).padStart(2)}. ${name} (${kindWords[place.address.kind]})`,
      `      ${where}${marks.length > 0 ? `; ${marks.join('; ')}` : ''}`,
      ...key.map((line) => ` ${line}`),
      `      ${opensWords(secrets.get(place.id))}`,
      ...(here.has(place.id) ? ['      It was on the computer that made this kit, and is lost with it.'] : []),
    ];
  });
  return `${[
    'HYPHA RECOVERY KIT',
    `made ${minute(body.madeAt)}${person === '' ? '' : ` for ${person}`}`,
    `fingerprint ${fingerprint}`,
    '',
    'What you need to get your files back on an empty computer:',
    '  1. your 24 recovery words, or enough shares of them. They are NOT in this kit.',
    '  2. this kit: the file, or the numbered lines at its end.',
    `  3. any ${k} of these ${places.length} places.`,
    ...(elsewhere < k
      ? [
          '',
          `ATTENTION: only ${elsewhere} of the places are not on the computer that made this kit. Should it be lost, that is too few.`,
        ]
      : []),
    '',
    'Places',
    ...listed,
    '',
    'What it brings back: all files, their earlier versions, the places and what opens them, and these settings:',
    `  ${settingsOf(body)
      .map(({ key, value }) => `${key} ${value}`)
      .join(', ')}.`,
    'Not in it, and not in the vault: contacts, machines, mesh settings, the time of the automatic lock, and the passphrase of',
    'the old computer (you choose a new one). The wallet comes back from the words alone.',
    '',
    'How: install Hypha, choose "I have 24 words" on the first page, type the words, then open this file or paste the',
    'lines. At a command line: hypha identity restore NAME, then hypha vault recover --kit-file FILE.',
    '',
    'Whoever finds this kit learns where your places are, and nothing else: what opens them is sealed, for your words only.',
    'Make a new kit when your places change.',
    '',
    kitBegins,
    ...lines,
    kitEnds,
  ].join('\n')}\n`;
}
