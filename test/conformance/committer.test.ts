/** The group committer over an engine that answers when the test says so. */
import { Committer, GROUP_LIMITS } from '@numberyard/kit/storage/committer';
import { StoreError } from '@numberyard/kit/storage/port';
import type { Group, Outcome, PreparedCommit } from '@numberyard/kit/storage/prepared';
import { describe, expect, it } from 'vitest';

function commit(values: Partial<PreparedCommit> = {}): PreparedCommit {
  return { expect: [], save: [], remove: [], events: [], documents: 1, size: 10, ...values };
}

const EVENT = { type: 't', retention: 'history', entity: 'e:1', time: '2026-01-01T00:00:00.000Z', json: '{}' } as const;

/** An engine that keeps each group until it is told the outcome. */
class HeldEngine {
  readonly groups: { group: Group; resolve: (outcomes: Outcome[]) => void; reject: (error: Error) => void }[] = [];

  applyGroup(group: Group): Promise<Outcome[]> {
    return new Promise((resolve, reject) => this.groups.push({ group, resolve, reject }));
  }

  async taken(count: number): Promise<void> {
    await expect.poll(() => this.groups.length, { interval: 1 }).toBe(count);
  }

  /** Answer a group: every commit applied at position 1. */
  answer(index: number): void {
    const held = this.groups[index];
    held?.resolve(held.group.commits.map(() => ({ position: 1, versions: [] })));
  }
}

describe('the committer', () => {
  it('merges what the same turn submits, and gathers while a group is on its way', async () => {
    const engine = new HeldEngine();
    const committer = new Committer(engine, () => undefined);
    const first = [1, 2, 3].map(() => committer.submit(commit()));
    await engine.taken(1);
    const second = [1, 2, 3, 4].map(() => committer.submit(commit()));
    expect(engine.groups).toHaveLength(1);
    engine.answer(0);
    await Promise.all(first);
    await engine.taken(2);
    engine.answer(1);
    await Promise.all(second);
    expect(engine.groups.map(({ group }) => group.commits.length)).toEqual([3, 4]);
    const [one, two] = engine.groups.map(({ group }) => group.id);
    expect(one).not.toBe(two);
  });

  it.each([
    ['commits', GROUP_LIMITS.commits + 50, {}, [GROUP_LIMITS.commits, 50]],
    ['documents', 5, { documents: 900 }, [2, 2, 1]],
    ['size', 5, { size: 1_900_000 }, [2, 2, 1]],
    ['a commit larger than a group', 2, { documents: 50_000 }, [1, 1]],
  ])('bounds a group by %s and keeps the order', async (_, count, values, sizes) => {
    const engine = new HeldEngine();
    const committer = new Committer(engine, () => undefined);
    const commits = Array.from({ length: count }, () => commit(values));
    const answers = commits.map((one) => committer.submit(one));
    for (const index of sizes.keys()) {
      await engine.taken(index + 1);
      engine.answer(index);
    }
    await Promise.all(answers);
    expect(engine.groups.map(({ group }) => group.commits.length)).toEqual(sizes);
    expect(engine.groups.flatMap(({ group }) => group.commits)).toEqual(commits);
  });

  it('answers each commit its own outcome', async () => {
    const engine = new HeldEngine();
    const committer = new Committer(engine, () => undefined);
    const answers = [1, 2, 3].map(() => committer.submit(commit()));
    await engine.taken(1);
    engine.groups[0]?.resolve([
      { position: 5, versions: [] },
      { conflicts: [{ kind: 'REQUEST' }] },
      { fault: 'no room' },
    ]);
    expect(await answers[0]).toEqual({ position: 5, versions: [] });
    expect(await answers[1]).toEqual({ conflicts: [{ kind: 'REQUEST' }] });
    await expect(answers[2]).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('no room') as string,
    });
  });

  it('goes on after a group that failed as a whole', async () => {
    const engine = new HeldEngine();
    const committer = new Committer(engine, () => undefined);
    const lost = committer.submit(commit());
    await engine.taken(1);
    const next = committer.submit(commit());
    engine.groups[0]?.reject(new StoreError('UNAVAILABLE', 'the disk is full'));
    await expect(lost).rejects.toThrow('the disk is full');
    await engine.taken(2);
    engine.answer(1);
    expect(await next).toEqual({ position: 1, versions: [] });
  });

  it('rings once for a group in which an event was appended, not for one without or with losers only', async () => {
    const engine = new HeldEngine();
    let rings = 0;
    const committer = new Committer(engine, () => (rings += 1));
    const outcomes: Outcome[][] = [
      [
        { position: 1, versions: [] },
        { position: 2, versions: [] },
      ],
      [{ position: 2, versions: [] }],
      [{ conflicts: [] }],
    ];
    const groups = [
      [commit({ events: [EVENT] }), commit({ events: [EVENT] })],
      [commit()],
      [commit({ events: [EVENT] })],
    ];
    for (const [index, commits] of groups.entries()) {
      const answers = commits.map((one) => committer.submit(one));
      await engine.taken(index + 1);
      engine.groups[index]?.resolve(outcomes[index] ?? []);
      await Promise.all(answers);
    }
    expect(rings).toBe(1);
  });

  it('when closed answers what it took and refuses what comes', async () => {
    const engine = new HeldEngine();
    const committer = new Committer(engine, () => undefined);
    const taken = committer.submit(commit());
    const closed = committer.close();
    await expect(committer.submit(commit())).rejects.toMatchObject({ code: 'CLOSED' });
    await engine.taken(1);
    engine.answer(0);
    expect(await taken).toEqual({ position: 1, versions: [] });
    await closed;
  });

  it('when its engine is gone answers everything that waits', async () => {
    const engine = new HeldEngine();
    const committer = new Committer(engine, () => undefined);
    const sent = committer.submit(commit());
    await engine.taken(1);
    const waiting = committer.submit(commit());
    const gone = new StoreError('CLOSED', 'the writer has ended');
    committer.fail(gone);
    engine.groups[0]?.reject(gone);
    await expect(Promise.allSettled([sent, waiting])).resolves.toMatchObject([{ reason: gone }, { reason: gone }]);
    await expect(committer.submit(commit())).rejects.toBe(gone);
  });
});
