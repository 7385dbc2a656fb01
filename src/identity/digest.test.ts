import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeDigestResponse, computeHa1, digestMatches } from './digest.ts';

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
