import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latin1FromBytes } from '../../src/base/bytes.ts';
import { ClientProofs } from '../../src/flow/client-proofs.ts';
import { GuessLimiter } from '../../src/identity/guess-limiter.ts';
import type { Binding } from '../../src/model/binding.ts';
import { registrarConfiguration } from '../../src/model/kinds/registrar-configuration.ts';
import { Registrar, type UnbindCause } from '../../src/services/registrar/registrar.ts';
import type { SipRequest } from '../../src/sip/message.ts';
import { FakeClock } from '../../src/testing/fake-clock.ts';
import { parseMessageText } from '../../src/testing/message-text.ts';
import {
  activitiesOf,
  FakeNotifyPort,
  okValue,
  publishRequest,
  received,
  stateLine,
  TestBed,
} from '../../src/testing/presence-test-bed.ts';
import { sampleUser } from '../../src/testing/sample-configuration.ts';

const alice = sampleUser();
const limits = registrarConfiguration.defaults;
const hour = 3_600_000;
/** As by NTP after a start without a clock, a leap back, and an admin's mistake. */
const jumps = [hour, -hour, 365 * 24 * hour, -365 * 24 * hour];
let cseq = 0;

function registration(expiresSeconds: number): SipRequest {
  const parsed = parseMessageText(
    'REGISTER sip:contoso.test SIP/2.0\r\nVia: SIP/2.0/TLS a.invalid;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n' +
      `From: <sip:${alice.aor}>;tag=1\r\nTo: <sip:${alice.aor}>\r\nCall-ID: c\r\nCSeq: ${++cseq} REGISTER\r\n` +
      `Contact: <sip:alice@a.invalid>;+sip.instance="<urn:uuid:a>";expires=${expiresSeconds}\r\nContent-Length: 0\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

function signedIn() {
  const clock = new FakeClock();
  const unbound: UnbindCause[] = [];
  const registrar = new Registrar(
    clock,
    { node: 'fe1.contoso.test', incarnation: 'i' },
    { onBound() {}, onUnbound: (_: Binding, cause: UnbindCause) => void unbound.push(cause) },
  );
  assert.ok(registrar.register(alice, registration(600), 'flow', limits).ok);
  return { clock, registrar, unbound };
}

for (const jump of jumps) {
  test(`the machine's clock jumps by ${jump / hour} hours: who is signed in stays so as long as promised`, () => {
    const { clock, registrar, unbound } = signedIn();
    const [binding] = registrar.find(alice.aor);
    clock.advance(10_000);
    clock.jump(jump);
    clock.advance(580_000);
    assert.equal(registrar.find(alice.aor).length, 1);
    assert.equal(Math.round(((binding?.expiresAtMs ?? 0) - registrar.nowMs) / 1000), 10, 'what is left is told right');
    clock.advance(12_000);
    assert.deepEqual([registrar.find(alice.aor).length, unbound], [0, ['expired']]);
    // and a refresh after a jump is promised as much as ever
    assert.ok(registrar.register(alice, registration(600), 'flow', limits).ok);
    clock.jump(-2 * jump);
    clock.advance(599_000);
    assert.equal(registrar.find(alice.aor).length, 1);
    clock.advance(3_000);
    assert.equal(registrar.find(alice.aor).length, 0);
  });

  test(`the machine's clock jumps by ${jump / hour} hours: proofs, nonces and pauses last as long as before`, () => {
    const clock = new FakeClock();
    const flow = new ClientProofs(clock);
    const limiter = new GuessLimiter(clock, { freeFailures: 0, firstPauseMs: 8_000, longestPauseMs: 8_000, maxEntries: 10 });
    const nonce = flow.nonce();
    flow.authenticate({ aor: alice.aor, user: alice.id, credentialVersion: 1, expiresAtMs: clock.monotonic() + 10_000 });
    limiter.failed('a');
    clock.jump(jump);
    clock.advance(5_000);
    assert.ok(flow.identity(alice.aor));
    assert.equal(flow.checkNonce(nonce, '00000001'), 'good');
    assert.equal(limiter.pauseMs('a'), 3_000);
    clock.advance(5_000);
    assert.equal(flow.identity(alice.aor), undefined);
    assert.equal(limiter.pauseMs('a'), 0);
  });

  test(`the machine's clock jumps by ${jump / hour} hours: presence is published and watched as long as promised`, () => {
    const bed = new TestBed();
    const port = new FakeNotifyPort();
    bed.bound('desk', 'flow');
    const etag = bed.published(['busy'], 'flow', ['Expires: 600']);
    bed.subscribed('bob@contoso.test', port, { headers: ['Expires: 600'] });
    bed.clock.advance(10_000);
    bed.clock.jump(jump);
    bed.clock.advance(580_000);
    assert.deepEqual([bed.counts.publications, bed.counts.subscriptions], [1, 1]);
    // what is told after the jump is told right: what is left of the time, and the date as the machine has it now
    const again = publishRequest(undefined, [`SIP-If-Match: ${etag}`, 'Expires: 600']);
    const renewed = received(okValue(bed.service.publish(again, alice, 'flow'))).get('SIP-ETag') ?? '';
    bed.published(['away'], 'flow', [`SIP-If-Match: ${renewed}`, 'Expires: 600']);
    const last = port.sent.at(-1);
    assert.ok(last);
    assert.deepEqual(activitiesOf(last), ['away']);
    assert.equal(stateLine(last), 'active;expires=10');
    const timestamp = /<timestamp>(.*)<\/timestamp>/.exec(latin1FromBytes(last.request.body))?.[1];
    assert.equal(timestamp, new Date(bed.clock.now()).toISOString());
    bed.clock.advance(12_000);
    assert.equal(bed.counts.subscriptions, 0);
    assert.equal(stateLine(port.sent.at(-1) ?? last), 'terminated;reason=timeout');
    bed.clock.jump(-2 * jump);
    bed.clock.advance(587_000);
    assert.equal(bed.counts.publications, 1);
    bed.clock.advance(3_000);
    assert.deepEqual([bed.counts.publications, bed.seen().activity], [0, undefined]);
  });
}
