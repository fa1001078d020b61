/** User parts by slot: whole blocks of consecutive numbers cost nothing per number, single ones are kept as they are. */

interface Block {
  readonly firstSlot: number;
  readonly count: number;
  readonly prefix: string;
  readonly first: number;
  readonly width: number;
}

export class NumberBlocks {
  readonly #blocks: Block[] = [];
  readonly #singles = new Map<number, string>();
  readonly #slotsOfSingles = new Map<string, number[]>();

  /**
   * @param firstNumber digits with an optional leading plus
   * @throws RangeError when it is not
   */
  addBlock(firstSlot: number, count: number, firstNumber: string): void {
    const match = /^(\+?)(\d{1,15})$/.exec(firstNumber);
    const digits = match?.[2];
    if (!match || digits === undefined)
      throw new RangeError('firstNumber must be 1 to 15 digits with an optional leading +.');
    this.#blocks.push({ firstSlot, count, prefix: match[1] ?? '', first: Number(digits), width: digits.length });
  }

  addSingle(slot: number, user: string): void {
    this.#singles.set(slot, user);
    const slots = this.#slotsOfSingles.get(user);
    if (slots) slots.push(slot);
    else this.#slotsOfSingles.set(user, [slot]);
  }

  userOf(slot: number): string {
    const single = this.#singles.get(slot);
    if (single !== undefined) return single;
    const block = this.#blocks.find(({ firstSlot, count }) => slot >= firstSlot && slot < firstSlot + count);
    if (!block) throw new RangeError(`Nothing was ever registered in slot ${slot}.`);
    return userInBlock(block, slot - block.firstSlot);
  }

  /** Several, when one address of record is registered at several nodes. */
  slotsOf(user: string): number[] {
    const slots = [...(this.#slotsOfSingles.get(user) ?? [])];
    for (const block of this.#blocks) {
      const index = Number(user.slice(block.prefix.length)) - block.first;
      if (Number.isInteger(index) && index >= 0 && index < block.count && userInBlock(block, index) === user)
        slots.push(block.firstSlot + index);
    }
    return slots.sort((left, right) => left - right);
  }
}

function userInBlock(block: Block, index: number): string {
  return block.prefix + String(block.first + index).padStart(block.width, '0');
}
