import type dnsPacket from 'dns-packet';
import type { ZoneRecord } from './zone-file.ts';

/** What the lab's DNS says to one question. */
export type ZoneAnswer =
  | { readonly kind: 'answer'; readonly answers: readonly dnsPacket.Answer[] }
  /** The name is there (or names below it), this type is not; the answers lead there if it was an alias. */
  | { readonly kind: 'nodata'; readonly answers: readonly dnsPacket.Answer[] }
  | { readonly kind: 'nxdomain'; readonly answers: readonly dnsPacket.Answer[] }
  | { readonly kind: 'servfail' }
  /** No answer at all. */
  | { readonly kind: 'timeout' };

/** The records of the lab by name; it is the authority for every name there is. */
export interface DnsZone {
  readonly byName: ReadonlyMap<string, readonly ZoneRecord[]>;
  /** Names that exist only because others are below them. */
  readonly parents: ReadonlySet<string>;
}

/** Short, so that a changed zone is seen soon also by resolvers that keep answers. */
const ttlSeconds = 1;
const maxAliases = 8;

/** Sorts records into a zone. */
export function makeDnsZone(records: readonly ZoneRecord[]): DnsZone {
  const byName = new Map<string, ZoneRecord[]>();
  const parents = new Set<string>();
  for (const record of records) {
    const list = byName.get(record.name);
    if (list === undefined) byName.set(record.name, [record]);
    else list.push(record);
    for (const parent of namesAbove(record.name)) parents.add(parent);
  }
  return { byName, parents };
}

/** Answers one question; aliases are followed inside the zone. */
export function answerFromZone(zone: DnsZone, name: string, type: string): ZoneAnswer {
  const answers: dnsPacket.Answer[] = [];
  let owner = name.toLowerCase().replace(/\.$/, '');
  for (let hops = 0; hops < maxAliases; hops++) {
    const special = specialFor(zone, owner);
    if (special !== undefined) return { kind: special };
    const records = zone.byName.get(owner);
    if (records === undefined) return { kind: zone.parents.has(owner) ? 'nodata' : 'nxdomain', answers };
    const matching = records.filter(record => record.type === type || type === 'ANY');
    if (matching.length > 0) return { kind: 'answer', answers: [...answers, ...matching.flatMap(toAnswer)] };
    const alias = records.find(record => record.type === 'CNAME');
    if (alias?.type !== 'CNAME') return { kind: 'nodata', answers };
    answers.push(...toAnswer(alias));
    owner = alias.data;
  }
  return { kind: 'servfail' };
}

/** The failure that is set for a name or the nearest name above it; records of a name itself win over a failure above. */
function specialFor(zone: DnsZone, name: string): 'servfail' | 'timeout' | undefined {
  for (const owner of [name, ...namesAbove(name)]) {
    const records = zone.byName.get(owner) ?? [];
    if (records.some(record => record.type === 'SERVFAIL')) return 'servfail';
    if (records.some(record => record.type === 'TIMEOUT')) return 'timeout';
    if (owner === name && records.length > 0) return undefined;
  }
  return undefined;
}

function namesAbove(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
}

function toAnswer(record: ZoneRecord): dnsPacket.Answer[] {
  const { name } = record;
  const common = { name, ttl: ttlSeconds, class: 'IN' } as const;
  switch (record.type) {
    case 'A':
    case 'AAAA':
    case 'CNAME':
      return [{ ...common, type: record.type, data: record.data }];
    case 'TXT':
      return [{ ...common, type: 'TXT', data: record.data.match(/[^]{1,255}/g) ?? [''] }];
    case 'SRV': {
      const { priority, weight, port, target } = record;
      return [{ ...common, type: 'SRV', data: { priority, weight, port, target } }];
    }
    default:
      return [];
  }
}
