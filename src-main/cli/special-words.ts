/** Commands that are more than one call of the contract, or none. */
export const specialCommands = [
  { name: 'start', about: 'start the agent in the background' },
  { name: 'stop', about: 'stop the agent; machines go on' },
  { name: 'open', about: 'open the interface in the browser' },
  { name: 'url', about: 'print a fresh one-time link to the interface' },
  { name: 'status', about: 'tell whether an agent runs, and whose it is' },
] as const;
export type SpecialName = (typeof specialCommands)[number]['name'];
