import type { Page } from '../../app/page-types.ts';

export const machinesPages: readonly Page[] = [];
