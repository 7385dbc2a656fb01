import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest, type ServerRole } from '../support/lab-under-test.ts';
import { PartnerConnection } from '../support/partner-connection.ts';
import { killAtOnce } from '../support/process-end.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';

const alice = 'alice@contoso.test';
const bob = 'bob@fabrikam.test';
/** Sends to contoso only, and has done so. */
const nora = 'nora@northwind.test';
/** Allowed as well, but never met. */
const sven = 'sven@southwind.test';
/** Allowed, found in DNS, but its server never answered. */
const wes = 'wes@westwind.test';

/** Nothing listens there. */
const closedPort = 1;
const srv = (domain: string, port = 5061) => `_sipfederationtls._tcp.${domain} SRV 0 0 ${port} sip.${domain}`;
const zone = [
  srv('northwind.test'),
  srv('southwind.test'),
  srv('westwind.test', closedPort),
  ...['northwind', 'southwind', 'westwind'].map(name => `sip.${name}.test A 127.0.0.1`),
];
/** Every name outside contoso: a record of a name itself counts before what is said of the name above it. */
const deadZone = ['test SERVFAIL', '_sipfederationtls._tcp.fabrikam.test SERVFAIL', 'sipfed.lynconline.test SERVFAIL'];

let lab: LabUnderTest;
let aliceClient: TestEndpoint;
let bobClient: TestEndpoint;
let north: PartnerConnection;
let south: PartnerConnection;

before(async () => {
  lab = await LabUnderTest.start(zone);
  const identity = ['northwind.test', 'southwind.test', 'westwind.test'];
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity, list: 'Allowed', verificationLevel: 'AlwaysVerifiable' });
  const { pids, edge } = lab.organisation('contoso');
  for (const [role, pid] of [
    ['edge', pids.edge[0]],
    ['frontend', pids.frontEnd[0]],
  ] as const) {
    await killAtOnce(pid as number);
    shortenAnswers(role);
    await lab.startAgain('contoso', role);
  }
  aliceClient = await lab.signIn('contoso', alice);
  bobClient = await lab.signIn('lynconline', bob);
  const port = { ...edge, port: edge.federationPort };
  north = await PartnerConnection.open(lab.issue('sip.northwind.test'), port);
  south = await PartnerConnection.open(lab.issue('sip.southwind.test'), port);
});
after(async () => {
  north?.close();
  south?.close();
  await assertAtRest(lab);
  await lab?.stop();
});

/** What DNS has answered is used for a second only. */
function shortenAnswers(role: ServerRole): void {
  const file = join(lab.serverFolder('contoso', role), 'server.yaml');
  writeFileSync(file, stringify({ ...(parse(readFileSync(file, 'utf8')) as object), dnsAnswerSeconds: 1 }));
}

/** Alice writes to somebody; `200` when it has arrived, else the status with its id in ms-diagnostics. */
async function fromAlice(to: string): Promise<string> {
  const sent = await aliceClient.sendMessage(to, `Hello ${to}`);
  assert.ok(sent.ok, sent.ok ? '' : sent.error.text);
  const { status, diagnostics } = sent.value;
  return status === 200 ? '200' : `${status} ${/^\d+/.exec(diagnostics ?? '')?.[0]}`;
}

async function toAlice(partner: PartnerConnection, from: string): Promise<string> {
  const { statusLine } = await partner.exchange({ from, to: alice, text: 'Hello alice' });
  return statusLine.split(' ')[1] ?? '';
}

test('partners that have proved who they are stay within reach when DNS is dead, strangers do not', async () => {
  assert.equal(await fromAlice(bob), '200');
  assert.equal(await toAlice(north, nora), '200');
  assert.match(await fromAlice(wes), /^504 (?!1007)/, 'found, and not there');

  lab.writeZone(deadZone);
  // what was asked for after the others has run out, so theirs has too
  await until('the end of what DNS has answered', async () => ((await fromAlice(wes)) === '504 1007' ? true : undefined));
  assert.equal(await fromAlice(bob), '200');
  assert.equal(await toAlice(north, nora), '200');

  assert.equal(await fromAlice(sven), '504 1007');
  assert.equal(await toAlice(south, sven), '504');
  const log = readFileSync(join(lab.serverFolder('contoso', 'edge'), 'restarted.log'), 'utf8');
  const refused = refusalsIn(log).filter(({ from }) => from === `sip:${sven}`);
  assert.deepEqual(
    refused.map(({ code }) => code),
    ['DNS_UNAVAILABLE'],
  );
});

test('also over a new connection, to the address that was good last', async () => {
  await killAtOnce(lab.organisation('lynconline').pids.edge[0] as number);
  await lab.startAgain('lynconline', 'edge');
  await until('a message to bob', async () => ((await fromAlice(bob)) === '200' ? true : undefined), 30_000);
  assert.ok(await bobClient.waitForMessage(`Hello ${bob}`, 0));
});
