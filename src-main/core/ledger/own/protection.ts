/* What one's own ledger does and does not protect from, in plain words. */

export const protects: readonly string[] = [
  'A crash, a power cut or a full disk: what was confirmed stays confirmed.',
  'Somebody else moving your or another person’s credits: each transaction needs the key of whose credits they are.',
  'A contact saying later that they never agreed: what both signed is kept, and anybody can check it.',
  'Damage to the file: the check of the whole ledger names the first block that differs.',
];

export const protectsNot: readonly string[] = [
  'Yourself. You run this ledger: you could leave transactions out, delay them or stop it. Contacts keep your signed heads, and can prove it to anybody if you tell two stories.',
  'Losing this computer without a backup. A ledger that is put back from an older backup lacks what came after, and everybody who deals there is asked whether to go on.',
  'Credits losing their worth. They are your promise, not money: they are worth what you honour.',
  'Others reading along. Whoever you let in sees every account and transaction on it, though not whose they are.',
];
