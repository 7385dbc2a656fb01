import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { BareClient, type BareMessage, type BareServer, bareResponse, headerOf, probe } from './bare-client.ts';
import { missingBytes } from './judge-framing.ts';
import type { TortureRow } from './torture-row.ts';
import { originalRows, tortureTable } from './torture-table.ts';

let lab: LabUnderTest;
let server: BareServer;
let adam: BareClient;
const deliveredStatus = 299;
const probeId = 'probe@torture.invalid';

before(async () => {
  lab = await LabUnderTest.start();
  const { frontEnd } = lab.organisation('contoso');
  server = { host: frontEnd.host, port: frontEnd.tlsPort, fqdn: frontEnd.fqdn, ca: readFileSync(lab.file.ca, 'utf8') };
  adam = await BareClient.open(server);
  adam.answer = request => bareResponse(request, deliveredStatus, 'Adam has it');
  await adam.signIn('adam');
});
after(async () => {
  adam?.close();
  await lab?.stop();
});

test('own messages, sent by alice who has signed in', async () => {
  for (const row of tortureTable) {
    const alice = await BareClient.open(server);
    await alice.signIn('alice');
    const rest = row.verdict.kind === 'wait' ? ' '.repeat(missingBytes(row.message)) : '';
    const answers = await exchange(alice, row, row.message + rest);
    judge(row, alice, answers);
    alice.close();
  }
});

test('the messages of RFC 4475, sent by a stranger', async context => {
  const rows = originalRows();
  if (rows.length === 0) return context.skip('their folder is not there; PARLEY_TORTURE names it');
  for (const row of rows) {
    const stranger = await BareClient.open(server);
    const rest = row.verdict.kind === 'wait' ? ' '.repeat(missingBytes(row.message)) : '';
    judgeOriginal(row, stranger, await exchange(stranger, row, row.message + rest));
    stranger.close();
  }
});

test('nothing of it was a fault of the server', () => {
  assert.doesNotMatch(lab.log('contoso', 'frontend'), /"event":"fault/);
});

/** Sends a message and a probe behind it, and gives the final answers to the message, once both are answered or the connection is closed. */
async function exchange(client: BareClient, row: TortureRow, message: string): Promise<readonly BareMessage[]> {
  const before = client.received.length;
  client.write(message + probe(probeId, 'alice@contoso.test'));
  const isAnswered = row.verdict.kind !== 'drop' && !('answer' in row.verdict && row.verdict.answer === 'none');
  const answers = () =>
    client.received.slice(before).filter(({ startLine, ...each }) => {
      const callId = headerOf({ startLine, ...each }, 'Call-ID') ?? '';
      return startLine.startsWith('SIP/2.0 ') && !startLine.startsWith('SIP/2.0 1') && !/^(probe|dblreq-second)@/.test(callId);
    });
  const isProbed = () => client.received.slice(before).some(each => headerOf(each, 'Call-ID') === probeId);
  await client.until(() => ((isProbed() || isSwallowed(row)) && (!isAnswered || answers().length > 0) ? true : undefined));
  if ('closes' in row.verdict && row.verdict.closes) await client.until(() => undefined);
  return answers();
}

/** Where bytes follow the message, the probe is not read as a message of its own. */
function isSwallowed({ name, message }: TortureRow): boolean {
  return name === 'dblreq' && !message.includes('contoso.test');
}

function statusOf(answer: BareMessage | undefined): string {
  return answer?.startLine.split(' ')[1] ?? 'no answer';
}

function judge({ name, verdict, message }: TortureRow, alice: BareClient, answers: readonly BareMessage[]): void {
  const answer = answers[0];
  assert.ok(answers.length <= 1, `${name}: ${answers.length} answers`);
  switch (verdict.kind) {
    case 'drop':
      assert.deepEqual(answers, [], name);
      break;
    case 'reject':
      assert.equal(statusOf(answer), String(verdict.status), `${name}: ${headerOf(answer as BareMessage, 'ms-diagnostics')}`);
      break;
    case 'wait':
      assert.equal(statusOf(answer), String(deliveredStatus), name);
      break;
    default: {
      const wanted = verdict.answer === 'delivered' ? deliveredStatus : verdict.answer;
      assert.equal(statusOf(answer), wanted === 'none' ? 'no answer' : String(wanted), name);
      if (verdict.answer === 'delivered') {
        const sent = message.slice(message.indexOf('\r\n\r\n') + 4);
        assert.equal(adam.received.at(-1)?.body, sent, `${name}: the body arrived as it was sent`);
      }
    }
  }
  if (name === 'bext01') assert.equal(headerOf(answer as BareMessage, 'Unsupported'), 'mindReading, timeTravel');
  assert.equal(alice.closed, 'closes' in verdict && verdict.closes === true, `${name}: connection closed`);
}

/** From their domains nobody can sign in here: what comes before identities has the same verdict, all else is refused for that reason. */
function judgeOriginal({ name, verdict }: TortureRow, stranger: BareClient, answers: readonly BareMessage[]): void {
  const status = statusOf(answers[0]);
  if (verdict.kind === 'reject' && verdict.by !== 'registrar') assert.equal(status, String(verdict.status), name);
  else if (verdict.kind === 'drop' || ('answer' in verdict && verdict.answer === 'none')) assert.equal(status, 'no answer', name);
  // the domain, the dialog, or the method
  else assert.match(status, /^(403|481|405)$/, name);
  if ('closes' in verdict) assert.equal(stranger.closed, verdict.closes === true, `${name}: connection closed`);
}
