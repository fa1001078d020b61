/** Why a start failed, as a sentence that says what to do. */

/** What a start was told, as far as its failures are about it. */
export interface Told {
  readonly host: string;
  readonly port: number;
  /** The data folder. */
  readonly data: string;
}

/** The system's errors name a call and a code; these say which setting is meant. */
export function reasonOf(error: unknown, { host, port, data }: Told): string {
  const { code, path, syscall, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is in use. Set PORT to another one.`;
    case 'ENOTFOUND':
    case 'EADDRNOTAVAIL':
      return `${host} is no address of this machine. Set NUMBERYARD_HOST to one, or to 0.0.0.0 for all.`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `${data} cannot be a folder, because a file is in its place. Set NUMBERYARD_DATA to another one.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return syscall === 'listen'
        ? `port ${port} is not allowed to this user. Set PORT to one above 1023.`
        : `${path ?? data} cannot be read and written. Set NUMBERYARD_DATA to a folder that can.`;
    case 'ENOSPC':
      return `there is no room left for ${path ?? data}.`;
    default:
      return message ?? String(error);
  }
}
