import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Result } from '../../base/result.ts';
import type { Binding } from '../../model/binding.ts';
import { AllowedDomain, BlockedDomain } from '../../model/kinds/federated-domain.ts';
import type { Aor, Fqdn, TenantId, UserId } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { ChangeSet, Committed, ObjectChange, Store, UserChange } from '../store.ts';

/** An empty store under test, and a way to close and open it again with what is in it. */
export interface StoreUnderTest {
  store(): Store;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** The tenant of the samples. */
export const tenant = '01JTENANT00000000000000000' as TenantId;
/** Another tenant. */
export const otherTenant = '01JTENANT00000000000000001' as TenantId;

/** A store of its own for the tests of one group. */
export function fresh(open: () => Promise<StoreUnderTest>): Pick<StoreUnderTest, 'store' | 'reopen'> {
  let current: StoreUnderTest | undefined;
  before(async () => {
    current = await open();
  });
  after(() => current?.close());
  const get = () => {
    assert.ok(current);
    return current;
  };
  return { store: () => get().store(), reopen: () => get().reopen() };
}

/** Commits on the current configuration unless told otherwise. */
export async function commit(store: Store, change: Partial<ChangeSet>): Promise<Result<Committed>> {
  const basedOn = change.basedOn ?? (await store.readConfiguration()).version;
  return store.commit({ author: 'tester', summary: 'test', objects: [], users: [], ...change, basedOn });
}

/** Commits what has to succeed. */
export async function mustCommit(store: Store, change: Partial<ChangeSet>): Promise<Committed> {
  const result = await commit(store, change);
  assert.ok(result.ok, result.ok ? '' : result.error.text);
  return result.value;
}

/** The failure code, or `ok`. */
export function codeOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.code;
}

/** A change of an allowed domain. */
export function allow(identity: string, expectedVersion: number | null, body: Partial<AllowedDomain> = {}): ObjectChange {
  return { kind: 'CsAllowedDomain', owner: tenant, identity, expectedVersion, body: AllowedDomain.parse(body) };
}

/** A new blocked domain. */
export function block(identity: string): ObjectChange {
  return { kind: 'CsBlockedDomain', owner: tenant, identity, expectedVersion: null, body: BlockedDomain.parse({}) };
}

/** The id of the n-th user. */
export function userId(n: number): UserId {
  return `01JUSER${String(n).padStart(19, '0')}` as UserId;
}

/** The n-th user. */
export function user(n: number, change: Partial<User> = {}): User {
  return {
    id: userId(n),
    tenant,
    aor: `u${n}@contoso.test` as Aor,
    displayName: `User ${n}`,
    enabled: true,
    registrarPool: 'pool.contoso.test' as Fqdn,
    hostingProviderProxyFqdn: 'SRV:',
    policies: n % 2 === 0 ? { CsExternalAccessPolicy: 'Basic' } : {},
    version: 0,
    credentialVersion: 1,
    ...change,
  };
}

/** Adds the n-th user. */
export function addUser(n: number, change: Partial<User> = {}): UserChange {
  const { version: _version, ...added } = user(n, change);
  return { id: added.id, expectedVersion: null, user: added };
}

/** Changes a user as read. */
export function changeUser(from: User, change: Partial<User>): UserChange {
  const { version, ...changed } = { ...from, ...change };
  return { id: from.id, expectedVersion: version, user: changed };
}

/** A binding of the first user. */
export function binding(change: Partial<Binding> = {}): Binding {
  return {
    tenant,
    aor: 'u1@contoso.test' as Aor,
    instance: 'i1',
    contactUri: 'sip:u1@127.0.0.1:5062;transport=tls',
    callId: 'c1',
    cseq: 1,
    priority: 1000,
    node: 'n1',
    incarnation: '1',
    flow: 'f1',
    userAgent: 'test',
    registeredAtMs: 1000,
    expiresAtMs: 601_000,
    ...change,
  };
}

/** Order of bindings as read. */
export function byInstance(a: Binding, b: Binding): number {
  return a.instance < b.instance ? -1 : 1;
}

/** Hints are given in the tick after the one that answered. */
export function nextTick(): Promise<void> {
  return new Promise(resolve => setImmediate(() => setImmediate(resolve)));
}
