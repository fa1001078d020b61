/** What storage engines are asked, call by call: whether two operations do the same work is seen there. */
import type { EventLog } from '@numberyard/kit/log/event';
import type { Store } from '@numberyard/kit/storage/port';

export class EngineCalls {
  #calls: string[] = [];

  clear(): void {
    this.#calls = [];
  }

  /** Those since the last `clear`, in an order of their own: what is asked side by side comes in any. */
  get list(): readonly string[] {
    return [...this.#calls].sort();
  }

  /** The store, its calls noted. It does not close, so that a subgraph that was drained still answers. */
  counting(store: Store): Store {
    const log = this.#noting(store.log, `${store.name} log`);
    return new Proxy(this.#noting(store, store.name), {
      get: (target, name) =>
        name === 'log' ? log : name === 'close' ? () => Promise.resolve() : (Reflect.get(target, name) as unknown),
    });
  }

  #noting<T extends Store | EventLog>(target: T, owner: string): T {
    return new Proxy(target, {
      get: (_, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: readonly unknown[]) => {
          const collection = (args[0] as { readonly name?: unknown } | undefined)?.name;
          if (name !== 'onAppend') this.#calls.push([owner, name, collection].filter(Boolean).join(' '));
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  }
}
