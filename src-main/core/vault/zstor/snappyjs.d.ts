/** The part of snappyjs 0.7 that is used here; it brings no types. */
declare module 'snappyjs' {
  const snappy: { compress(plain: Uint8Array): Uint8Array };
  export default snappy;
}
