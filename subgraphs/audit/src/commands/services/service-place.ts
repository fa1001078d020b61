/** Where a service belongs: a customer or a site, and what is true of it. */
import { ancestorsOf, mirroredNodes, type MirroredNode } from '@numberyard/kit/hierarchy/node';
import { isWithin, type Identity } from '@numberyard/kit/identity/identity';
import { asRead, type Expectation } from '@numberyard/kit/storage/port';
import { notFound, type AuditRefusal } from '../../domain/refusals.js';
import type { CommandContext } from '../context.js';

export interface ServicePlace {
  /** Id of the customer. */
  readonly customer: string;
  readonly node: string;
  readonly path: string;
  /** What a commit that puts a service there expects, lest the node be retired meanwhile. */
  readonly expect: Expectation;
}

type Deps = Pick<CommandContext, 'store' | 'hierarchy'>;
export type PlaceOrNot = ServicePlace | { readonly refusal: AuditRefusal };

/** Refuses NOT_FOUND, and WRONG_NODE_TYPE where no service can belong. */
export async function servicePlace(deps: Deps, identity: Identity, id: string): Promise<PlaceOrNot> {
  const node = await deps.hierarchy.visibleNode(id, identity);
  return node ? placeAt(deps, node) : { refusal: notFound('node', 'node') };
}

async function placeAt({ store }: Deps, node: MirroredNode): Promise<PlaceOrNot> {
  if (node.type !== 'CUSTOMER' && node.type !== 'SITE') {
    return { refusal: wrongNode('Services belong to a customer or a site.') };
  }
  if (node.retired) return { refusal: wrongNode('The node is retired.') };
  const above = await store.getMany(mirroredNodes, ancestorsOf(node.path));
  const customer = above.find((each) => each?.type === 'CUSTOMER');
  if (!customer) throw new Error(`node ${node.id} belongs to no customer`);
  return { customer: customer.id, node: node.id, path: node.path, expect: asRead(mirroredNodes, node) };
}

function wrongNode(message: string): AuditRefusal {
  return { code: 'WRONG_NODE_TYPE', message, field: 'node' };
}

/**
 * The places that the lines of a file name. Each is looked up once; of those that the caller does not see one in a batch is waited for, since it may have been made a
 * moment ago, and a file that is full of them must not make this process ask for the log of the hierarchy's owner with each line.
 */
export class PlacesOfLines {
  readonly #deps: Deps;
  readonly #identity: Identity;
  readonly #found = new Map<string, PlaceOrNot>();
  #mayWait = true;

  constructor(deps: Deps, identity: Identity) {
    this.#deps = deps;
    this.#identity = identity;
  }

  /** Forget them, before the next batch is judged. */
  renew(): void {
    this.#found.clear();
    this.#mayWait = true;
  }

  async of(id: string): Promise<PlaceOrNot> {
    const found = this.#found.get(id) ?? (await this.#lookUp(id));
    this.#found.set(id, found);
    return found;
  }

  async #lookUp(id: string): Promise<PlaceOrNot> {
    const known = await this.#deps.store.get(mirroredNodes, id);
    if (!known || !isWithin(known.path, this.#identity.path)) {
      if (!this.#mayWait) return { refusal: notFound('node', 'node') };
      this.#mayWait = false;
    }
    return servicePlace(this.#deps, this.#identity, id);
  }
}
