/** Bounds on the shape of one operation, as a validation rule. What an operation costs to plan and run grows with these. */
import { GraphQLError, Kind } from 'graphql';
import type { ASTVisitor, SelectionSetNode, ValidationContext, ValidationRule } from 'graphql';
import type { GatewayLimits } from '../options.js';

type ShapeLimits = Pick<GatewayLimits, 'depth' | 'fields' | 'rootFields' | 'aliases' | 'introspectionAliases'>;
type Shape = Record<keyof ShapeLimits, number>;

const complaints: Record<keyof ShapeLimits, (limit: number) => string> = {
  depth: (limit) => `nests more than ${limit} levels`,
  fields: (limit) => `selects more than ${limit} fields with its fragments spread out`,
  rootFields: (limit) => `has more than ${limit} root fields`,
  aliases: (limit) => `has more than ${limit} aliases`,
  introspectionAliases: (limit) => `has more than ${limit} aliases in its introspection`,
};

/** An operation over a limit is invalid, with a sentence that names limit and value. */
export function limitsRule(limits: ShapeLimits): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    const measure = measurer(context);
    return {
      OperationDefinition(operation) {
        const shape = measure(operation.selectionSet);
        for (const key of ['depth', 'fields', 'rootFields', 'aliases', 'introspectionAliases'] as const) {
          if (shape[key] <= limits[key]) continue;
          context.reportError(new GraphQLError(`The operation ${complaints[key](limits[key])}.`, { nodes: operation }));
        }
        return false;
      },
    };
  };
}

/** Each fragment is measured once, so that fragments spread twice at every level cost no more than their text. */
function measurer(context: ValidationContext): (set: SelectionSetNode) => Shape {
  const fragments = new Map<string, Shape>();
  const nothing: Shape = { depth: 0, fields: 0, rootFields: 0, aliases: 0, introspectionAliases: 0 };

  function ofFragment(name: string): Shape {
    const known = fragments.get(name);
    if (known) return known;
    // Also what a cycle finds; graphql's own rule reports those.
    fragments.set(name, nothing);
    const fragment = context.getFragment(name);
    const shape = fragment ? ofSelections(fragment.selectionSet) : nothing;
    fragments.set(name, shape);
    return shape;
  }

  function ofSelections(set: SelectionSetNode): Shape {
    const total = { ...nothing };
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet ? ofSelections(selection.selectionSet) : nothing;
        const introspects = selection.selectionSet !== undefined && selection.name.value.startsWith('__');
        const aliases = below.aliases + (selection.alias ? 1 : 0);
        // How deep an introspection goes is graphql-js's to judge, by what makes it costly.
        total.depth = Math.max(total.depth, introspects ? 1 : below.depth + 1);
        total.fields += below.fields + 1;
        total.rootFields += 1;
        total.aliases += aliases;
        if (introspects) total.introspectionAliases += aliases;
      } else {
        const spread =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(selection.name.value)
            : ofSelections(selection.selectionSet);
        total.depth = Math.max(total.depth, spread.depth);
        total.fields += spread.fields;
        total.rootFields += spread.rootFields;
        total.aliases += spread.aliases;
        total.introspectionAliases += spread.introspectionAliases;
      }
    }
    return total;
  }
  return ofSelections;
}
