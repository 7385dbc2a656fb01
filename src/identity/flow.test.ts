import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor, UserId } from '../model/names.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { computeDigestResponse, computeHa1, digestMatches } from './digest.ts';
import { Flow } from './flow.ts';

test('digest responses equal the published examples', () => {
  // rfc7616 3.9.1
  const common = {
    username: 'Mufasa',
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    uri: '/dir/index.html',
    qop: 'auth',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };
  const md5 = { ...common, algorithm: 'MD5' as const, response: '8ca523f5e9506fed4657c9700eebdbec' };
  const sha = {
    ...common,
    algorithm: 'SHA-256' as const,
    response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  };
  for (const credentials of [md5, sha]) {
    const ha1 = computeHa1(credentials.algorithm, common.username, common.realm, 'Circle of Life');
    assert.equal(computeDigestResponse(ha1, credentials, 'GET'), credentials.response);
    assert.ok(digestMatches(ha1, credentials, 'GET'));
    assert.ok(!digestMatches(ha1, credentials, 'POST'));
    assert.ok(!digestMatches(ha1, { ...credentials, response: '00' }, 'GET'));
  }
});

test('a nonce is good once per count, stale when old, unknown on another flow', () => {
  const clock = new FakeClock();
  const flow = new Flow('f1', clock);
  const nonce = flow.nonce();
  assert.equal(flow.checkNonce(nonce, '00000001'), 'good');
  assert.equal(flow.checkNonce(nonce, '00000001'), 'stale');
  assert.equal(flow.checkNonce(nonce, '00000002'), 'good');
  assert.equal(new Flow('f2', clock).checkNonce(nonce, '00000003'), 'unknown');
  assert.equal(flow.checkNonce('', undefined), 'unknown');
  clock.advance(601_000);
  assert.equal(flow.checkNonce(nonce, '00000003'), 'stale');
  assert.notEqual(flow.nonce(), nonce);
  assert.equal(flow.checkNonce(nonce, '00000004'), 'stale');
});

test('a used nonce can be ended, and the next one is counted from one again', () => {
  const flow = new Flow('f', new FakeClock());
  const nonce = flow.nonce();
  flow.retireUsedNonce();
  assert.equal(flow.nonce(), nonce, 'not used yet');
  assert.equal(flow.checkNonce(nonce, '00000001'), 'good');
  flow.retireUsedNonce();
  const next = flow.nonce();
  assert.notEqual(next, nonce);
  assert.equal(flow.checkNonce(nonce, '00000002'), 'stale');
  assert.equal(flow.checkNonce(next, '00000001'), 'good');
});

test('credentials without qop are good once per nonce', () => {
  const flow = new Flow('f', new FakeClock());
  assert.equal(flow.checkNonce(flow.nonce(), undefined), 'good');
  assert.equal(flow.checkNonce(flow.nonce(), undefined), 'stale');
});

test('an identity ends by time and by revocation', () => {
  const clock = new FakeClock();
  const flow = new Flow('f', clock);
  const aor = 'alice@contoso.test' as Aor;
  flow.authenticate({ aor, user: 'u' as UserId, credentialVersion: 1, expiresAtMs: clock.monotonic() + 1000 });
  assert.ok(flow.identity(aor));
  assert.equal(flow.identity('bob@contoso.test' as Aor), undefined);
  clock.advance(1000);
  assert.equal(flow.identity(aor), undefined);
  flow.authenticate({ aor, user: 'u' as UserId, credentialVersion: 1, expiresAtMs: clock.monotonic() + 1000 });
  assert.ok(flow.authenticated);
  flow.revoke(aor);
  assert.equal(flow.identity(aor), undefined);
  assert.ok(!flow.authenticated);
});
