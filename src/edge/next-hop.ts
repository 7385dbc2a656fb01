import { type Failure, failure } from '../base/failure.ts';
import { findPoolOf } from '../model/pool-member.ts';
import { targetsOf } from '../routing/trunk-target.ts';
import type { Connection } from '../wire/connection.ts';
import type { EdgeParts } from './edge-parts.ts';

/** The way inside for one request. */
export type NextHop =
  | { readonly kind: 'open'; readonly connection: Connection; failure(cause: string): Failure }
  | { readonly kind: 'opening'; readonly until: Promise<unknown> }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** The connection to the pool that the topology names as this Edge's next hop (`registrar`). */
export function findNextHop(parts: EdgeParts, callId: string): NextHop {
  const configuration = parts.configuration.current;
  const registrar = findPoolOf(configuration.edgeServers, [parts.fqdn])?.server.registrar;
  const pool = registrar === undefined ? undefined : configuration.pools.get(registrar);
  if (registrar === undefined || !pool) return { kind: 'failed', failure: failure('NEXT_HOP_MISSING', { edge: parts.fqdn }) };
  const unreachable = (cause: string, of?: Failure) =>
    failure('FRONT_END_UNREACHABLE_FROM_EDGE', { pool: registrar, cause: cause.replace(/\.$/, ''), port: pool.trunkPort }, of);
  const targets = targetsOf(pool.computers, pool.trunkPort);
  const connection = parts.frontEnds.find(targets, callId);
  if (connection) return { kind: 'open', connection, failure: unreachable };
  const failed = parts.frontEnds.failureOf(targets, callId);
  if (failed) return { kind: 'failed', failure: unreachable(failed.text, failed) };
  return { kind: 'opening', until: parts.frontEnds.open(targets, callId) };
}
