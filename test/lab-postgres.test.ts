import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ManagementClient } from '../src/lab/management-client.ts';
import { PostgresCluster, postgresMissing } from '../src/testing/postgres-cluster.ts';
import { until } from './support/until.ts';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

type Event = Readonly<Record<string, unknown>> & { readonly event: string };

interface LabRun {
  readonly process: ChildProcess;
  readonly events: readonly Event[];
  /** What it wrote on stderr. */
  errors(): string;
  readonly ended: Promise<number | null>;
}

let cluster: PostgresCluster;
let base: string;
const started: ChildProcess[] = [];

function startLab(...args: readonly string[]): LabRun {
  const child = spawn(process.execPath, [main, 'lab', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: base },
  });
  started.push(child);
  const events: Event[] = [];
  let errors = '';
  createInterface({ input: child.stdout }).on('line', line => events.push(JSON.parse(line) as Event));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return { process: child, events, errors: () => errors, ended: once(child, 'close').then(([code]) => code as number | null) };
}

const schemas = (database: string) =>
  cluster.sql(database, "select string_agg(nspname, ' ' order by nspname) from pg_namespace where nspname like 'lab%'");

/** Every file below a folder that holds this text. */
function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && readFileSync(join(entry.parentPath, entry.name), 'utf8').includes(text))
    .map(entry => entry.name);
}

describe('lab on PostgreSQL', { skip: postgresMissing(), timeout: 200_000 }, () => {
  before(async () => {
    base = mkdtempSync(join(tmpdir(), 'parley-lab-postgres-'));
    cluster = await PostgresCluster.start();
  });
  after(async () => {
    // Its servers end with it.
    for (const lab of started) lab.kill('SIGKILL');
    await cluster?.remove();
    rmSync(base, { recursive: true, force: true });
  });

  for (const workers of ['1', '2'])
    it(`--once, workers: ${workers}: every check and every step passes, and nothing stays in the database or on disk`, async () => {
      const database = `once${workers}`;
      const lab = startLab('--once', '--workers', workers, '--store', cluster.createDatabase(database));
      const seen = until('a schema for each organisation', () => schemas(database).includes(' lab_') || undefined, 60_000);
      assert.equal(await lab.ended, 0, lab.errors());
      await seen;
      const results = lab.events.filter(({ event }) => event === 'check' || event === 'scenario');
      assert.ok(results.length >= 15, `${results.length} results`);
      assert.deepEqual(
        results.filter(({ status }) => status === 'fail' || status === 'unknown'),
        [],
      );
      assert.equal(schemas(database), '');
      assert.deepEqual(readdirSync(base), []);
    });

  it('a database that is not there is said before anything is provisioned', async () => {
    const lab = startLab('--once', '--store', cluster.url('missing'));
    assert.equal(await lab.ended, 1);
    assert.match(lab.errors(), /database "missing" does not exist/);
    assert.ok(!lab.errors().includes(cluster.password));
    for (const folder of readdirSync(base)) rmSync(join(base, folder), { recursive: true });
  });

  it('outlives a restart of PostgreSQL, keeps its state over one of its own, and the password in one place', async () => {
    const dir = join(base, 'kept');
    const url = cluster.createDatabase('kept');
    const lab = startLab('--dir', dir, '--store', url);
    await until('ready', () => lab.events.find(({ event }) => event === 'ready'), 60_000);
    const contoso = clientOf(dir);
    assert.ok((await contoso.run({ command: 'New-CsAllowedDomain', parameters: { identity: 'northwind.test' } })).ok);
    await cluster.stopServer('fast');
    const down = await contoso.run({ command: 'New-CsAllowedDomain', parameters: { identity: 'refused.test' } });
    assert.match(down.ok ? '' : `${down.error.code} ${down.error.text}`, /STORE_UNAVAILABLE/);
    await cluster.startServer();
    await until('the store heals', async () => {
      const added = await contoso.run({ command: 'New-CsAllowedDomain', parameters: { identity: 'healed.test' } });
      return added.ok || undefined;
    });
    const domains = await allowed(contoso);
    assert.ok(domains.includes('healed.test') && domains.includes('northwind.test') && !domains.includes('refused.test'));
    lab.process.kill('SIGTERM');
    assert.equal(await lab.ended, 0, lab.errors());
    assert.deepEqual(new Set(filesWith(cluster.password, dir)), new Set(['store-password']));
    assert.ok(!existsSync(join(dir, 'contoso', 'frontend', 'data', 'parley.db')));

    const elsewhere = startLab('--once', '--dir', dir);
    assert.equal(await elsewhere.ended, 1);
    assert.equal(elsewhere.events.at(-1)?.code, 'LAB_STORE_CHANGED');
    const again = startLab('--once', '--dir', dir, '--store', url);
    assert.equal(await again.ended, 0, again.errors());
    assert.equal(
      cluster.sql(
        'kept',
        `select count(*) from "${schemas('kept').split(' ')[0]}".configuration_objects where identity = 'northwind.test'`,
      ),
      '1',
    );
  });
});

function clientOf(dir: string): ManagementClient {
  const { orgs } = JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')) as {
    orgs: { name: string; api: { url: string; token: string } }[];
  };
  const api = orgs.find(({ name }) => name === 'contoso')?.api;
  assert.ok(api);
  return new ManagementClient('contoso', api.url, api.token);
}

async function allowed(client: ManagementClient): Promise<string[]> {
  const answer = await client.run({ command: 'Get-CsAllowedDomain', parameters: {} });
  assert.ok(answer.ok, answer.ok ? '' : answer.error.text);
  return answer.value.objects.map(({ identity }) => String(identity)).sort();
}
