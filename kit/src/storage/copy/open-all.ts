/** Open one after the other; when one cannot be opened, those before it are closed again. */
export async function openAll<T extends { close(): Promise<void> }>(
  openers: readonly (() => Promise<T>)[],
): Promise<T[]> {
  const opened: T[] = [];
  try {
    for (const open of openers) opened.push(await open());
    return opened;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

export async function closeAll(opened: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const one of opened) await one.close();
}
