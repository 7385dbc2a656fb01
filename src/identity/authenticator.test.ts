import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../base/failure.ts';
import { ConnectionFlow } from '../flow/connection-flow.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { sampleUser } from '../testing/sample-configuration.ts';
import type { Connection } from '../wire/connection.ts';
import { type AuthenticationScheme, Authenticator } from './authenticator.ts';

const alice = sampleUser();
const side = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;

function scheme(name: string): AuthenticationScheme {
  return {
    recognises: credentials => credentials.some(value => value.startsWith(name)),
    check: () => ({ kind: 'refused', failure: failure('CREDENTIALS_WRONG', { login: name }) }),
    challenges: () => [`${name} realm="contoso.test"`],
    renewed: () => {},
  };
}

test('all schemes are offered, the preferred first, and the one that was answered judges', () => {
  const clock = new FakeClock();
  const flow = new ConnectionFlow({ id: 'f' } as Connection, side, clock);
  const authenticator = new Authenticator(clock, [scheme('Digest'), scheme('Other')]);
  const asked = { kind: 'challenge', stale: false, failure: failure('CREDENTIALS_REQUIRED') } as const;
  assert.deepEqual(authenticator.challenges(flow, alice.aor, asked), [
    'Digest realm="contoso.test"',
    'Other realm="contoso.test"',
  ]);
  for (const [credentials, judge] of [
    [['Other x'], 'Other'],
    [['Digest x', 'Other x'], 'Digest'],
    [[], 'Digest'],
  ] as const) {
    const verdict = authenticator.check({ flow, aor: alice.aor, method: 'REGISTER', credentials });
    assert.ok(verdict.kind === 'refused');
    assert.equal(verdict.failure.details.login, judge);
  }
});

test('what was proven counts on that flow, for as long as was said', () => {
  const clock = new FakeClock();
  const authenticator = new Authenticator(clock, [scheme('Digest')]);
  const flow = new ConnectionFlow({ id: 'f' } as Connection, side, clock);
  authenticator.authenticate(flow, alice, 60);
  assert.equal(flow.proofs.identity(alice.aor)?.user, alice.id);
  clock.advance(60_000);
  assert.equal(flow.proofs.identity(alice.aor), undefined);
});
