/** A small log of events: dense positions, one epoch, readers that wait for more. */
import { GraphQLError } from 'graphql';

export interface PriceEvent {
  readonly position: number;
  readonly product: string;
  readonly change: string;
}

export class ShopLog {
  epoch = 'e1';
  readonly events: PriceEvent[] = [];
  /** Streams that were opened and not yet returned. */
  open = 0;
  opened = 0;
  #breaking: Error | undefined;
  readonly #waiting = new Set<() => void>();

  append(product: string, change = 'SET'): PriceEvent {
    const event = { position: this.events.length + 1, product, change };
    this.events.push(event);
    this.#ring();
    return event;
  }

  /** One stream that waits breaks with this; what is opened afterwards is well. */
  breakWith(error: Error): void {
    this.#breaking = error;
    this.#ring();
  }

  cursor(position: number): string {
    return `${this.epoch}.${position}`;
  }

  /** Hand-made, so that return() ends a next() that waits. */
  read(after: string | null | undefined, product: string | null | undefined): AsyncIterableIterator<PriceEvent> {
    let position = typeof after !== 'string' ? this.events.length : this.#check(after);
    let over = false;
    this.open += 1;
    this.opened += 1;
    const next = async (): Promise<IteratorResult<PriceEvent>> => {
      while (!over) {
        const breaking = this.#breaking;
        this.#breaking = undefined;
        if (breaking) throw breaking;
        const event = this.events[position];
        if (!event) {
          await new Promise<void>((resolve) => this.#waiting.add(resolve));
          continue;
        }
        position += 1;
        if (event.change === 'BREAK') throw new Error('disk on fire at 10.0.0.1');
        if (event.change === 'END') break;
        if (!product || event.product === product) return { done: false, value: event };
      }
      return { done: true, value: undefined };
    };
    return {
      next,
      return: async () => {
        if (!over) this.open -= 1;
        over = true;
        this.#ring();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #check(cursor: string): number {
    const [epoch, position] = cursor.split('.');
    if (epoch !== this.epoch) {
      throw new GraphQLError('The cursor is of another epoch.', { extensions: { code: 'CURSOR_FOREIGN_EPOCH' } });
    }
    return Number(position);
  }

  #ring(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
