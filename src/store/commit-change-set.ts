import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { objectKeyText } from '../model/configuration-change.ts';
import type { ConfigurationObject } from '../model/configuration-object.ts';
import { type ConfigurationVersion, compareVersions } from '../model/configuration-version.ts';
import type { Aor, UserId } from '../model/names.ts';
import { uniqueKeysOf, uniqueKeysOfUser } from '../model/unique-key.ts';
import type { User } from '../model/user.ts';
import { removeBindingsOf } from './binding-repository.ts';
import { readObjects, removeObjects, writeObjects } from './configuration-repository.ts';
import { moveConfiguration, startRevision, writeRevision } from './revision-repository.ts';
import type { Database } from './schema.ts';
import type { ChangeSet, Committed, ObjectChange, RevisionChange, StoreHint, UserChange } from './store.ts';
import { type Claim, replaceClaims } from './unique-claims.ts';
import { readUsers, removeUsers, writeCredentials, writeUsers } from './user-repository.ts';
import type { Written } from './written.ts';

interface PlannedObject {
  readonly change: ObjectChange;
  readonly before: ConfigurationObject | undefined;
  readonly after: ConfigurationObject | undefined;
}

interface PlannedUser {
  readonly change: UserChange;
  readonly before: User | undefined;
  readonly after: User | undefined;
}

/**
 * Applies a change set inside the transaction that `db` is; on a failure the caller rolls back, so nothing of it stays.
 * Fails with STORE_CONFLICT, ALREADY_EXISTS or NOT_FOUND.
 */
export async function commitChangeSet(db: Database, atMs: number, change: ChangeSet): Promise<Result<Written<Committed>>> {
  const start = await startRevision(db);
  const current = start.configuration;
  if (compareVersions(change.basedOn, current) !== 0) {
    const expected = versionText(change.basedOn);
    return err(failure('STORE_CONFLICT', { subject: 'The configuration', expected, current: versionText(current) }));
  }
  const objects = await planObjects(db, change.objects, start.number);
  if (!objects.ok) return objects;
  const users = await planUsers(db, change.users, start.number);
  if (!users.ok) return users;
  const claims = await replaceClaims(
    db,
    claimsOf(objects.value, users.value, 'before'),
    claimsOf(objects.value, users.value, 'after'),
  );
  if (!claims.ok) return claims;
  await writePlannedObjects(db, objects.value);
  const gone = await writePlannedUsers(db, users.value);
  const configuration = objects.value.length > 0 ? { epoch: current.epoch, number: start.number } : current;
  if (objects.value.length > 0) await moveConfiguration(db, start.number);
  await writeRevision(db, {
    number: start.number,
    epoch: current.epoch,
    atMs,
    author: change.author,
    ...(change.from === undefined ? {} : { from: change.from }),
    summary: change.summary,
    changes: [...objects.value.map(objectRevision), ...users.value.map(userRevision)],
  });
  const hints: StoreHint[] = [];
  if (objects.value.length > 0) hints.push({ kind: 'configuration', version: configuration });
  if (users.value.length > 0) hints.push({ kind: 'users', ids: users.value.map(user => user.change.id) });
  if (gone.length > 0) hints.push({ kind: 'bindings', aors: gone });
  return ok({ value: { revision: start.number, configuration }, hints });
}

async function planObjects(db: Database, changes: readonly ObjectChange[], version: number): Promise<Result<PlannedObject[]>> {
  const stored = await readObjects(db, changes);
  const planned = new Map<string, PlannedObject>();
  for (const change of changes) {
    const key = objectKeyText(change);
    if (planned.has(key)) throw new Error(`${change.kind} ${change.identity} occurs twice in one change set`);
    if (change.identity.includes('\n')) throw new Error(`line feed in the identity of a ${change.kind}`);
    const before = stored.get(key);
    const checked = checkVersion(change.kind, change.identity, change.expectedVersion, before?.version);
    if (!checked.ok) return checked;
    const { kind, owner, identity, body } = change;
    const after = body === null ? undefined : ({ kind, owner, identity, version, body } as ConfigurationObject);
    planned.set(key, { change, before, after });
  }
  return ok([...planned.values()]);
}

async function planUsers(db: Database, changes: readonly UserChange[], version: number): Promise<Result<PlannedUser[]>> {
  const ids = changes.map(change => change.id);
  const stored = new Map((ids.length === 0 ? [] : await readUsers(db, { ids })).map(user => [user.id, user]));
  const planned = new Map<UserId, PlannedUser>();
  for (const change of changes) {
    if (planned.has(change.id)) throw new Error(`user ${change.id} occurs twice in one change set`);
    const before = stored.get(change.id);
    const name = before?.aor ?? change.user?.aor ?? change.id;
    const checked = checkVersion('CsUser', name, change.expectedVersion, before?.version);
    if (!checked.ok) return checked;
    const after = change.user === null ? undefined : { ...change.user, version };
    if (after && after.id !== change.id) throw new Error(`change of user ${change.id} carries user ${after.id}`);
    planned.set(change.id, { change, before, after });
  }
  return ok([...planned.values()]);
}

function checkVersion(kind: string, identity: string, expected: number | null, current: number | undefined): Result<void> {
  if (expected === (current ?? null)) return ok(undefined);
  if (current === undefined) return err(failure('NOT_FOUND', { kind, identity }));
  if (expected === null) return err(failure('ALREADY_EXISTS', { kind, identity, holder: `${kind} ${identity}` }));
  return err(failure('STORE_CONFLICT', { subject: `${kind} ${identity}`, expected, current }));
}

function claimsOf(objects: readonly PlannedObject[], users: readonly PlannedUser[], side: 'before' | 'after'): Claim[] {
  const claims: Claim[] = [];
  for (const planned of objects) {
    const object = planned[side];
    if (!object) continue;
    const { kind, owner, identity } = object;
    for (const claim of uniqueKeysOf(object)) claims.push({ claim, kind, owner, identity });
  }
  for (const planned of users) {
    const user = planned[side];
    if (!user) continue;
    for (const claim of uniqueKeysOfUser(user)) claims.push({ claim, kind: 'CsUser', owner: user.tenant, identity: user.aor });
  }
  return claims;
}

async function writePlannedObjects(db: Database, objects: readonly PlannedObject[]): Promise<void> {
  await removeObjects(
    db,
    objects.filter(object => object.after === undefined).map(object => object.change),
  );
  await writeObjects(
    db,
    objects.flatMap(object => object.after ?? []),
  );
}

/** Returns the addresses that are no longer a user's: what was bound there is gone too. */
async function writePlannedUsers(db: Database, users: readonly PlannedUser[]): Promise<Aor[]> {
  const removed = users.filter(user => user.after === undefined).map(user => user.change.id);
  await removeUsers(db, removed);
  await writeUsers(
    db,
    users.flatMap(user => user.after ?? []),
  );
  const credentials = users.flatMap(({ after, change }) =>
    after && change.sealedCredential ? [{ id: after.id, sealed: change.sealedCredential }] : [],
  );
  await writeCredentials(db, credentials);
  const gone = users.flatMap(({ before, after }) => (before && before.aor !== after?.aor ? [before.aor] : []));
  await removeBindingsOf(db, gone);
  return gone;
}

function objectRevision({ change, before, after }: PlannedObject): RevisionChange {
  const { kind, owner, identity } = change;
  return { kind, owner, identity, before: before?.body ?? null, after: after?.body ?? null };
}

function userRevision({ before, after, change }: PlannedUser): RevisionChange {
  const some = after ?? before;
  return {
    kind: 'CsUser',
    owner: some?.tenant ?? '',
    identity: some?.aor ?? change.id,
    before: before ?? null,
    after: after ?? null,
  };
}

function versionText(version: ConfigurationVersion): string {
  return `${version.epoch}.${version.number}`;
}
