/** Several receivers of one stream, taken as one. */
import type { GraphQLFormattedError } from 'graphql';
import type { PacedReceiver } from './resumed-stream.js';
import type { Delivery } from './upstream.js';

export class ReceiverGroup implements PacedReceiver {
  readonly #members = new Set<PacedReceiver>();

  get size(): number {
    return this.#members.size;
  }

  add(member: PacedReceiver): void {
    this.#members.add(member);
  }

  remove(member: PacedReceiver): void {
    this.#members.delete(member);
  }

  delivered(delivery: Delivery): void {
    this.#each((member) => member.delivered(delivery));
  }

  /** As fast as the fastest of them: one that stands still must not hold up the others, and its backlog is bounded. */
  async deliveredAndSent(delivery: Delivery): Promise<void> {
    const sent: Promise<void>[] = [];
    this.#each((member) => sent.push(member.deliveredAndSent(delivery)));
    await Promise.race(sent);
  }

  overrun(): void {
    this.#each((member) => member.overrun());
  }

  failed(errors: readonly GraphQLFormattedError[]): void {
    this.#each((member) => member.failed(errors));
  }

  completed(): void {
    this.#each((member) => member.completed());
  }

  /** Members leave while they are told something, each at most itself. */
  #each(tell: (member: PacedReceiver) => void): void {
    for (const member of [...this.#members]) tell(member);
  }
}
