/** Thrown when the listing is empty and the mirror is not. */
export class EmptyListing extends Error {
  constructor(mirrored: number) {
    super(
      `The Routing Manager lists no registered users, and ${mirrored} are mirrored. Nobody was removed; allow empty listings for this data sync if that is so.`,
    );
  }
}
