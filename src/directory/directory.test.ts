import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FailureError, failure } from '../base/failure.ts';
import { AllowedDomain } from '../model/kinds/federated-domain.ts';
import type { Aor, SipDomain, TenantId } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { ChangeSet, Store, StoreHint, UserChange } from '../store/store.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { sampleTenant, sampleUser } from '../testing/sample-configuration.ts';
import { ConfigurationSource } from './configuration-source.ts';
import { UserDirectory } from './user-directory.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-directory-'));
const clock = new FakeClock();
let store: Store;

before(async () => {
  const opened = await openSqliteStore({ path: join(folder, 'parley.db'), clock });
  assert.ok(opened.ok);
  store = opened.value;
});
after(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function commit(change: Partial<ChangeSet>): Promise<void> {
  const basedOn = (await store.readConfiguration()).version;
  const result = await store.commit({ author: 't', summary: 's', objects: [], users: [], basedOn, ...change });
  assert.ok(result.ok, result.ok ? '' : result.error.text);
}

function put(user: User, expectedVersion: number | null): UserChange {
  const { version: _version, ...rest } = user;
  return { id: user.id, expectedVersion, user: rest };
}

describe('user directory', () => {
  const alice = sampleUser({ id: '01A' as User['id'], aor: 'alice@contoso.test' as Aor });
  const adam = sampleUser({ id: '01B' as User['id'], aor: 'adam@contoso.test' as Aor });

  it('loads, follows changes, and tells who was suspended', async () => {
    await commit({ users: [put(alice, null)] });
    const directory = await UserDirectory.open(store, clock);
    assert.equal(directory.find(alice.aor)?.id, alice.id);
    await commit({ users: [put(adam, null)] });
    const suspended = new Promise<string>(resolve => {
      directory.onChanged((was, is) => {
        if (was?.enabled && is && !is.enabled) resolve(is.aor);
      });
    });
    await commit({ users: [put({ ...alice, enabled: false }, 1)] });
    assert.equal(await suspended, alice.aor);
    assert.equal(directory.count, 2);
    assert.equal(directory.list(sampleTenant).length, 2);
    assert.equal(directory.list('x' as TenantId).length, 0);
    directory.close();
  });

  it('follows users that change places, and users that go', async () => {
    const directory = await UserDirectory.open(store, clock);
    const version = (user: User) => directory.get(user.id)?.version ?? null;
    await commit({ users: [put({ ...alice, aor: adam.aor }, version(alice)), put({ ...adam, aor: alice.aor }, version(adam))] });
    await directory.refresh([alice.id, adam.id]);
    assert.equal(directory.find(adam.aor)?.id, alice.id);
    assert.equal(directory.find(alice.aor)?.id, adam.id);
    await commit({ users: [{ id: alice.id, expectedVersion: version(alice), user: null }] });
    await directory.refresh([alice.id]);
    assert.equal(directory.find(adam.aor), undefined);
    assert.equal(directory.count, 1);
    directory.close();
  });

  it('reads again when the store was unavailable', async () => {
    let failing = false;
    let listener: (hint: StoreHint) => void = () => undefined;
    const users = [alice];
    const directory = await UserDirectory.open(
      {
        readUsers: async () => {
          if (failing) throw new FailureError(failure('STORE_UNAVAILABLE', { reason: 'test' }));
          return users;
        },
        onHint: added => {
          listener = added;
          return () => undefined;
        },
      },
      clock,
    );
    failing = true;
    users[0] = { ...alice, version: alice.version + 1, displayName: 'Changed' };
    listener({ kind: 'users', ids: [alice.id] });
    await new Promise(resolve => setImmediate(resolve));
    assert.notEqual(directory.get(alice.id)?.displayName, 'Changed');
    failing = false;
    clock.advance(1_000);
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(directory.get(alice.id)?.displayName, 'Changed');
    directory.close();
  });
});

describe('a feed that lost hints', () => {
  /** A store whose hints a test gives. */
  function feedOf(read: Partial<Store>) {
    let listener: (hint: StoreHint) => void = () => undefined;
    const onHint = (added: typeof listener) => {
      listener = added;
      return () => undefined;
    };
    return { store: { ...read, onHint } as Store, give: (hint: StoreHint) => listener(hint) };
  }
  const [alice, adam, anna] = ['alice', 'adam', 'anna'].map(name =>
    sampleUser({ id: `01${name}` as User['id'], aor: `${name}@contoso.test` as Aor }),
  ) as [User, User, User];

  it('makes the user directory read everything: who is new, changed and gone', async () => {
    let users = [alice, adam];
    const feed = feedOf({ readUsers: async () => users });
    const directory = await UserDirectory.open(feed.store, clock);
    users = [{ ...alice, version: alice.version + 1, enabled: false }, anna];
    const seen: string[] = [];
    directory.onChanged((was, is) => seen.push(`${was?.aor}:${was?.enabled} ${is?.aor}:${is?.enabled}`));
    feed.give({ kind: 'resync' });
    await directory.refresh();
    assert.deepEqual(seen.sort(), [
      'adam@contoso.test:true undefined:undefined',
      'alice@contoso.test:true alice@contoso.test:false',
      'undefined:undefined anna@contoso.test:true',
    ]);
    assert.equal(directory.find(adam.aor), undefined);
    assert.equal(directory.count, 2);
    directory.close();
  });

  it('makes the user directory try until it succeeds', async () => {
    let failing = false;
    const users = [alice];
    const readUsers = async () => {
      if (failing) throw new FailureError(failure('STORE_UNAVAILABLE', { reason: 'test' }));
      return [...users];
    };
    const feed = feedOf({ readUsers });
    const directory = await UserDirectory.open(feed.store, clock);
    users.push(anna);
    failing = true;
    feed.give({ kind: 'resync' });
    await new Promise(resolve => setImmediate(resolve));
    failing = false;
    clock.advance(1_000);
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(directory.find(anna.aor)?.id, anna.id);
    directory.close();
  });

  it('makes the configuration source read it', async () => {
    let version = { epoch: 1, number: 1 };
    const feed = feedOf({
      readConfiguration: async () => ({ version, objects: [] }),
      readConfigurationChange: async () => undefined,
    });
    const source = await ConfigurationSource.open(feed.store, clock);
    const changed = new Promise(resolve => source.onChanged(resolve));
    version = { epoch: 2, number: 1 };
    feed.give({ kind: 'resync' });
    await changed;
    assert.deepEqual(source.current.version, version);
    source.close();
  });
});

describe('configuration source', () => {
  const add = (identity: string): Partial<ChangeSet> => ({
    objects: [{ kind: 'CsAllowedDomain', owner: sampleTenant, identity, expectedVersion: null, body: AllowedDomain.parse({}) }],
  });

  it('has what was committed when refresh resolves, and tells its listeners', async () => {
    const source = await ConfigurationSource.open(store, clock);
    const before = source.current;
    const changed = new Promise<readonly unknown[]>(resolve => {
      source.onChanged(change => resolve([change?.since, change?.version, change?.changed.map(({ identity }) => identity)]));
    });
    await commit(add('a.example'));
    await source.refresh();
    assert.notEqual(source.current, before);
    assert.ok(source.current.tenants.get(sampleTenant)?.allowedDomains.has('a.example' as SipDomain));
    assert.deepEqual(source.document.version, source.current.version);
    assert.deepEqual(await changed, [before.version, source.current.version, ['a.example']]);
    source.close();
  });

  it('has what was committed while it was read for the first time', async () => {
    const feed: Pick<Store, 'readConfiguration' | 'readConfigurationChange' | 'onHint'> = {
      onHint: listener => store.onHint(listener),
      readConfigurationChange: since => store.readConfigurationChange(since),
      readConfiguration: async () => {
        const document = await store.readConfiguration();
        if (committed === 0) {
          committed++;
          await commit(add('meanwhile.example'));
          // hints are given at the end of the tick
          await new Promise(resolve => setImmediate(resolve));
        }
        return document;
      },
    };
    let committed = 0;
    const source = await ConfigurationSource.open(feed, clock);
    assert.ok(source.current.tenants.get(sampleTenant)?.allowedDomains.has('meanwhile.example' as SipDomain));
    source.close();
  });

  it('follows hints by itself', async () => {
    const source = await ConfigurationSource.open(store, clock);
    const changed = new Promise(resolve => source.onChanged(resolve));
    await commit(add('b.example'));
    await changed;
    assert.ok(source.current.tenants.get(sampleTenant)?.allowedDomains.has('b.example' as SipDomain));
    source.close();
  });
});
