import { isDeepStrictEqual } from 'node:util';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ConfigurationObject } from '../model/configuration-object.ts';
import type { User } from '../model/user.ts';
import type { ObjectChange, UserChange } from '../store/store.ts';
import type { ChangeRequest } from './change-request.ts';
import type { ChangeView, ItemOutcome } from './command-result.ts';
import type { ManagementState } from './management-state.ts';
import { objectView, userView } from './object-view.ts';

/** A validated change that is not written yet. Planned again when the state moved meanwhile. */
export interface ChangePlan {
  readonly objects: readonly ObjectChange[];
  readonly users: readonly UserChange[];
  /** What was done, said as if it had been done. */
  readonly message: string;
  readonly notices: readonly string[];
  readonly items?: readonly ItemOutcome[];
}

/** Validates a change against a state. */
export type Planner = (state: ManagementState) => Result<ChangePlan>;

/** A plan that changes configuration objects. */
export function planObjects(
  objects: readonly ObjectChange[],
  message: string,
  notices: readonly string[] = [],
): Result<ChangePlan> {
  return ok({ objects, users: [], message, notices });
}

/** The plan without changes that change nothing. */
export function withoutEmptyChanges(state: ManagementState, plan: ChangePlan): ChangePlan {
  return {
    ...plan,
    objects: plan.objects.filter(change => {
      const before = state.configuration.find(change.kind, change.owner, change.identity);
      return !(before && change.body !== null && isDeepStrictEqual(before.body, change.body));
    }),
    users: plan.users.filter(change => {
      const before = state.users.get(change.id);
      return !(before && change.user && !change.sealedCredential && sameUser(before, change.user));
    }),
  };
}

function sameUser(before: User, after: Omit<User, 'version'>): boolean {
  return isDeepStrictEqual({ ...before, version: 0 }, { ...after, version: 0 });
}

/** Before and after of everything a plan changes. */
export function changeViews(state: ManagementState, plan: ChangePlan): readonly ChangeView[] {
  const ofObjects = plan.objects.map(change => {
    const before = state.configuration.find(change.kind, change.owner, change.identity);
    const after = change.body && ({ ...change, version: before?.version ?? 0 } as ConfigurationObject);
    return {
      noun: change.kind,
      identity: change.identity,
      before: before ? objectView(state.configuration, before) : null,
      after: after ? objectView(state.configuration, after) : null,
    };
  });
  const ofUsers = plan.users.map(change => {
    const before = state.users.get(change.id);
    const after = change.user && { ...change.user, version: before?.version ?? 0 };
    return {
      noun: 'CsUser',
      identity: (after ?? before)?.aor ?? change.id,
      before: before ? userView(state.configuration, before) : null,
      after: after ? userView(state.configuration, after) : null,
    };
  });
  return [...ofObjects, ...ofUsers];
}

/** Refuses a change made for another version than the current one. Fails with VERSION_STALE. */
export function checkExpectedVersion(request: ChangeRequest, noun: string, identity: string, current: number): Result<void> {
  const expected = request.options.expectedVersion;
  if (expected === undefined || expected === current) return ok(undefined);
  return err(failure('VERSION_STALE', { noun, identity, current, expected }));
}
