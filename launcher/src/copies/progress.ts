/** Telling people how far a copy has come. */
import { performance } from 'node:perf_hooks';
import type { Progress } from '@numberyard/kit/storage/copy/copy-store';
import type { Tallies } from '@numberyard/kit/storage/copy/tally';
import { say } from './command.js';

/** A line at most this often, milliseconds: what is quick says nothing on its way. */
const TOLD_EVERY = 3_000;

export class ProgressLines {
  readonly #begun = performance.now();
  #told = performance.now();
  #step = '';
  #rows = 0;

  of(store: string): Progress {
    return (step, rows) => {
      const name = `${store}: ${step}`;
      this.#rows = name === this.#step ? this.#rows + rows : rows;
      this.#step = name;
      if (performance.now() - this.#told < TOLD_EVERY) return;
      this.#told = performance.now();
      say(`  ${name}${this.#rows > 0 ? `, ${grouped(this.#rows)} rows` : ''}`);
    };
  }

  get seconds(): string {
    return ((performance.now() - this.#begun) / 1_000).toFixed(1);
  }
}

/** One line on what a store holds, e.g. `audit: 12 documents, 3 events, 0 requests`. */
export function summary(store: string, tallies: Tallies): string {
  const count = (isWanted: (part: string) => boolean) =>
    grouped(
      Object.entries(tallies)
        .filter(([part]) => isWanted(part))
        .reduce((sum, [, { count: rows }]) => sum + rows, 0),
    );
  const documents = count((part) => !part.startsWith('('));
  const [events, requests] = ['(log)', '(requests)'].map((part) => count((other) => other === part));
  return `${store}: ${documents} documents, ${events} events, ${requests} requests`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
