import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { failure } from '../base/failure.ts';
import { err, ok } from '../base/result.ts';
import { ConfigurationSource } from '../directory/configuration-source.ts';
import { UserDirectory } from '../directory/user-directory.ts';
import type { CommandResult } from '../management/command-result.ts';
import { Management } from '../management/management.ts';
import type { ManagementPorts } from '../management/management-ports.ts';
import type { Principal } from '../management/principal.ts';
import { finding } from '../readiness/finding.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';

/** Who may do everything. */
export const administrator: Principal = {
  kind: 'token',
  name: 'tester',
  from: '192.0.2.1',
  scope: { kind: 'deployment' },
  roles: ['CsAdministrator'],
};

/** A command layer on a SQLite store of its own, with fakes for what lies outside. */
export interface ManagementFixture {
  readonly management: Management;
  readonly store: Store;
  /** TXT records by name; empty at first. */
  readonly txt: Map<string, string[]>;
  /** Passwords that were sealed, by address. */
  readonly sealed: Map<string, string>;
  /** Runs `Verb-CsNoun` and returns its result or throws with the text of the failure. */
  run(name: string, parameters?: Record<string, unknown>, principal?: Principal): Promise<CommandResult>;
  /** Runs a command that must fail and returns the code. */
  refused(name: string, parameters?: Record<string, unknown>, principal?: Principal): Promise<string>;
  close(): Promise<void>;
}

/** Opens a fixture; `changes` replaces single ports. A store that is given is looked at and left open. */
export async function openManagement(
  changes: Partial<Omit<ManagementPorts, 'store'>> & { readonly store?: Store } = {},
): Promise<ManagementFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-management-'));
  const store = changes.store ?? (await openOwnStore(folder));
  const [source, directory] = await Promise.all([
    ConfigurationSource.open(store, systemClock),
    UserDirectory.open(store, systemClock),
  ]);
  const txt = new Map<string, string[]>();
  const sealed = new Map<string, string>();
  const ports: ManagementPorts = {
    clock: systemClock,
    store,
    configuration: source,
    users: directory,
    applyElsewhere: async () => undefined,
    sealer: {
      seal(user, password) {
        sealed.set(user.aor, password);
        return { keyId: 'k1', box: new Uint8Array([1, 2, 3]) };
      },
    },
    replication: {
      waitForApplied: async () => ({ applied: 1, of: 2 }),
      status: () => [
        {
          fqdn: 'edge.contoso.test',
          upToDate: true,
          version: { epoch: 1, number: 1 },
          report: {
            fqdn: 'edge.contoso.test',
            installed: null,
            lastRefusal: { code: 'SNAPSHOT_OLDER', text: 'It is older.', atMs: 0 },
            uptimeSeconds: 1,
            pid: 1,
            productVersion: '0',
          },
        },
      ],
      invoke: async () => ok(undefined),
      enrol: async edgeFqdn => ok(JSON.stringify({ recipient: edgeFqdn })),
    },
    readiness: {
      check: async domains =>
        ok([finding('SRV-01', domains[0] ?? 'deployment', 0, { status: 'pass', from: 'store', message: 'A pool exists.' })]),
      explain: async (from, to) =>
        ok([
          {
            from,
            to,
            direction: 'outbound',
            verdict: 'allowed',
            allowed: true,
            steps: [{ step: 'switch', where: 'front end', status: 'pass', passed: true, text: 'Federation is on.' }],
          },
        ]),
    },
    domainProof: {
      lookUpTxt: async name =>
        name.includes('broken') ? err(failure('STORE_UNAVAILABLE', { reason: 'DNS' })) : ok(txt.get(name) ?? []),
    },
    deployment: 'on-premises',
    ...changes,
  };
  const management = new Management(ports);
  const execute = (name: string, parameters: Record<string, unknown> = {}, principal = administrator) => {
    const dash = name.indexOf('-');
    return management.execute({ verb: name.slice(0, dash), noun: name.slice(dash + 1), parameters }, principal);
  };
  return {
    management,
    store,
    txt,
    sealed,
    async run(name, parameters, principal) {
      const result = await execute(name, parameters, principal);
      assert.ok(result.ok, result.ok ? '' : `${name}: ${result.error.code} ${result.error.text}`);
      return result.value;
    },
    async refused(name, parameters, principal) {
      const result = await execute(name, parameters, principal);
      assert.ok(!result.ok, `${name} was expected to fail`);
      assert.doesNotMatch(result.error.text + result.error.fix, /\{\w+\}/, 'a placeholder was left open');
      return result.error.code;
    },
    async close() {
      management.close();
      source.close();
      directory.close();
      if (changes.store === undefined) await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openOwnStore(folder: string): Promise<Store> {
  const opened = await openSqliteStore({ path: join(folder, 'parley.db'), clock: systemClock });
  assert.ok(opened.ok);
  return opened.value;
}

/** Sets up the tenant contoso with contoso.test and one pool, as most tests need it. */
export async function deployContoso(fixture: ManagementFixture): Promise<void> {
  await fixture.run('New-CsTenant', { identity: 'contoso' });
  await fixture.run('New-CsSipDomain', { identity: 'contoso.test' });
  await fixture.run('New-CsSite', { identity: 'main' });
  await fixture.run('New-CsPool', { identity: 'fe.contoso.test', site: 'main', computers: ['fe.contoso.test'] });
}
