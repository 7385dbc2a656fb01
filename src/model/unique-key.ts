import { type ConfigurationObject, kindOf } from './configuration-object.ts';
import type { User } from './user.ts';

const nothing: readonly string[] = [];

/** What an object claims for itself alone; the store refuses a second claim of the same key in the same transaction that writes the object. */
export function uniqueKeysOf(object: ConfigurationObject): readonly string[] {
  return kindOf(object.kind).uniqueKeys?.(object) ?? nothing;
}

/** A user's claim: the address, over all tenants. */
export function uniqueKeysOfUser(user: User): readonly string[] {
  return [`address ${user.aor}`];
}
