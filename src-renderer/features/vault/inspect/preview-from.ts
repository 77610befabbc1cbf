/** Where a file is looked at: in a snapshot, in what a contact shares, or in the vault as it is now. */
export interface PreviewFrom {
  readonly snapshot?: number | undefined;
  readonly share?: string | undefined;
}

export const now: PreviewFrom = {};

/** As an input of the contract, which knows no `undefined`. */
export const inputOf = ({ snapshot, share }: PreviewFrom) => ({
  ...(snapshot === undefined ? {} : { snapshot }),
  ...(share === undefined ? {} : { share }),
});
