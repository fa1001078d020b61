/** The client of the bench, so that its own work is not measured with the server's. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AskOrder, Asked } from './asker-process.js';

export interface Asker {
  ask(order: AskOrder): Promise<Asked>;
  /** Ends what is asked at the moment with the answers so far. */
  stop(): void;
  close(): void;
}

export function startAsker(): Asker {
  const child = fork(fileURLToPath(new URL('./asker-process.js', import.meta.url)));
  return {
    async ask(order) {
      child.send(order);
      const [answer] = (await once(child, 'message')) as [{ asked?: Asked; problem?: string }];
      if (!answer.asked) throw new Error(answer.problem);
      return answer.asked;
    },
    stop: () => void child.send('stop'),
    close: () => void child.kill(),
  };
}
