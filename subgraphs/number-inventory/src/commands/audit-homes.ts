/**
 * Where an audit makes numbers that are not in the inventory. "At Customer level will add directory numbers at Customer level for services which exist at Site or
 * Customer"; "at Site level will add directory numbers at site level" (Audit Number Inventory): at that of the first use, in order of node and reference, or
 * under site location codes at the site whose code the number begins with, whoever uses it.
 */
import type { Expectation, Store } from '@numberyard/kit/storage/port';
import { isAudited, type AuditScope, type ExpectedUse, type MadeAt } from '../domain/correction.js';
import { dialPlanOf } from '../domain/hierarchy.js';
import type { NodeDoc } from '../models/node.js';
import { NumberHomes, type Placed } from './connection-places.js';

/** A number that something uses and that is not there. */
export interface Missing {
  readonly number: string;
  readonly expected: readonly ExpectedUse[];
}

export class AuditHomes {
  readonly #of = new Map<string, MadeAt>();
  readonly #homes: NumberHomes;

  private constructor(homes: NumberHomes) {
    this.#homes = homes;
  }

  static async load(
    store: Store,
    audit: { readonly customer: NodeDoc; readonly scope: AuditScope; readonly places: ReadonlyMap<string, NodeDoc> },
    missing: readonly Missing[],
  ): Promise<AuditHomes> {
    const { customer, scope, places } = audit;
    const isFlat = dialPlanOf(customer) === 'FLAT';
    const wanted = missing.flatMap(({ number, expected }): Placed[] => {
      const node = !isFlat || scope.level === 'CUSTOMER' ? customer : firstSite(expected, scope, places);
      return node ? [{ place: { node, owner: customer, customer: customer.id, numberManagement: true }, number }] : [];
    });
    const known = await NumberHomes.load(store, wanted);
    const homes = new AuditHomes(known);
    const usedInScope = new Set(
      missing.filter(({ expected }) => expected.some(({ node }) => isAudited(scope, node))).map(({ number }) => number),
    );
    for (const each of wanted) {
      const home = known.of(each);
      if ('misplaced' in home) {
        if (!scope.sites || usedInScope.has(each.number)) homes.#of.set(each.number, home);
      } else if (isAudited(scope, home.node.id)) {
        homes.#of.set(each.number, { customer: customer.id, node: home.node.id, path: home.node.path });
      }
    }
    return homes;
  }

  /** undefined: within what is audited there is none. */
  of(number: string): MadeAt | undefined {
    return this.#of.get(number);
  }

  get paths(): readonly string[] {
    return this.#homes.paths;
  }

  get expect(): readonly Expectation[] {
    return this.#homes.expect;
  }
}

/** Of the audited sites that use a number the first that is not retired, or else the first. */
function firstSite(
  expected: readonly ExpectedUse[],
  scope: AuditScope,
  places: ReadonlyMap<string, NodeDoc>,
): NodeDoc | undefined {
  const sites = expected
    .filter(({ node }) => isAudited(scope, node))
    .flatMap(({ node, ref }) => {
      const site = places.get(node);
      return site ? [{ site, ref }] : [];
    })
    .sort((a, b) => inOrder(a.site.path, b.site.path) || inOrder(a.ref, b.ref));
  return (sites.find(({ site }) => !site.retired) ?? sites[0])?.site;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
