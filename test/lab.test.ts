import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

type Event = Readonly<Record<string, unknown>> & { readonly event: string };

interface Lab {
  readonly process: ChildProcess;
  readonly events: Event[];
  /** Resolves when an event of that name is there; rejects if the lab ends before. */
  waitFor(name: string): Promise<Event>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

interface LabFile {
  readonly ca: string;
  readonly dns: { readonly host: string; readonly port: number };
  readonly orgs: readonly {
    readonly name: string;
    readonly kind: string;
    readonly domains: readonly string[];
    readonly pids: { readonly frontEnd: readonly number[]; readonly edge: readonly number[] };
    readonly frontEnd: { readonly fqdn: string; readonly host: string; readonly tlsPort: number; readonly tcpPort: number };
    readonly edge: { readonly fqdn: string; readonly host: string; readonly federationPort: number };
    readonly api: { readonly url: string; readonly token: string };
    readonly tenants: readonly { readonly name: string; readonly domains: readonly string[] }[];
    readonly users: readonly {
      readonly address: string;
      readonly login: string;
      readonly password: string;
      readonly tenant: string;
    }[];
  }[];
}

let base: string;
let dir: string;
before(() => {
  base = mkdtempSync(join(tmpdir(), 'parley-lab-test-'));
  dir = join(base, 'lab');
});
after(() => rmSync(base, { recursive: true, force: true }));

function startLab(...args: readonly string[]): Lab {
  const child = spawn(process.execPath, [main, 'lab', '--json', '--dir', dir, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const events: Event[] = [];
  const waiting = new Map<string, PromiseWithResolvers<Event>>();
  assert.ok(child.stdout);
  createInterface({ input: child.stdout }).on('line', line => {
    const event = JSON.parse(line) as Event;
    events.push(event);
    waiting.get(event.event)?.resolve(event);
  });
  const ended = once(child, 'close').then(([code]) => {
    for (const { reject } of waiting.values()) reject(new Error(`the lab ended: ${JSON.stringify(events.slice(-3))}`));
    return code as number | null;
  });
  return {
    process: child,
    events,
    ended,
    waitFor(name) {
      const there = events.find(event => event.event === name);
      if (there) return Promise.resolve(there);
      const wait = Promise.withResolvers<Event>();
      waiting.set(name, wait);
      return wait.promise;
    },
  };
}

function readLabFile(): LabFile {
  return JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')) as LabFile;
}

async function command(
  name: string,
  parameters: object,
): Promise<{ readonly objects: readonly Readonly<Record<string, unknown>>[] }> {
  const { url, token } = readLabFile().orgs[0]?.api ?? { url: '', token: '' };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/v1/commands/${name}`, { method: 'POST', headers, body: JSON.stringify(parameters) });
  assert.equal(response.status, 200, await response.clone().text());
  return (await response.json()) as { objects: Readonly<Record<string, unknown>>[] };
}

function isRunning(pid: number): boolean {
  // A zombie has no command line any more.
  return existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
}

function pidsOf(file: LabFile): readonly number[] {
  return file.orgs.flatMap(org => [...org.pids.frontEnd, ...org.pids.edge]);
}

test('--once: every check and every step passes, exit code 0', async () => {
  const lab = startLab('--once');
  assert.equal(await lab.ended, 0);
  const [first] = lab.events;
  assert.equal(first?.event, 'ready');
  const checks = lab.events.filter(event => event.event === 'check');
  assert.ok(checks.length >= 8, `${checks.length} checks`);
  assert.deepEqual([...new Set(checks.map(check => check.organisation))], ['contoso', 'lynconline']);
  assert.deepEqual(
    checks.filter(check => check.status === 'fail' || check.status === 'unknown'),
    [],
  );
  for (const check of checks) assert.ok(check.id && check.target && check.message && check.evidence, JSON.stringify(check));
  const steps = lab.events.filter(event => event.event === 'scenario');
  assert.deepEqual(
    steps.filter(step => step.status !== 'pass'),
    [],
  );
  for (const step of [
    'im-outbound',
    'im-inbound',
    'presence-outbound',
    'presence-inbound',
    'call-outbound',
    'call-inbound',
    'blocked-outbound',
    'blocked-inbound',
    'policy-revoked',
    'suspended',
    'restored-inbound',
  ])
    assert.ok(
      steps.some(event => event.step === step),
      step,
    );
  assert.ok(pidsOf(readLabFile()).every(pid => !isRunning(pid)));
});

test('a second start on the same folder keeps what an admin changed, and its ports', async () => {
  const before = readLabFile();
  const lab = startLab();
  await lab.waitFor('ready');
  const file = readLabFile();
  assert.deepEqual(
    file.orgs.map(({ frontEnd, edge, users }) => ({ frontEnd, edge, users })),
    before.orgs.map(({ frontEnd, edge, users }) => ({ frontEnd, edge, users })),
  );
  checkLabFile(file);
  assert.equal(statSync(join(dir, 'lab.json')).mode & 0o777, 0o600);
  await command('Enable-CsUser', { identity: ['anna@contoso.test'], password: 'a password' });
  await command('Disable-CsUser', { identity: ['adam@contoso.test'], confirm: false });
  await command('New-CsAllowedDomain', { identity: 'northwind.test' });
  const second = startLab('--once');
  assert.equal(await second.ended, 1, 'a folder has one lab at a time');
  assert.equal(second.events[0]?.code, 'LAB_FOLDER_IN_USE');
  lab.process.kill('SIGINT');
  assert.equal(await lab.ended, 0);

  const third = startLab();
  await third.waitFor('ready');
  const users = await command('Get-CsUser', {});
  assert.deepEqual(users.objects.map(user => user.identity).sort(), ['alice@contoso.test', 'anna@contoso.test']);
  const domains = await command('Get-CsAllowedDomain', {});
  assert.ok(domains.objects.some(domain => domain.identity === 'northwind.test'));
  const pids = pidsOf(readLabFile());
  assert.ok(pids.every(isRunning));
  third.process.kill('SIGKILL');
  await third.ended;
  while (pids.some(isRunning)) await new Promise(resolve => setImmediate(resolve));
});

test('a lab that was killed in the middle of the scenario is put right by the next start', async () => {
  dir = join(base, 'killed');
  const lab = startLab('--once');
  lab.process.stdout?.on('data', () => {
    if (lab.events.some(event => event.step === 'blocked-outbound')) lab.process.kill('SIGKILL');
  });
  assert.equal(await lab.ended, null);
  assert.ok(existsSync(join(dir, 'scenario-undo.json')));
  const next = startLab();
  await next.waitFor('ready');
  const steps = next.events.filter(event => event.event === 'scenario');
  assert.ok(steps.length >= 4);
  assert.deepEqual(
    steps.filter(step => step.status !== 'pass'),
    [],
  );
  const blocked = await command('Get-CsBlockedDomain', {});
  assert.deepEqual(blocked.objects, []);
  assert.ok(!existsSync(join(dir, 'scenario-undo.json')));
  next.process.kill('SIGTERM');
  assert.equal(await next.ended, 0);
});

function checkLabFile(file: LabFile): void {
  assert.ok(readFileSync(file.ca, 'utf8').startsWith('-----BEGIN CERTIFICATE-----'));
  assert.equal(typeof file.dns.port, 'number');
  const [contoso, lynconline] = file.orgs;
  assert.ok(contoso && lynconline);
  assert.deepEqual([contoso.name, contoso.kind, contoso.domains], ['contoso', 'on-premises', ['contoso.test']]);
  assert.deepEqual([lynconline.name, lynconline.kind], ['lynconline', 'provider']);
  assert.deepEqual(lynconline.tenants, [{ name: 'fabrikam', domains: ['fabrikam.test', 'fabrikam.lynconline.test'] }]);
  assert.deepEqual([contoso.users[0]?.address, contoso.users[0]?.login], ['alice@contoso.test', 'alice']);
  assert.deepEqual([lynconline.users[0]?.address, lynconline.users[0]?.tenant], ['bob@fabrikam.test', 'fabrikam']);
  assert.equal(lynconline.edge.fqdn, 'sipfed.lynconline.test');
  for (const { pids, frontEnd, edge, api } of file.orgs) {
    assert.ok([...pids.frontEnd, ...pids.edge].every(isRunning));
    assert.notEqual(frontEnd.host, edge.host);
    for (const port of [frontEnd.tlsPort, frontEnd.tcpPort, edge.federationPort]) assert.ok(port > 0);
    assert.match(api.url, /^http:\/\/127\.0\.0\.\d+:\d+$/);
  }
}
