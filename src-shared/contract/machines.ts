import { machineChangeContract } from './machines/change.ts';
import { machineConsoleContract } from './machines/console.ts';
import { machineImagesContract } from './machines/images.ts';
import { machineLifeContract } from './machines/life.ts';

export * from './machines/model.ts';
export * from './machines/openings.ts';

/** Machines on this computer. */
export const machinesContract = {
  ...machineImagesContract,
  ...machineLifeContract,
  ...machineChangeContract,
  ...machineConsoleContract,
} as const;
