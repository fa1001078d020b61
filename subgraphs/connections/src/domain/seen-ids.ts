/**
 * Which ids a listing has named: a set of 64-bit hashes, 16 bytes or less per id, because a listing may name a million. Two ids take each other's place
 * with a chance of about one in ten million listings of a million; then a user looks seen twice, the listing counts as inconsistent and nobody is removed.
 */
const EMPTY = 0n;

export class SeenIds {
  #slots = new BigUint64Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns false when the id was there already */
  add(id: string): boolean {
    if (this.#size * 3 >= this.#slots.length * 2) this.#grow();
    const added = insert(this.#slots, hash(id));
    if (added) this.#size += 1;
    return added;
  }

  has(id: string): boolean {
    const wanted = hash(id);
    return this.#slots[place(this.#slots, wanted)] === wanted;
  }

  #grow(): void {
    const grown = new BigUint64Array(this.#slots.length * 2);
    for (const value of this.#slots) if (value !== EMPTY) insert(grown, value);
    this.#slots = grown;
  }
}

function insert(slots: BigUint64Array, value: bigint): boolean {
  const at = place(slots, value);
  if (slots[at] === value) return false;
  slots[at] = value;
  return true;
}

/** Where the value is, or the free slot where it belongs. */
function place(slots: BigUint64Array, value: bigint): number {
  const mask = slots.length - 1;
  let at = Number(value & BigInt(mask));
  while (slots[at] !== EMPTY && slots[at] !== value) at = (at + 1) & mask;
  return at;
}

const words = new Uint32Array(2);
const joined = new BigUint64Array(words.buffer);

/** Two multiplicative hashes with different constants, mixed at the end; never 0, which marks a free slot. */
function hash(id: string): bigint {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let index = 0; index < id.length; index += 1) {
    const code = id.charCodeAt(index);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x85ebca6b);
    b = (b << 13) | (b >>> 19);
  }
  words[0] = mix(a ^ Math.imul(b, 0x27d4eb2f));
  words[1] = mix(b ^ Math.imul(a, 0x165667b1)) | 1;
  return joined[0] ?? 1n;
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return mixed ^ (mixed >>> 16);
}
