/**
 * Ascending slots that are listed now. Kept as one typed array, so that the page at any offset is a slice of it and half a million
 * slots take two megabytes; a change in the middle moves the tail in one block copy.
 */
export class SlotOrder {
  #slots = new Int32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    const slot = index < this.#length ? this.#slots[index] : undefined;
    if (slot === undefined) throw new RangeError(`No slot is listed at ${index}.`);
    return slot;
  }

  slice(offset: number, limit: number): Int32Array {
    return this.#slots.subarray(Math.min(offset, this.#length), Math.min(offset + limit, this.#length));
  }

  add(slot: number): void {
    const index = this.#indexFor(slot);
    if (index < this.#length && this.#slots[index] === slot) return;
    if (this.#length === this.#slots.length) {
      const larger = new Int32Array(this.#slots.length * 2);
      larger.set(this.#slots);
      this.#slots = larger;
    }
    this.#slots.copyWithin(index + 1, index, this.#length);
    this.#slots[index] = slot;
    this.#length += 1;
  }

  remove(slot: number): void {
    const index = this.#indexFor(slot);
    if (index === this.#length || this.#slots[index] !== slot) return;
    this.#slots.copyWithin(index, index + 1, this.#length);
    this.#length -= 1;
  }

  /** Lists exactly those of the first `count` slots that pass; one pass, for changes of many at once. */
  rebuild(count: number, isListed: (slot: number) => boolean): void {
    if (this.#slots.length < count) this.#slots = new Int32Array(count);
    this.#length = 0;
    for (let slot = 0; slot < count; slot += 1) {
      if (!isListed(slot)) continue;
      this.#slots[this.#length] = slot;
      this.#length += 1;
    }
  }

  /** The first index whose slot is not below `slot`. */
  #indexFor(slot: number): number {
    const last = this.#length > 0 ? this.at(this.#length - 1) : -1;
    if (slot > last) return this.#length;
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) < slot) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
