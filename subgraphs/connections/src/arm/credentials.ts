/** What a caller shows to be let in: name and password on every call, or a token they were exchanged for once. */

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface Authorization {
  /** Value of the `Authorization` header. */
  header(signal: AbortSignal | undefined): Promise<string>;
  /**
   * Told that a header was refused.
   * @returns whether another one is worth a try
   */
  refused(header: string): boolean;
}

export function basicAuthorization({ username, password }: Credentials): Authorization {
  const header = `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
  return { header: () => Promise.resolve(header), refused: () => false };
}

/** Logs in when there is no token, once however many calls wait for it; a refused token is given up for another. */
export function sessionAuthorization(login: (signal: AbortSignal | undefined) => Promise<string>): Authorization {
  let current: Promise<string> | undefined;
  let token: string | undefined;
  return {
    header(signal) {
      current ??= login(signal).then(
        (given) => (token = `Bearer ${given}`),
        (error: unknown) => {
          current = undefined;
          throw error;
        },
      );
      return current;
    },
    refused(header) {
      if (header === token) {
        token = undefined;
        current = undefined;
      }
      return true;
    },
  };
}
