import deActivity from './de/activity.json' with { type: 'json' };
import deCommon from './de/common.json' with { type: 'json' };
import deContacts from './de/contacts.json' with { type: 'json' };
import deDeals from './de/deals.json' with { type: 'json' };
import deErrors from './de/errors.json' with { type: 'json' };
import deFrame from './de/frame.json' with { type: 'json' };
import deHome from './de/home.json' with { type: 'json' };
import deLedger from './de/ledger.json' with { type: 'json' };
import deMachines from './de/machines.json' with { type: 'json' };
import deMesh from './de/mesh.json' with { type: 'json' };
import deMethod from './de/method.json' with { type: 'json' };
import deMoney from './de/money.json' with { type: 'json' };
import deNames from './de/names.json' with { type: 'json' };
import deOnboarding from './de/onboarding.json' with { type: 'json' };
import deRecovery from './de/recovery.json' with { type: 'json' };
import deSettings from './de/settings.json' with { type: 'json' };
import deSummary from './de/summary.json' with { type: 'json' };
import deTasks from './de/tasks.json' with { type: 'json' };
import deVault from './de/vault.json' with { type: 'json' };
import deWallet from './de/wallet.json' with { type: 'json' };
import activity from './en/activity.json' with { type: 'json' };
import common from './en/common.json' with { type: 'json' };
import contacts from './en/contacts.json' with { type: 'json' };
import deals from './en/deals.json' with { type: 'json' };
import errors from './en/errors.json' with { type: 'json' };
import frame from './en/frame.json' with { type: 'json' };
import home from './en/home.json' with { type: 'json' };
import ledger from './en/ledger.json' with { type: 'json' };
import machines from './en/machines.json' with { type: 'json' };
import mesh from './en/mesh.json' with { type: 'json' };
import method from './en/method.json' with { type: 'json' };
import money from './en/money.json' with { type: 'json' };
import names from './en/names.json' with { type: 'json' };
import onboarding from './en/onboarding.json' with { type: 'json' };
import recovery from './en/recovery.json' with { type: 'json' };
import settings from './en/settings.json' with { type: 'json' };
import summary from './en/summary.json' with { type: 'json' };
import tasks from './en/tasks.json' with { type: 'json' };
import vault from './en/vault.json' with { type: 'json' };
import wallet from './en/wallet.json' with { type: 'json' };

/** English is the source: every other language has exactly its keys (a test holds them together). */
export const english = {
  activity,
  common,
  contacts,
  deals,
  errors,
  frame,
  home,
  ledger,
  machines,
  mesh,
  method,
  money,
  names,
  onboarding,
  recovery,
  settings,
  summary,
  tasks,
  vault,
  wallet,
};

export const german = {
  activity: deActivity,
  common: deCommon,
  contacts: deContacts,
  deals: deDeals,
  errors: deErrors,
  frame: deFrame,
  home: deHome,
  ledger: deLedger,
  machines: deMachines,
  mesh: deMesh,
  method: deMethod,
  money: deMoney,
  names: deNames,
  onboarding: deOnboarding,
  recovery: deRecovery,
  settings: deSettings,
  summary: deSummary,
  tasks: deTasks,
  vault: deVault,
  wallet: deWallet,
};

export interface MessageTree {
  readonly [key: string]: string | MessageTree;
}

type Leaf<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaf<T[K], `${P}${K}.`>;
}[keyof T & string];
/** Plural forms (`files_one`, `files_other`) are asked for by their stem and `count`. */
type Stem<K> = K extends `${infer S}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}` ? S : K;

/** Every message there is, as `area.key`; a typo is a type error. */
export type MessageKey = Stem<Leaf<typeof english>>;

export const languages = ['en', 'de', 'pseudo'] as const;
export type Language = (typeof languages)[number];

/** The language to show: the chosen one, else the first of the system's that we have, else English. */
export function pickLanguage(chosen: string, system: readonly string[]): Language {
  const known = (tag: string) => languages.find((l) => l === tag.toLowerCase().split('-')[0]);
  if (chosen !== 'system') return known(chosen) ?? 'en';
  for (const tag of system) {
    const language = known(tag);
    if (language && language !== 'pseudo') return language;
  }
  return 'en';
}

/** All keys of a tree, dotted and sorted. */
export function messageKeys(tree: MessageTree, prefix = ''): string[] {
  return Object.entries(tree)
    .flatMap(([key, value]) =>
      typeof value === 'string' ? [`${prefix}${key}`] : messageKeys(value, `${prefix}${key}.`),
    )
    .sort();
}
