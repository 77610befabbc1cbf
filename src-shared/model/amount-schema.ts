import { z } from 'zod';

/** No token here counts finer. */
export const finest = 36;

/** An amount as people write it: `12`, `1.20`. A text, because no program's numbers are exact enough for money. */
export const amountSchema = z
  .string()
  .trim()
  .regex(/^\d{1,40}(?:\.\d{1,36})?$/, 'Give a number such as 12 or 1.5, with a point and no sign.')
  .brand<'Amount'>();
export type Amount = z.infer<typeof amountSchema>;
