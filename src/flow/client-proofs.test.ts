import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor, UserId } from '../model/names.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { ClientProofs } from './client-proofs.ts';

test('a nonce is good once per count, stale when old, unknown on another flow', () => {
  const clock = new FakeClock();
  const proofs = new ClientProofs(clock);
  const nonce = proofs.nonce();
  assert.equal(proofs.checkNonce(nonce, '00000001'), 'good');
  assert.equal(proofs.checkNonce(nonce, '00000001'), 'stale');
  assert.equal(proofs.checkNonce(nonce, '00000002'), 'good');
  assert.equal(new ClientProofs(clock).checkNonce(nonce, '00000003'), 'unknown');
  assert.equal(proofs.checkNonce('', undefined), 'unknown');
  clock.advance(601_000);
  assert.equal(proofs.checkNonce(nonce, '00000003'), 'stale');
  assert.notEqual(proofs.nonce(), nonce);
  assert.equal(proofs.checkNonce(nonce, '00000004'), 'stale');
});

test('a used nonce can be ended, and the next one is counted from one again', () => {
  const proofs = new ClientProofs(new FakeClock());
  const nonce = proofs.nonce();
  proofs.retireUsedNonce();
  assert.equal(proofs.nonce(), nonce, 'not used yet');
  assert.equal(proofs.checkNonce(nonce, '00000001'), 'good');
  proofs.retireUsedNonce();
  const next = proofs.nonce();
  assert.notEqual(next, nonce);
  assert.equal(proofs.checkNonce(nonce, '00000002'), 'stale');
  assert.equal(proofs.checkNonce(next, '00000001'), 'good');
});

test('credentials without qop are good once per nonce', () => {
  const proofs = new ClientProofs(new FakeClock());
  assert.equal(proofs.checkNonce(proofs.nonce(), undefined), 'good');
  assert.equal(proofs.checkNonce(proofs.nonce(), undefined), 'stale');
});

test('an identity ends by time and by revocation', () => {
  const clock = new FakeClock();
  const proofs = new ClientProofs(clock);
  const aor = 'alice@contoso.test' as Aor;
  proofs.authenticate({ aor, user: 'u' as UserId, credentialVersion: 1, expiresAtMs: clock.monotonic() + 1000 });
  assert.ok(proofs.identity(aor));
  assert.equal(proofs.identity('bob@contoso.test' as Aor), undefined);
  clock.advance(1000);
  assert.equal(proofs.identity(aor), undefined);
  proofs.authenticate({ aor, user: 'u' as UserId, credentialVersion: 1, expiresAtMs: clock.monotonic() + 1000 });
  assert.ok(proofs.authenticated);
  proofs.revoke(aor);
  assert.equal(proofs.identity(aor), undefined);
  assert.ok(!proofs.authenticated);
});
