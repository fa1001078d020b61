/** A client in a process of its own: asks one question after the other and tells its parent how long each answer took. */
import { performance } from 'node:perf_hooks';
import { ApiClient } from '../../world/client.js';

/** Sent by the parent. */
export interface AskOrder {
  readonly url: string;
  readonly key: string;
  readonly questions: readonly { readonly name: string; readonly query: string; readonly variables: object }[];
  /** Most questions asked; they come round. */
  readonly most: number;
}

/** Answered to it: milliseconds of each answer, by the question's name. */
export type Asked = Readonly<Record<string, readonly number[]>>;

let isStopped = false;

async function ask({ url, key, questions, most }: AskOrder): Promise<Asked> {
  const client = new ApiClient(url, key);
  const asked: Record<string, number[]> = {};
  for (let count = 0; count < most && !isStopped; count += 1) {
    const question = questions[count % questions.length];
    if (!question) break;
    const begun = performance.now();
    await client.ask(question.query, { ...question.variables });
    (asked[question.name] ??= []).push(performance.now() - begun);
  }
  return asked;
}

process.on('message', (message: AskOrder | 'stop') => {
  if (message === 'stop') {
    isStopped = true;
    return;
  }
  isStopped = false;
  ask(message).then(
    (asked) => process.send?.({ asked }),
    (error: unknown) => process.send?.({ problem: String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
