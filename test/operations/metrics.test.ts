import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LabUnderTest, type ServerRole } from '../support/lab-under-test.ts';
import { killAtOnce } from '../support/process-end.ts';
import { until } from '../support/until.ts';

let lab: LabUnderTest;
const listeners = { frontend: '', edge: '' };

before(async () => {
  lab = await LabUnderTest.start();
  const { pids, edge } = lab.organisation('contoso');
  // the Edge of the lab has its listener, as there is no API to ask
  listeners.edge = new URL('/', edge.metricsUrl).href.slice(0, -1);
  const port = await freePort();
  listeners.frontend = `http://127.0.0.1:${port}`;
  appendFileSync(join(lab.serverFolder('contoso', 'frontend'), 'server.yaml'), `metrics: { port: ${port} }\n`);
  for (const [role, [pid = 0]] of [
    ['frontend', pids.frontEnd],
    ['edge', pids.edge],
  ] as const) {
    await killAtOnce(pid);
    await lab.startAgain('contoso', role);
  }
});
after(() => lab?.stop());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function get(role: ServerRole, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${listeners[role]}${path}`);
  return { status: answer.status, text: await answer.text() };
}

/** The values of a scrape by metric and labels, as they stand in it. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  return new Map(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** The rows of the page that these metrics should have. */
const rowsOf = (text: string) =>
  [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map(
    ([, name, help, type]) => `| \`${name}\` | ${type} | ${help} |`,
  );

test('metrics follow what happens', async t => {
  const alice = await lab.signIn('contoso', 'alice@contoso.test');
  const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
  await until('a message to the partner', async () => {
    const sent = await alice.sendMessage(bob.address, 'counted');
    return (sent.ok && sent.value.status === 200) || undefined;
  });

  await t.test('of the Front End', async () => {
    const { text } = await get('frontend', '/metrics');
    const value = samplesOf(text);
    assert.equal(value.get('parley_endpoints_registered'), 1);
    assert.equal(value.get('parley_connections{listener="client"}'), 1);
    assert.ok((value.get('parley_responses_total{method="MESSAGE",class="2xx"}') ?? 0) >= 1);
    assert.equal(value.get('parley_requests_total{method="REGISTER"}'), 2, 'one is challenged');
    assert.equal(value.get('parley_responses_total{method="REGISTER",class="4xx"}'), 1);
    assert.equal(value.get('parley_trunks{to="edge"}'), 1);
    assert.ok((value.get('parley_certificate_expires_in_seconds{certificate="client"}') ?? 0) > 3_600);
    await until('the Edge to be up to date', async () => {
      const again = samplesOf((await get('frontend', '/metrics')).text);
      return again.get('parley_replication_up_to_date{edge="edge-int.contoso.test"}') === 1 || undefined;
    });
    const refused = await alice.sendMessage('nobody@contoso.test', 'to nobody');
    assert.ok(refused.ok && refused.value.status >= 400);
    const codes = [...samplesOf((await get('frontend', '/metrics')).text)].filter(([name]) =>
      name.startsWith('parley_refusals_total'),
    );
    assert.equal(codes.reduce((sum, [, count]) => sum + count, 0) >= 1, true);
  });

  await t.test('of the Edge', async () => {
    const value = samplesOf((await get('edge', '/metrics')).text);
    assert.ok((value.get('parley_responses_total{method="MESSAGE",class="2xx"}') ?? 0) >= 1);
    assert.equal(value.get('parley_connections{listener="inside"}'), 1);
    assert.equal(value.get('parley_trunks{to="partner"}'), 1);
    assert.ok((value.get('parley_dns_answers_total{record="srv",outcome="found"}') ?? 0) >= 1);
    assert.ok((value.get('parley_configuration_revision') ?? 0) > 0);
  });

  for (const role of ['frontend', 'edge'] as const) {
    await t.test(`the ${role} says that it lives and is ready`, async () => {
      assert.deepEqual(await get(role, '/healthz'), { status: 200, text: '{"alive":true}' });
      assert.deepEqual(await get(role, '/readyz'), { status: 200, text: '{"ready":true,"problems":[]}' });
      assert.equal((await get(role, '/elsewhere')).status, 404);
    });
  }

  await t.test('the management API shows them to those with a token', async () => {
    const { url, token } = lab.organisation('contoso').api;
    assert.equal((await fetch(`${url}/metrics`)).status, 401);
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    assert.match(await answer.text(), /^parley_endpoints_registered 1$/m);
  });

  await t.test('the documentation has each of them with its type and meaning, and no other', async () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const documented = page.split('\n').filter(line => /^\| `(parley|process)_\w+` \|/.test(line));
    const scrapes = [await get('frontend', '/metrics'), await get('edge', '/metrics')];
    const shown = new Set(scrapes.flatMap(({ text }) => rowsOf(text)));
    assert.deepEqual([...documented].sort(), [...shown].sort());
  });
});
