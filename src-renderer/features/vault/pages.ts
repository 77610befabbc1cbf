import type { Page } from '../../app/page-types.ts';

export const vaultPages: readonly Page[] = [];
