/**
 * The checksum of SLIP-0039, "Checksum": a Reed-Solomon code over GF(1024) that finds any three wrong words, and more with a chance of
 * one in a thousand million to be missed.
 */
const generators = [
  0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890, 0x3f3f120,
];
export const checksumWords = 3;

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 20;
    sum = ((sum & 0xfffff) << 10) ^ value;
    generators.forEach((generator, bit) => {
      if ((top >> bit) & 1) sum ^= generator;
    });
  }
  return sum;
}

/** The two kinds of shares have different checksums, so that one is not taken for the other. */
const customization = (extendable: boolean): number[] => [
  ...Buffer.from(extendable ? 'shamir_extendable' : 'shamir', 'latin1'),
];

/** Three values of 10 bits each. */
export function checksum(data: readonly number[], extendable: boolean): number[] {
  const sum = polymod([...customization(extendable), ...data, 0, 0, 0]) ^ 1;
  return [(sum >> 20) & 1023, (sum >> 10) & 1023, sum & 1023];
}

/** @param data with its checksum at the end */
export function checksumHolds(data: readonly number[], extendable: boolean): boolean {
  return polymod([...customization(extendable), ...data]) === 1;
}
