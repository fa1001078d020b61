/**
 * Bulk work lets requests go first. Both share this process's one thread: a request comes back to it many times, and each time it would wait for a whole
 * piece of bulk work. So a piece begins when no request is being answered, or when it has waited long enough.
 */

/** Longest a piece of bulk work waits while requests keep coming, milliseconds: it goes on however busy the process is. */
const LONGEST = 50;

/** What lets each piece that is waiting begin, in the order they came. */
const waiting: (() => void)[] = [];
let requests = 0;
let isLooking = false;

/** Answer a request of an end caller; bulk work stands back meanwhile. Not for what lasts, such as a stream. */
export async function answerFirst<T>(answer: () => Promise<T>): Promise<T> {
  requests += 1;
  try {
    return await answer();
  } finally {
    requests -= 1;
    look();
  }
}

/**
 * Called by bulk work before each piece, which should be one of some milliseconds. Resolves when the piece may begin, in another turn of the event loop and
 * within 50 ms.
 */
export function giveWay(): Promise<void> {
  return new Promise((resolve) => {
    const begin = () => {
      clearTimeout(patience);
      resolve();
    };
    const patience = setTimeout(() => {
      waiting.splice(waiting.indexOf(begin), 1);
      resolve();
    }, LONGEST);
    waiting.push(begin);
    look();
  });
}

/** Lets one piece begin per turn of the event loop, so that a request that comes in meanwhile waits for one only. */
function look(): void {
  if (isLooking || requests > 0 || waiting.length === 0) return;
  isLooking = true;
  setImmediate(() => {
    isLooking = false;
    if (requests > 0) return;
    waiting.shift()?.();
    look();
  });
}
