import { meshMessagesContract } from './messages.ts';
import { meshNodeContract } from './node.ts';
import { meshServicesContract } from './services.ts';

export * from './messages.ts';
export * from './model.ts';

/** The mesh: this node, services across it, messages. */
export const meshContract = { ...meshNodeContract, ...meshServicesContract, ...meshMessagesContract } as const;
