import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { JssipClient } from '../interop/jssip-client.ts';
import { provideWebSocket } from '../interop/websocket-client.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import { WorkerPlaces } from '../support/worker-place.ts';

let lab: LabUnderTest;
before(async () => {
  lab = await LabUnderTest.start([], ['--workers', '2', '--load-users', '2']);
  provideWebSocket(lab.file.ca);
});
after(() => lab?.stop());

test('a client over WebSocket, wherever it is, and clients over TLS at both workers reach each other', async t => {
  const places = new WorkerPlaces(lab, 'contoso');
  const { wssUrl } = lab.organisation('contoso').frontEnd;
  const alice = new JssipClient({ address: 'alice@contoso.test', login: 'alice', password: 'pw-alice', wssUrl });
  t.after(() => alice.stop());
  assert.equal(await alice.register(), 200);
  for (const slot of [0, 1]) {
    const other = await places.connectTo(
      slot,
      () => lab.signIn('contoso', `u${slot}@contoso.test`),
      endpoint => endpoint.close(),
    );
    const sent = await other.sendMessage(alice.address, `grüße von ${slot}`);
    assert.equal(sent.ok && sent.value.status, 200);
    await until(`the message of worker ${slot}`, () => alice.inbox.find(({ text }) => text === `grüße von ${slot}`));
    assert.equal(await alice.sendMessage(other.address, `zurück zu ${slot}`), 200);
    assert.ok(await other.waitForMessage(`zurück zu ${slot}`, 5_000));
    await alice.watch(other.address);
    await until('the state of both', () =>
      alice.notified.filter(body => body.includes('<basic>open')).length > slot ? true : undefined,
    );
  }
});
