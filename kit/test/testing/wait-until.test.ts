import { expect, it } from 'vitest';
import { waitUntil } from '../../src/testing/wait-until.js';

it('waits for the first truthy value and gives it back', async () => {
  let asked = 0;
  expect(await waitUntil('the third time', () => (asked += 1) === 3 && 'there')).toBe('there');
  expect(asked).toBe(3);
});

it('names what it waited for in vain', async () => {
  await expect(waitUntil('a miracle', () => false, 0)).rejects.toThrow('a miracle');
});

it('passes on what the condition throws', async () => {
  await expect(waitUntil('x', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
