/** The control interface over HTTP, for hands and scripts. No password: it is there only when it was switched on. */
import { badRequest, notFound, ok } from './answer.js';
import type { Answer } from './answer.js';
import type { RoutingManagerControl } from './control.js';
import { parseFault } from './fault-switches.js';
import { FAULT_KINDS } from './faults.js';
import { NODE_CHANGES } from './nodes.js';

export interface ControlRequest {
  readonly method: string;
  /** Below `/control`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

type Body = Readonly<Record<string, unknown>>;
type Command = (control: RoutingManagerControl, body: Body, request: ControlRequest) => unknown;

const COMMANDS: Readonly<Record<string, { sentence: string; run: Command }>> = {
  'GET /devices': {
    sentence: 'Registered users as they are listed; ?offset&limit.',
    run: (control, _body, { query }) =>
      control.list(Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 100)),
  },
  'POST /seed': {
    sentence: 'Register many: {"count", "firstNumber", "nodeId"?}.',
    run: (control, body) => {
      const count = body['count'];
      if (typeof count !== 'number') throw new RangeError('count must be a number.');
      control.seed(count, { firstNumber: text(body, 'firstNumber'), ...optionalText(body, 'nodeId') });
      return { total: control.list(0, 1).total };
    },
  },
  'POST /register': {
    sentence: 'Register one: {"number", "nodeId"?}; the number may be any user part.',
    run: (control, body) => ({ id: control.register(text(body, 'number'), optionalText(body, 'nodeId').nodeId) }),
  },
  'POST /drop': {
    sentence: 'A device is gone without a trace: {"number"} or {"id"}.',
    run: (control, body) => found(control.drop(device(body))),
  },
  'POST /offline': {
    sentence: 'A device is offline, its record says so: {"number"} or {"id"}.',
    run: (control, body) => found(control.takeOffline(device(body))),
  },
  'POST /online': {
    sentence: 'A device is back: {"number"} or {"id"}.',
    run: (control, body) => found(control.bringBack(device(body))),
  },
  'POST /drop-all': { sentence: 'Every device is gone.', run: (control) => control.dropAll() },
  'GET /nodes': { sentence: 'The nodes.', run: (control) => control.nodes() },
  'POST /nodes': {
    sentence: `Change a node: {"id", "change": ${NODE_CHANGES.join(' | ')}, "listing"?: frozen | missing}.`,
    run: (control, body) => {
      const change = NODE_CHANGES.find((known) => known === body['change']);
      if (!change) throw new RangeError(`change must be one of ${NODE_CHANGES.join(', ')}.`);
      const { listing } = body;
      if (listing !== undefined && listing !== 'frozen' && listing !== 'missing')
        throw new RangeError('listing must be frozen or missing.');
      return control.changeNode(text(body, 'id'), change, listing);
    },
  },
  'GET /faults': {
    sentence: 'Every kind of fault with its parameters, and those that are on.',
    run: (control) => ({ kinds: faultKinds(), on: control.faults.list() }),
  },
  'POST /faults': {
    sentence: 'Switch a fault on: {"kind", "onPage"?, "times"?, ...}.',
    run: (control, body) => ({ id: control.fault(parseFault(body)) }),
  },
  'DELETE /faults': { sentence: 'Switch all faults off.', run: (control) => control.clearFaults() },
  'POST /sessions/expire': { sentence: 'End every session.', run: (control) => control.expireSessions() },
  'POST /certificate': {
    sentence: 'Take a new self-signed certificate.',
    run: async (control) => ({ fingerprint: await control.changeCertificate() }),
  },
  'POST /coming-and-going': {
    sentence: 'Devices come and go by themselves: {"perMinute", "seed"?, "atMostAway"?}.',
    run: (control, body) => {
      const [perMinute, seed, atMostAway] = ['perMinute', 'seed', 'atMostAway'].map((name) =>
        optionalNumber(body, name),
      );
      if (perMinute === undefined) throw new RangeError('perMinute must be a number.');
      control.startComingAndGoing({
        perMinute,
        ...(seed !== undefined && { seed }),
        ...(atMostAway !== undefined && { atMostAway }),
      });
    },
  },
  'DELETE /coming-and-going': { sentence: 'They stay as they are.', run: (control) => control.stopComingAndGoing() },
};

export async function answerControl(request: ControlRequest, control: RoutingManagerControl): Promise<Answer> {
  const { method, path, body } = request;
  if (path === '' || path === '/') return ok(commandList());
  const one = /^\/faults\/(\d+)$/.exec(path);
  if (one && method === 'DELETE')
    return control.faults.off(Number(one[1])) ? { status: 204 } : notFound(`fault ${one[1]}`);
  const command = COMMANDS[`${method} ${path}`];
  if (!command) return notFound('such command; GET /control lists them');
  try {
    const object = typeof body === 'object' && body !== null ? (body as Body) : {};
    const result = await command.run(control, object, request);
    return result === undefined ? { status: 204 } : ok(result);
  } catch (error) {
    if (error instanceof RangeError) return badRequest(error.message);
    throw error;
  }
}

export function commandList(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(COMMANDS).map(([name, { sentence }]) => [name.replace(' ', ' /control'), sentence]),
  );
}

function faultKinds(): unknown[] {
  return Object.entries(FAULT_KINDS).map(([kind, { sentence, strikes, parameters }]) => ({
    kind,
    sentence,
    strikes,
    parameters,
  }));
}

function found(records: number): { records: number } {
  if (records === 0) throw new RangeError('There is no such device.');
  return { records };
}

function device(body: Body): string {
  return body['id'] === undefined ? text(body, 'number') : text(body, 'id');
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw new RangeError(`${name} must be a text.`);
  return value;
}

function optionalText<Name extends string>(body: Body, name: Name): Partial<Record<Name, string>> {
  const given: Partial<Record<string, string>> = body[name] === undefined ? {} : { [name]: text(body, name) };
  return given;
}

function optionalNumber(body: Body, name: string): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw new RangeError(`${name} must be a number.`);
  return value;
}
