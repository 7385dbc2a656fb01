import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { systemClock } from '../../src/base/clock.ts';
import { type Authority, type CertificateRequest, createAuthority, issueCertificate } from '../../src/certificates/issue.ts';
import { openLabAuthority } from '../../src/lab/certificate-authority.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest, type ServerRole } from '../support/lab-under-test.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';
import { BareClient, type BareMessage, bareResponse } from '../torture/bare-client.ts';
import { exchange, openClient, openPartner, type RawRequest, rawRequest, signIn, statusOf, valuesOf } from './attacker.ts';

const zone = ['_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test'];
const alice = 'alice@contoso.test';
const nora = 'nora@northwind.test';
const partnerName = 'sip.northwind.test';
const verified = 'ms-asserted-verification-level: ms-source-verified-user=verified';
const wanted: CertificateRequest = { names: [partnerName], days: 30, eku: 'both' };

let lab: LabUnderTest;
let aliceClient: BareClient;
let partner: BareClient;

before(async () => {
  lab = await LabUnderTest.start(zone);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
  const users = ['sue', 'paul'].map(name => ({ identity: `${name}@contoso.test`, displayName: name, password: `pw-${name}` }));
  await lab.run('contoso', 'Enable-CsUser', { users, externalAccessPolicy: 'BasicAccess' });
  await lab.run('contoso', 'Set-CsUser', { identity: 'sue@contoso.test', enabled: false });
  await lab.run('contoso', 'New-CsExternalAccessPolicy', { identity: 'Closed' });
  await lab.run('contoso', 'Grant-CsExternalAccessPolicy', { identity: 'paul@contoso.test', policyName: 'Closed' });
  aliceClient = await openClient(lab, 'contoso');
  aliceClient.answer = request => bareResponse(request, 200, 'OK');
  await signIn(aliceClient, alice);
  partner = await openPartner(lab, lab.issue(partnerName));
});
after(async () => {
  aliceClient?.close();
  partner?.close();
  await assertAtRest(lab);
  await lab?.stop();
});

interface Presented {
  readonly cert?: string;
  readonly key?: string;
}

async function made(authority: Authority | undefined, change: Partial<CertificateRequest> = {}): Promise<Presented> {
  const issued = await issueCertificate(authority, { ...wanted, ...change });
  return { cert: issued.chainPem, key: issued.keyPem };
}

/** What peers present at the federation port. */
const peers: Readonly<Record<string, (lab: Authority) => Promise<Presented>>> = {
  'no certificate': async () => ({}),
  'a self-signed one': () => made(undefined),
  'one of an unknown CA': async () => made(await createAuthority({ name: 'Parley lab CA', validDays: 30 })),
  'one of a CA that a partner has made itself': async trusted => {
    const leaf = await issueCertificate(trusted, wanted);
    return made({ certificatePem: leaf.certificatePem, keyPem: leaf.keyPem, chainPem: leaf.chainPem });
  },
  'an expired one': trusted => made(trusted, { notBefore: Date.UTC(2020, 0, 1) }),
  'one that is not valid yet': trusted => made(trusted, { notBefore: systemClock.now() + 86_400_000 }),
  "one of contoso's own internal CA": async () => {
    const secret = (file: string) => readFileSync(join(lab.serverFolder('contoso', 'frontend'), file), 'utf8');
    return { cert: secret('internal.pem'), key: secret('internal-key.pem') };
  },
};

async function openWith(
  presented: Presented,
  port: { readonly host: string; readonly port: number; readonly fqdn: string },
  ca: string,
) {
  return BareClient.open({ ...port, ...presented, ca });
}

test('who has no certificate of a trusted CA is never answered', async () => {
  const { authority } = await openLabAuthority(join(lab.folder, 'ca'), systemClock);
  const { host, fqdn, federationPort } = lab.organisation('contoso').edge;
  for (const [name, present] of Object.entries(peers)) {
    const before = aliceClient.received.length;
    const client = await openWith(await present(authority), { host, fqdn, port: federationPort }, authority.certificatePem);
    client.write(rawRequest({ from: nora, to: alice, lines: [verified] }));
    await until(`the end of the connection: ${name}`, () => (client.closed ? true : undefined));
    assert.deepEqual(client.received, [], name);
    assert.equal(aliceClient.received.length, before, name);
  }
});

test("a certificate without the domain's server in subjectAltName may not speak for it", async () => {
  const { authority } = await openLabAuthority(join(lab.folder, 'ca'), systemClock);
  const { host, fqdn, federationPort } = lab.organisation('contoso').edge;
  for (const change of [
    { names: ['sip.southwind.test'] },
    { names: ['sip.southwind.test'], subjectName: partnerName },
    { names: ['northwind.test.southwind.test', 'xsip.northwind.test'] },
  ]) {
    const client = await openWith(await made(authority, change), { host, fqdn, port: federationPort }, authority.certificatePem);
    assert.equal(statusOf(await exchange(client, { from: nora, to: alice, lines: [verified] })), 504, JSON.stringify(change));
    client.close();
  }
});

test("a partner's certificate opens no door inside", async () => {
  const identity = lab.issue('sip.northwind.test', 'edge-int.contoso.test');
  const configuration = (role: ServerRole) =>
    parse(readFileSync(join(lab.serverFolder('contoso', role), 'server.yaml'), 'utf8')) as {
      readonly name: string;
      readonly internal: { readonly authorityFile: string };
      readonly [port: string]: unknown;
    };
  for (const [role, port] of [
    ['frontend', 'trunk'],
    ['edge', 'inside'],
  ] as const) {
    const { name, internal, ...rest } = configuration(role);
    const address = rest[port] as { readonly host: string; readonly port: number };
    const client = await openWith(identity, { ...address, fqdn: name }, readFileSync(internal.authorityFile, 'utf8'));
    client.write(rawRequest({ from: nora, to: alice }));
    await until(`the end of the connection to ${port}`, () => (client.closed ? true : undefined));
    assert.deepEqual(client.received, [], port);
  }
});

/** Ways to speak in the name of contoso from outside. */
const asInside: readonly Partial<RawRequest>[] = [
  { from: 'adam@contoso.test' },
  { from: 'adam@CONTOSO.test' },
  { fromLine: 'f: <sip:adam@contoso.test>;tag=1' },
  { fromLine: 'From : "nora@northwind.test" <sip:adam@contoso.test>;tag=1' },
  { fromLine: 'From:\r\n\t<sip:adam@contoso.test;x=northwind.test>;tag=1' },
  { fromLine: 'From: <sip:nora%40northwind.test@contoso.test>;tag=1' },
  { lines: ['P-Asserted-Identity: <sip:adam@contoso.test>'] },
  { lines: ['p-asserted-identity : <sip:adam@Contoso.test>'] },
  { lines: ['P-Asserted-Identity: <sip:nora@northwind.test>, <sip:adam@contoso.test>'] },
  { lines: ['P-Asserted-Identity: <sip:nora@northwind.test>', 'P-ASSERTED-IDENTITY: <sip:adam@contoso.test>'] },
  { from: 'adam@contoso.test', lines: ['ms-split-domain-info: ms-traffic-type=SplitIntra'] },
];

test('nobody outside speaks in the name of a domain inside, and the refusal is bare', async () => {
  const refusals = () => refusalsIn(lab.log('contoso', 'edge'));
  const earlier = refusals().length;
  for (const each of asInside) {
    const before = aliceClient.received.length;
    const answer = await exchange(partner, { from: nora, to: alice, ...each });
    assert.equal(statusOf(answer), 504, JSON.stringify(each));
    assert.deepEqual(namesStarting(answer, 'ms-'), [], JSON.stringify(each));
    assert.equal(aliceClient.received.length, before, JSON.stringify(each));
  }
  await until('all reasons in the log', () => refusals()[earlier + asInside.length - 1]);
  for (const { code } of refusals().slice(earlier)) assert.match(code, /^ASSERTED_(INTERNAL_DOMAIN|DOMAIN_CONFLICT)$/);
});

test('from outside nobody can tell who is unknown, suspended or not allowed to talk to partners', async () => {
  for (const method of ['MESSAGE', 'INVITE', 'OPTIONS', 'SUBSCRIBE']) {
    const shapes = new Set<string>();
    for (const user of ['nobody', 'sue', 'paul']) {
      const lines = [verified, ...(method === 'SUBSCRIBE' ? ['Event: presence'] : []), `Contact: <sip:${nora}>`];
      const answer = await exchange(partner, { method, from: nora, to: `${user}@contoso.test`, lines });
      assert.equal(statusOf(answer), 404, `${method} to ${user}`);
      shapes.add(shapeOf(answer));
    }
    assert.equal(shapes.size, 1, [...shapes].join('\n\n'));
  }
});

test('nothing of it was a fault of a server', () => {
  for (const role of ['frontend', 'edge'] as const) assert.doesNotMatch(lab.log('contoso', role), /"event":"fault/);
});

function namesStarting(answer: BareMessage, start: string): readonly string[] {
  return answer.headers.map(([name]) => name.toLowerCase()).filter(name => name.startsWith(start));
}

function shapeOf(answer: BareMessage): string {
  const echoed = /^(via|from|to|call-id|cseq)$/i;
  const lines = answer.headers.map(([name, value]) => (echoed.test(name) ? name : `${name}: ${value}`));
  return [
    answer.startLine,
    ...lines,
    `${
      valuesOf(answer, 'To')
        .join()
        .replace(/.*;tag=/, '').length
    }`,
    answer.body,
  ].join('\n');
}
