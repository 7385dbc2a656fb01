import { type Failure, failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { Computer } from '../model/kinds/computer.ts';
import type { NoResponse } from './relay.ts';
import type { TrunkConnection, TrunkPool, TrunkTarget } from './trunk-pool.ts';

/** Servers of which each serves, and how it is said that none of them can be reached. */
export interface TrunkRoute {
  /** Tried in this order. */
  readonly targets: readonly TrunkTarget[];
  /** The failure of a request that cannot go there; `cause` says why, `of` is the failure behind it. */
  unreachable(cause: string, of?: Failure): Failure;
}

/** What taking a trunk has come to. */
export type TrunkTaken<C> =
  | { readonly kind: 'open'; readonly flow: C }
  /** To be waited for; what comes of it is given to `takeTrunk` again. */
  | { readonly kind: 'opening'; readonly until: Promise<Result<C>> }
  | { readonly kind: 'failed'; readonly failure: Failure };

/**
 * The trunk for a call on this route, whose server has proved its name. `opened` is what the caller has waited for: with it the trunk is there
 * or has failed, and is not waited for again.
 */
export function takeTrunk<C extends TrunkConnection>(
  pool: TrunkPool<C>,
  route: TrunkRoute,
  callId: string,
  opened?: Result<C>,
): TrunkTaken<C> {
  const flow = pool.find(route.targets, callId);
  if (flow) return { kind: 'open', flow };
  if (opened?.ok) return { kind: 'failed', failure: route.unreachable(brokenConnection) };
  const failed = opened?.error ?? pool.failureOf(route.targets, callId);
  if (failed) return { kind: 'failed', failure: route.unreachable(failed.text.replace(/\.$/, ''), failed) };
  return { kind: 'opening', until: pool.open(route.targets, callId) };
}

const brokenConnection = 'the connection broke';

/** Why a request that went on a route for `domain` has no answer. */
export function unansweredOn(route: TrunkRoute, why: NoResponse, domain: string): Failure {
  switch (why) {
    case 'timeout':
      return failure('RECIPIENT_SILENT', { domain });
    case 'foreign-response':
      return failure('RESPONSE_FOREIGN', { who: domain });
    case 'long-response':
      return failure('RESPONSE_TOO_LARGE', { who: domain });
    case 'transport-error':
      return route.unreachable(brokenConnection);
  }
}

const remembered = new WeakMap<readonly Computer[], readonly TrunkTarget[]>();

/**
 * The computers of a pool, all at its one port, as targets: the same objects for each request, so that a `TrunkPool` finds their connections
 * without building names.
 */
export function targetsOf(computers: readonly Computer[], port: number): readonly TrunkTarget[] {
  let targets = remembered.get(computers);
  if (!targets) remembered.set(computers, (targets = computers.map(({ fqdn }) => ({ host: fqdn, port }))));
  return targets;
}
