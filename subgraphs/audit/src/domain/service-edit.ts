/** What is given of a service, in the form it is kept in, and why it does not fit, if so. */
import { normaliseNumber } from '@numberyard/schema/number';
import { SERVICE_KINDS, type NumberService, type ServiceKind } from './number-service.js';
import type { AuditRefusal, RefusalCode } from './refusals.js';

export const LONGEST_NAME = 128;
const LONGEST_PARTITION = 128;
const LONGEST_VENDOR = 64;
const MOST_LINES = 200;

export interface ServiceInput {
  readonly name?: string | null;
  readonly line?: number | null;
  readonly number?: string | null;
  /** Null or empty: none. Likewise the next ones. */
  readonly cluster?: string | null;
  readonly partition?: string | null;
  readonly mac?: string | null;
  readonly vendor?: string | null;
}

type Fields = Pick<NumberService, 'name' | 'line' | 'number' | 'cluster' | 'partition'> &
  Required<Pick<NumberService, 'mac' | 'vendor'>>;

/** Those that were given; empty: none. */
export type ServiceEdit = Partial<Fields>;

/** The edit an input asks for. What is not given is not in it. */
export function editOf(input: ServiceInput): {
  readonly edit: ServiceEdit;
  readonly problems: readonly AuditRefusal[];
} {
  const problems: AuditRefusal[] = [];
  const edit: { -readonly [Name in keyof Fields]?: Fields[Name] } = {};
  const take = <Name extends keyof Fields>(name: Name, read: (given: ServiceInput[Name]) => Fields[Name] | Wrong) => {
    const given = input[name];
    if (given === undefined) return;
    const value = read(given);
    if (typeof value === 'object') problems.push({ ...value, field: name });
    else edit[name] = value;
  };
  take('name', (given) => required(text(given, LONGEST_NAME)));
  take('line', (given) => lineOf(given ?? 0));
  take('number', numberOf);
  take('cluster', clusterOf);
  take('partition', (given) => text(given, LONGEST_PARTITION));
  take('mac', macOf);
  take('vendor', (given) => text(given, LONGEST_VENDOR));
  return { edit, problems };
}

/** Why a service of this kind cannot have, or not lack, this MAC or vendor, if so. */
export function kindProblems(kind: ServiceKind, { mac = '', vendor = '' }: ServiceEdit): AuditRefusal[] {
  const row = SERVICE_KINDS[kind];
  const article = /^[aeiou]/i.test(row.title) ? 'An' : 'A';
  const has = `${article} ${row.title} has`;
  const problems: AuditRefusal[] = [];
  if (row.mac === 'REQUIRED' && !mac) problems.push({ code: 'REQUIRED', message: `${has} a MAC.`, field: 'mac' });
  if (row.mac === null && mac) problems.push({ code: 'INVALID', message: `${has} no MAC.`, field: 'mac' });
  const ownVendor = row.vendor === 'OWN';
  if (ownVendor && !vendor)
    problems.push({ code: 'REQUIRED', message: `${has} a vendor of its own.`, field: 'vendor' });
  if (!ownVendor && vendor)
    problems.push({ code: 'INVALID', message: `${has} the vendor of its kind.`, field: 'vendor' });
  return problems;
}

/** A service with an edit applied; its very self when nothing changes. */
export function edited(service: NumberService, edit: ServiceEdit, now: string): NumberService {
  const { mac: oldMac = '', vendor: oldVendor = '', ...rest } = service;
  const { mac = oldMac, vendor = oldVendor, ...others } = edit;
  const next = { ...rest, ...others, ...(mac && { mac }), ...(vendor && { vendor }) };
  const names = Object.keys(edit) as (keyof ServiceEdit)[];
  return names.every((name) => next[name] === service[name]) ? service : { ...next, updatedAt: now };
}

/** What only one service may be called: together unique, see the key `byName`. */
export function nameOf({ customer, kind, name, cluster, line }: NumberService): string {
  return [customer, kind, name, cluster, line].join('\n');
}

/** The same of its MAC, see the key `byMac`; undefined without one. */
export function macNameOf({ customer, mac, cluster, line }: NumberService): string | undefined {
  return mac === undefined ? undefined : [customer, mac, cluster, line].join('\n');
}

/** Whether a text is one that both databases give back as it was, and that may stand in a key. */
export function isStorable(value: string): boolean {
  return !/[\p{Surrogate}\p{Cc}]/u.test(value);
}

interface Wrong {
  readonly code: RefusalCode;
  readonly message: string;
}

function wrong(code: RefusalCode, message: string): Wrong {
  return { code, message };
}

function text(given: string | null | undefined, most: number): string | Wrong {
  const value = given?.trim() ?? '';
  if (!isStorable(value)) return wrong('INVALID', 'This holds a character that cannot be kept.');
  return value.length > most ? wrong('OUT_OF_RANGE', `This may have at most ${most} characters.`) : value;
}

function required(value: string | Wrong): string | Wrong {
  return value === '' ? wrong('REQUIRED', 'This must not be empty.') : value;
}

function lineOf(line: number): number | Wrong {
  const fits = Number.isInteger(line) && line >= 1 && line <= MOST_LINES;
  return fits ? line : wrong('OUT_OF_RANGE', `A line is a whole number from 1 to ${MOST_LINES}.`);
}

function numberOf(given: string | null | undefined): string | Wrong {
  const value = given?.trim() ?? '';
  if (value === '') return wrong('REQUIRED', 'Give a number.');
  return normaliseNumber(value) ?? wrong('INVALID', 'A number has digits only, optionally after a leading plus.');
}

function clusterOf(given: string | null | undefined): string | Wrong {
  const value = given?.trim() ?? '';
  if (/^[A-Za-z0-9_. -]{0,64}$/.test(value)) return value;
  return wrong('INVALID', 'A cluster has 1 to 64 letters, digits, underscores, dots, spaces or hyphens.');
}

function macOf(given: string | null | undefined): string | Wrong {
  const value = given?.trim().replace(/[:.-]/g, '').toUpperCase() ?? '';
  if (value === '' || /^[0-9A-F]{12}$/.test(value)) return value;
  return wrong('INVALID', 'A MAC has twelve hexadecimal digits, with or without colons, dots or hyphens.');
}
