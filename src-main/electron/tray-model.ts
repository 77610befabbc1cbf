export interface TrayFacts {
  readonly core: 'running' | 'restarting' | 'failed';
  readonly identity: 'none' | 'locked' | 'unlocked' | 'damaged' | 'keyless';
  readonly runningTasks: number;
  /** Share done of all running tasks that know their total, 0 to 1; null when none does. */
  readonly progress: number | null;
  readonly runningMachines: number;
}

export type TrayCommand = 'open' | 'lock' | 'quit';

export interface TrayModel {
  /** Shape and word differ with the state, not only colour. */
  readonly icon: 'on' | 'busy' | 'locked' | 'error';
  readonly tooltip: string;
  readonly items: readonly {
    readonly label: string;
    readonly command: TrayCommand | null;
    readonly enabled: boolean;
  }[];
}

const count = (n: number, one: string, many: string) => (n === 1 ? `1 ${one}` : `${n} ${many}`);

/** What the tray shows. Lines without a command are information. */
export function trayModel(facts: TrayFacts): TrayModel {
  const word = stateWord(facts);
  const details = [
    ...(facts.runningTasks > 0 ? [taskLine(facts)] : []),
    ...(facts.runningMachines > 0 ? [`${count(facts.runningMachines, 'machine', 'machines')} running`] : []),
  ];
  return {
    icon: iconOf(facts),
    tooltip: ['Hypha', word, ...details].join('\n'),
    items: [
      ...[word, ...details].map((label) => ({ label, command: null, enabled: false })),
      { label: 'Open Hypha', command: 'open', enabled: true },
      { label: 'Lock', command: 'lock', enabled: facts.core === 'running' && facts.identity === 'unlocked' },
      { label: quitLabel(facts.runningMachines), command: 'quit', enabled: true },
    ],
  };
}

function stateWord(facts: TrayFacts): string {
  if (facts.core === 'restarting') return 'Starting again';
  if (facts.core === 'failed') return 'Stopped by a fault';
  return {
    none: 'Not set up',
    locked: 'Locked',
    unlocked: 'On',
    damaged: 'The keystore is damaged',
    keyless: 'On, without keys',
  }[facts.identity];
}

function iconOf(facts: TrayFacts): TrayModel['icon'] {
  if (facts.core !== 'running' || facts.identity === 'damaged') return 'error';
  if (facts.runningTasks > 0) return 'busy';
  return facts.identity === 'unlocked' || facts.identity === 'keyless' ? 'on' : 'locked';
}

function taskLine(facts: TrayFacts): string {
  const text = count(facts.runningTasks, 'task', 'tasks');
  return facts.progress === null ? `${text} running` : `${text} running, ${Math.floor(facts.progress * 100)} %`;
}

function quitLabel(machines: number): string {
  return machines === 0 ? 'Quit' : `Quit (${count(machines, 'machine goes', 'machines go')} on running)`;
}
