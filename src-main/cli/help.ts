import { exitCodeWords } from './exit-codes.ts';
import { type Field, fieldsOf, takesMany } from './fields.ts';
import { type Command, singular } from './grammar.ts';
import { specialCommands } from './special-words.ts';

const domainWords: Readonly<Record<string, string>> = {
  system: 'the agent itself',
  tasks: 'long work under way',
  activity: 'what had an effect',
  consent: 'questions that wait for you',
  mandates: 'standing approvals',
  identity: 'who you are, and locking',
  contacts: 'people you know, and your devices',
  vault: 'your files',
  machines: 'virtual machines',
  mesh: 'your node in the private network, and what goes over it',
};

export function helpTop(commands: readonly Command[]): string {
  const domains = [...new Set(commands.map((c) => c.domain))];
  return [
    'hypha: your agent from the command line',
    '',
    'Usage: hypha <domain> <command> [words] [--options]',
    '',
    'Domains (also in the singular; hypha <domain> --help lists its commands):',
    ...columns(domains.map((domain) => [domain, domainWords[domain] ?? ''])),
    '',
    'Shortcuts:',
    ...columns(specialCommands.map(({ name, about }) => [name, about])),
    '',
    'Options everywhere:',
    ...columns([
      ['--home DIR', 'the data directory (else HYPHA_HOME, else the usual place)'],
      ['--json', 'one JSON value on stdout; one a line for streams'],
      ['--detach', 'start long work and do not wait for its end'],
      ['--help', 'explain a command'],
    ]),
    '',
    'Exit codes:',
    ...columns(exitCodeWords.map(([code, words]) => [String(code), words])),
    '',
  ].join('\n');
}

export function helpDomain(domain: string, commands: readonly Command[]): string {
  const own = commands.filter((c) => c.domain === domain);
  const offered = own.filter((c) => c.withheld === null);
  const withheld = own.filter((c) => c.withheld !== null);
  return [
    `hypha ${singular(domain)}: ${domainWords[domain] ?? domain}`,
    '',
    ...columns(offered.map((c) => [usageWords(c), c.spec.about])),
    ...(withheld.length > 0 ? ['', 'Not on the command line:'] : []),
    ...columns(withheld.map((c) => [c.verb, c.withheld ?? ''])),
    '',
  ].join('\n');
}

export function helpCommand(command: Command): string {
  const { spec } = command;
  const fields = fieldsOf(spec);
  const positional: readonly string[] = spec.positional ?? [];
  return [
    `hypha ${singular(command.domain)} ${usageWords(command)}`,
    '',
    spec.about,
    ...(fields.length > 0
      ? [
          '',
          'Input:',
          ...columns(
            fields.map((field) => [inputWords(field, positional), fieldWords(field, isMadeUp(command, field.key))]),
          ),
        ]
      : []),
    '',
    `Effect: ${spec.effect}${spec.kind === 'task' ? ', may take long' : spec.kind === 'stream' ? ', goes on until stopped' : ''}.`,
    ...(spec.undo
      ? ['never' in spec.undo ? `Undo: no. ${spec.undo.never}` : `Undo: hypha activity undo (${spec.undo.method}).`]
      : []),
    ...(spec.errors.length > 0 ? [`Can fail with: ${spec.errors.join(', ')}.`] : []),
    '',
  ].join('\n');
}

/** Inputs that `complete.ts` makes up when they are left out. */
const madeUp = new Set(['machines.deploy.name', 'machines.plan.name']);
const isMadeUp = ({ method }: Command, key: string): boolean => madeUp.has(`${method}.${key}`);

/** `deploy [NAME] --image TEXT` */
function usageWords(command: Command): string {
  const { verb, spec } = command;
  const fields = fieldsOf(spec);
  const positional = spec.positional ?? [];
  const places = positional.map((key: string) => {
    const field = fields.find((f) => f.key === key);
    const name = `${key.toUpperCase()}${field && takesMany(field) ? '...' : ''}`;
    return field?.required && !isMadeUp(command, key) ? name : `[${name}]`;
  });
  const flags = fields
    .filter((f) => f.required && !f.secret && !positional.includes(f.key))
    .map((f) => (f.kind === 'boolean' ? `--[no-]${f.flag}` : flagWords(f)));
  return [verb, ...places, ...flags].join(' ');
}

function inputWords(field: Field, positional: readonly string[]): string {
  return positional.includes(field.key) && !field.secret ? field.key.toUpperCase() : flagWords(field);
}

function flagWords(field: Field): string {
  if (field.kind === 'boolean') return `--${field.flag}`;
  if (field.secret || field.kind === 'bytes') return `--${field.flag}-file FILE`;
  const value = field.choices
    ? field.choices.join('|')
    : { integer: 'N', number: 'N', string: 'TEXT', strings: 'TEXT', numbers: 'N', json: 'JSON' }[field.kind];
  return `--${field.flag} ${field.size !== null ? 'SIZE' : field.time ? 'TIME' : value}`;
}

function fieldWords(field: Field, made: boolean): string {
  const parts: string[] = [made ? 'optional; else one is made up' : field.required ? 'needed' : 'optional'];
  if (field.about) parts.push(field.about);
  if (field.secret) parts.push('asked for at the terminal without showing it; - reads standard input');
  if (takesMany(field)) parts.push('may be given again');
  if (field.size !== null) parts.push(`in ${field.size === 'B' ? 'bytes' : field.size}, or with a unit: 512M, 2G`);
  const never = field.never ? ', or never' : '';
  if (field.time) parts.push(`from now (90m, 12h, 30d), or a date (2027-01-31, 2027-01-31T18:00), here${never}`);
  const { fallback } = field;
  const none = fallback === undefined || fallback === '' || ['[]', '{}'].includes(JSON.stringify(fallback));
  if (!none) parts.push(`else ${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}`);
  return parts.join('; ');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(40, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) =>
    left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`.trimEnd(),
  );
}
