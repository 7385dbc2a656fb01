import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { clientLimits } from '../../src/sip/parse-limits.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { BareClient, type BareMessage, bareResponse } from '../torture/bare-client.ts';
import { exchange, openClient, signIn, statusOf, valuesOf, verdictOf } from './attacker.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const nora = 'nora@northwind.test';

let lab: LabUnderTest;
let partner: Server;
let client: BareClient;
/** How the partner's server answers from now on. */
let answer: (request: BareMessage) => string;

before(async () => {
  lab = await LabUnderTest.start();
  partner = createServer({ ...lab.issue('sip.northwind.test'), requestCert: true }, socket => {
    BareClient.over(socket).answer = request => answer(request);
  });
  await once(partner.listen(0, '127.0.0.1'), 'listening');
  const { port } = partner.address() as AddressInfo;
  lab.writeZone([`_sipfederationtls._tcp.northwind.test SRV 0 0 ${port} sip.northwind.test`, 'sip.northwind.test A 127.0.0.1']);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
  client = await openClient(lab, 'contoso');
  await signIn(client, alice);
});
after(async () => {
  client?.close();
  partner?.close();
  await assertAtRest(lab);
  await lab?.stop();
});

/** What each kind of request needs beside. */
const requests: readonly (readonly [method: string, lines: readonly string[]])[] = [
  ['MESSAGE', []],
  ['OPTIONS', []],
  ['INVITE', [`Contact: <sip:${alice}>`]],
  ['SUBSCRIBE', [`Contact: <sip:${alice}>`, 'Event: presence', 'Expires: 600']],
];

/** The answer to a request with another line in the place of each of these, and further lines. */
function forged(replaced: Readonly<Record<string, string>>, ...lines: readonly string[]): (request: BareMessage) => string {
  return request => {
    let text = bareResponse(request, 200, 'OK');
    for (const [name, value] of Object.entries(replaced))
      text = text.replace(new RegExp(`\r\n${name}: [^\r]+`), `\r\n${name}: ${value}`);
    return text.replace('\r\n', ['', ...lines, ''].join('\r\n'));
  };
}

for (const [method, lines] of requests) {
  test(`${method}: who answers is shown as nobody of ours, and as its own users only in P-Asserted-Identity`, async () => {
    const identities: readonly (readonly [name: string, value: string, isShown: boolean])[] = [
      ['P-Asserted-Identity', `"Adam" <sip:${adam}>`, false],
      ['P-Asserted-Identity', `<sip:${nora}>, <sip:${adam}>`, false],
      ['p-asserted-IDENTITY ', `<sip:${adam}>`, false],
      ['P-Asserted-Identity', '<sip:bob@fabrikam.test>', false],
      ['P-Asserted-Identity', `<sip:${nora}>`, true],
      ['Remote-Party-ID', `<sip:${adam}>;party=called`, false],
      ['P-Preferred-Identity', `<sip:${adam}>`, false],
      ['P-Associated-URI', `<sip:${adam}>`, false],
    ];
    for (const [name, value, isShown] of identities) {
      answer = forged({}, `${name}: ${value}`);
      const answered = await exchange(client, { method, from: alice, to: nora, lines });
      assert.equal(statusOf(answered), 200, `${name}: ${value}`);
      assert.deepEqual(valuesOf(answered, name.trim()), isShown ? [value] : [], `${name}: ${value}`);
    }
  });

  test(`${method}: an answer that says it is for another request is shown to nobody`, async () => {
    const answers: readonly Readonly<Record<string, string>>[] = [
      { From: `<sip:${adam}>;tag=f1` },
      { From: `<sip:${alice}>;tag=other` },
      { To: `<sip:${adam}>;tag=2` },
      { To: '<sip:boss@northwind.test>;tag=2' },
      { 'Call-ID': 'another' },
      { CSeq: `2 ${method}` },
    ];
    for (const replaced of answers) {
      answer = forged(replaced);
      const answered = await exchange(client, { method, from: alice, to: nora, lines });
      assert.equal(verdictOf(answered), '502', JSON.stringify(replaced));
      assert.match(valuesOf(answered, 'To').join(), new RegExp(`^<sip:${nora}>;tag=`));
    }
  });
}

test('an answer that is longer than what a client is sent is shown to none, and one that fits is', async () => {
  for (const [length, verdict] of [
    [clientLimits.bodyBytes, '200'],
    [clientLimits.bodyBytes + 1, '502'],
  ] as const) {
    const body = 'x'.repeat(length);
    answer = request =>
      bareResponse(request, 200, 'OK').replace(/\r\nContent-Length: \d+\r\n\r\n/, `\r\nContent-Length: ${length}\r\n\r\n${body}`);
    const answered = await exchange(client, { from: alice, to: nora });
    assert.equal(verdictOf(answered), verdict);
    assert.equal(answered.body.length, verdict === '200' ? length : 0);
  }
});
