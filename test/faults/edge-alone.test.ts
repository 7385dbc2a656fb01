import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { PartnerConnection } from '../support/partner-connection.ts';
import { killAtOnce } from '../support/process-end.ts';
import { askReplication } from '../support/replication-request.ts';
import { refusalsIn } from '../support/server-log.ts';
import { until } from '../support/until.ts';

const zone = [
  '_sipfederationtls._tcp.northwind.test SRV 0 0 5061 sip.northwind.test',
  '_sipfederationtls._tcp.southwind.test SRV 0 0 5061 sip.southwind.test',
];
const alice = 'alice@contoso.test';
const partner = 'nora@northwind.test';
/** The Edge tries its next hop again by itself; this covers its longest pause. */
const recoveryMs = 30_000;

let lab: LabUnderTest;

before(async () => {
  lab = await LabUnderTest.start(zone);
});
after(async () => {
  await assertAtRest(lab);
  await lab?.stop();
});

test('an Edge restarted without its Front End keeps the policy, and works again when the Front End is back', async t => {
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Allowed' });
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['southwind.test'], list: 'Blocked' });
  const installed = await installedVersion();
  const { frontEnd, edge } = lab.organisation('contoso').pids;
  await killAtOnce(frontEnd[0] as number);
  await killAtOnce(edge[0] as number);
  const restarted = await lab.startAgain('contoso', 'edge');
  const refusals = () => refusalsIn(readFileSync(join(lab.serverFolder('contoso', 'edge'), 'restarted.log'), 'utf8'));
  const { edge: address } = lab.organisation('contoso');
  const connection = await PartnerConnection.open(lab.issue('sip.northwind.test', 'sip.southwind.test'), {
    ...address,
    port: address.federationPort,
  });
  t.after(() => connection.close());
  // without its word about the sender the partner's users would need to be known to alice
  const headers = ['ms-asserted-verification-level: ms-source-verified-user=verified'];
  const send = (from: string, text: string) => connection.exchange({ from, to: alice, text, headers });

  await t.test('it runs from the configuration it had', async () => {
    assert.deepEqual(await installedVersion(), installed);
  });

  await t.test('an allowed partner gets 504, and the log says that the next hop cannot be reached', async () => {
    const answer = await send(partner, 'Nobody home');
    assert.equal(answer.statusLine, 'SIP/2.0 504 Server time-out');
    assert.deepEqual(namesStarting(answer.headers, 'ms-'), []);
    assert.equal((await until('a reason', () => refusals()[0])).code, 'FRONT_END_UNREACHABLE_FROM_EDGE');
  });

  await t.test('it refuses whom it refused before, for the same reasons', async () => {
    for (const [from, code] of [
      ['sven@southwind.test', 'DOMAIN_BLOCKED'],
      ['bob@fabrikam.test', 'PEER_CERTIFICATE_MISMATCH'],
      ['adam@contoso.test', 'ASSERTED_INTERNAL_DOMAIN'],
    ] as const) {
      const before = refusals().length;
      assert.equal((await send(from, 'Nobody home')).statusLine, 'SIP/2.0 504 Server time-out');
      assert.equal((await until('a reason', () => refusals()[before])).code, code);
    }
  });

  await t.test('when the Front End is back, so is everything, with the same Edge process', async () => {
    await lab.startAgain('contoso', 'frontend');
    const signedIn = await lab.signIn('contoso', alice);
    const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
    await until(
      'a message from the partner',
      async () => ((await send(partner, 'Home again')).statusLine === 'SIP/2.0 200 OK' ? true : undefined),
      recoveryMs,
    );
    assert.equal((await signedIn.waitForMessage('Home again', 1_000))?.from, partner);
    await until(
      'a message to a partner',
      async () => {
        const sent = await signedIn.sendMessage(bob.address, 'From alice');
        return sent.ok && sent.value.status === 200 ? true : undefined;
      },
      recoveryMs,
    );
    assert.equal((await bob.waitForMessage('From alice', 1_000))?.from, alice);
    // `run` fails where a change is not applied on the Edge
    await until('the Edge to follow', followed, recoveryMs);
    await lab.run('contoso', 'Set-CsFederatedDomain', { identity: ['northwind.test'], list: 'Blocked' });
    assert.equal((await send(partner, 'Blocked now')).statusLine, 'SIP/2.0 504 Server time-out');
    assert.ok(restarted.running);
    assert.equal((await status()).pid, restarted.pid);
  });
});

/** What the Edge itself says, to somebody with the certificate of its Front End. */
async function status() {
  return (await askReplication(lab, ['contoso', 'frontend'], 'GET', '/v1/status')).body;
}

async function installedVersion() {
  const { installed } = await status();
  assert.ok(installed);
  const { version, hash } = installed;
  return { version, hash };
}

async function followed(): Promise<true | undefined> {
  const { objects } = await lab.run('contoso', 'Get-CsManagementStoreReplicationStatus');
  return objects.every(({ upToDate }) => upToDate === true) ? true : undefined;
}

function namesStarting(headers: readonly (readonly [string, string])[], start: string): readonly string[] {
  return headers.map(([name]) => name).filter(name => name.toLowerCase().startsWith(start));
}
