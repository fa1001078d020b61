/** A plain GraphQL client over HTTP: the demo uses the same door as everybody else. */

interface UserError {
  readonly code: string;
  readonly message: string;
}

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string }[];
}

export class GraphQLClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  /**
   * The one root field of an operation.
   * @throws Error with the messages of GraphQL errors, or of `userErrors`
   */
  async run<T>(document: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await fetch(`${this.#url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#key}` },
      body: JSON.stringify({ query: document, variables }),
    });
    const { data, errors } = (await response.json()) as Answer;
    if (errors?.length) throw new Error(errors.map((error) => error.message).join('; '));
    const field = Object.values(data ?? {})[0] as T & { readonly userErrors?: readonly UserError[] };
    // Null is an answer, too.
    const { userErrors = [] } = field ?? {};
    if (userErrors.length > 0) throw new Error(userErrors.map((error) => error.message).join('; '));
    return field;
  }
}
