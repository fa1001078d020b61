/** What the parent asks of a server: so many events a second for so long. */
export interface Pace {
  readonly eventsPerSecond: number;
  readonly milliseconds: number;
}

/** The processor's time since the pace began, milliseconds. */
export interface Spent {
  readonly cpu: number;
}

/** Do what the parent asks, and tell it when it is done; asked for no pace, tell what the last one cost. */
export function obeyPace(emit: () => void): void {
  let atStart = process.cpuUsage();
  process.on('message', (pace: Pace | 'spent') => {
    if (pace === 'spent') {
      const { user, system } = process.cpuUsage(atStart);
      const spent: Spent = { cpu: (user + system) / 1_000 };
      process.send?.(spent);
      return;
    }
    const { eventsPerSecond, milliseconds } = pace;
    atStart = process.cpuUsage();
    const begun = performance.now();
    const wanted = Math.round((eventsPerSecond * milliseconds) / 1_000);
    let emitted = 0;
    // By the clock, since a busy process is late for its timers.
    const timer = setInterval(() => {
      const due = Math.min(wanted, Math.ceil(((performance.now() - begun) * eventsPerSecond) / 1_000));
      for (; emitted < due; emitted += 1) emit();
      if (emitted < wanted) return;
      clearInterval(timer);
      process.send?.({ done: true });
    }, 1_000 / eventsPerSecond);
  });
}
