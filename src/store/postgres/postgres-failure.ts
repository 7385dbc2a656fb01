import { DatabaseError } from 'pg';
import { connectionProblem } from '../../base/connection-problem.ts';
import { type Failure, failure } from '../../base/failure.ts';

/**
 * What an error means: `unavailable` the server or the way to it, `refused` it does not let us in or not do this, `repeat` the
 * transaction lost against another one and may simply be run again.
 */
export interface PostgresTrouble {
  readonly kind: 'unavailable' | 'refused' | 'repeat';
  readonly reason: string;
}

/** SQLSTATE, or its class, by meaning. Everything else is a fault of our own statement. */
const byState: readonly (readonly [prefix: string, kind: PostgresTrouble['kind']])[] = [
  ['40001', 'repeat'], // serialization_failure
  ['40P01', 'repeat'], // deadlock_detected
  ['28', 'refused'], // invalid authorization
  ['3D000', 'refused'], // unknown database
  ['3F000', 'refused'], // no schema to create in
  ['42501', 'refused'], // insufficient_privilege
  ['08', 'unavailable'], // connection
  ['25006', 'unavailable'], // a standby: read only
  ['53', 'unavailable'], // disk, memory, connections used up
  ['55P03', 'unavailable'], // lock not available
  ['57014', 'unavailable'], // statement timeout
  ['57P', 'unavailable'], // shutting down, starting up
  ['58', 'unavailable'], // system error
  ['F0', 'unavailable'], // its configuration
  ['XX', 'unavailable'], // internal error, corrupted data
];

/** The driver's own errors about a connection carry no code. */
const lostConnection =
  /^(Connection terminated|timeout exceeded|timeout expired|Query read timeout|Client has encountered|Client was closed|Postgres connection has been discarded)/;
const refusedByDriver = /^(SASL|The server does not support SSL|There was an error establishing an SSL|Password must be)/;

/** What an error of PostgreSQL, its driver or the network means; undefined when it is a fault of ours. */
export function postgresTrouble(error: unknown): PostgresTrouble | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return postgresTrouble(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof DatabaseError) {
    const kind = byState.find(([prefix]) => code.startsWith(prefix))?.[1];
    return kind && { kind, reason: message };
  }
  if (refusedByDriver.test(message)) return { kind: 'refused', reason: message };
  if (lostConnection.test(message)) return { kind: 'unavailable', reason: `the connection to PostgreSQL: ${message}` };
  if ('syscall' in error) return { kind: 'unavailable', reason: systemProblem(error, message || code) };
  // What Node and OpenSSL say about a certificate, as CERT_HAS_EXPIRED or DEPTH_ZERO_SELF_SIGNED_CERT.
  if (/CERT|ERR_TLS|ERR_SSL|UNABLE_TO_/.test(code)) return { kind: 'refused', reason: message };
  return undefined;
}

function systemProblem(error: Error, said: string): string {
  const problem = connectionProblem(error);
  return problem === error.message ? said : `${problem} (${said})`;
}

/** Why a running store cannot answer: STORE_UNAVAILABLE; undefined when it is a fault of ours. */
export function unavailableFailure(error: unknown): Failure | undefined {
  const trouble = postgresTrouble(error);
  return trouble && failure('STORE_UNAVAILABLE', { reason: trouble.reason }, error);
}

/** Why a store could not be opened: POSTGRES_REFUSED or STORE_UNAVAILABLE; undefined when it is a fault of ours. */
export function postgresOpenFailure(server: string, error: unknown): Failure | undefined {
  const trouble = postgresTrouble(error);
  if (trouble?.kind === 'refused') return failure('POSTGRES_REFUSED', { server, reason: trouble.reason }, error);
  return trouble && failure('STORE_UNAVAILABLE', { reason: `PostgreSQL at ${server}: ${trouble.reason}` }, error);
}
