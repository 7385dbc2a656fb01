import assert from 'node:assert/strict';
import { test } from 'node:test';
import { federationErrors } from '../base/errors/federation-errors.ts';
import { type ErrorCode, errorRegistry } from '../base/errors/registry.ts';
import { failure } from '../base/failure.ts';
import { refuseInside, refuseOutside } from './refusal.ts';

/** What each decision's code is answered inside; codes of the federation that no decision here makes need a mapping all the same. */
const inside: Readonly<Partial<Record<keyof typeof federationErrors, string>>> = {
  FEDERATION_SWITCHED_OFF: '403 1012',
  TENANT_FEDERATION_SWITCHED_OFF: '403 1012',
  NOT_AUTHORISED_OUTSIDE: '403 1012',
  NOT_AUTHORISED_FEDERATION: '403 1002',
  NOT_AUTHORISED_PUBLIC: '403 1001',
  PUBLIC_AUDIO_VIDEO_DENIED: '488',
  DOMAIN_BLOCKED: '403 1005',
  DOMAIN_NOT_ALLOWED: '504 1005',
  HOSTED_DOMAIN_NOT_ALLOWED: '504 1028',
  PROVIDER_DISABLED: '504 1005',
  DEFAULT_ROUTE_NOT_SET: '504 1005',
  TARGET_IS_OWN_EDGE: '504 1005',
  DNS_UNAVAILABLE: '504 1007',
  SRV_NOT_FOUND: '504 1008',
  SRV_NAME_CONFLICT: '504 1009',
  ADDRESS_NOT_FOUND: '504 1014',
  PEER_CERTIFICATE_MISMATCH: '504 1010',
  ASSERTED_DOMAIN_CONFLICT: '504 1016',
  ASSERTED_INTERNAL_DOMAIN: '504 1017',
  INTERNAL_DOMAIN_AT_EDGE: '504 1017',
  NO_TRANSIT: '504 1005',
  REQUEST_TYPE_NOT_FEDERATED: '504 1027',
  NO_FEDERATION_ROUTE: '504 1005',
  EDGE_FEDERATION_SWITCHED_OFF: '504 1005',
  EDGE_UNREACHABLE_FROM_FRONT_END: '504 1038',
  FRONT_END_UNREACHABLE_FROM_EDGE: '504 1038',
  PEER_GAVE_NO_DIAGNOSTICS: '504 1034',
  RECIPIENT_SUSPENDED: '404 4005',
  SENDER_BLOCKED_BY_USER: '480',
  DIALOG_BLOCKED_BY_USER: '481',
  SENDER_UNVERIFIED: '480',
  SENDER_DOMAIN_UNKNOWN: '504 1015',
};

for (const [code, wanted] of Object.entries(inside) as [ErrorCode, string][]) {
  test(`${code} is ${wanted} inside and bare outside`, () => {
    const answer = refuseInside(failure(code));
    assert.equal([answer.status, answer.diagnostics?.id].filter(x => x !== undefined).join(' '), wanted);
    assert.equal(answer.diagnostics?.reason === '', false);
    const stranger = refuseOutside(failure(code), 'stranger');
    assert.equal(stranger.diagnostics ?? stranger.publicDiagnostics, undefined);
    assert.ok([404, 480, 481, 488, 504].includes(stranger.status));
    assert.equal(refuseOutside(failure(code), 'allowed-partner').diagnostics, undefined);
  });
}

test('every federation code has a mapping of its own in the registry, and none tells a stranger why', () => {
  for (const [code, definition] of Object.entries(federationErrors)) {
    assert.equal(errorRegistry[code as ErrorCode], definition, code);
    assert.ok(definition.sip.insideStatus >= 400 && definition.sip.outsideStatus >= 400, code);
    const answer = refuseOutside({ code: code as ErrorCode }, 'stranger');
    assert.deepEqual([answer.diagnostics, answer.publicDiagnostics], [undefined, undefined], code);
  }
});

test('an allowed partner gets a reason where one may leave, a stranger the same bare answer for all', () => {
  assert.deepEqual(refuseOutside(failure('REQUEST_TYPE_NOT_FEDERATED', { type: 'PUBLISH' }), 'allowed-partner'), {
    status: 504,
    reason: 'Server time-out',
    publicDiagnostics: { id: 1027, reason: 'Cannot route this type of SIP request to or from federated partners' },
  });
  const codes = [
    'DOMAIN_BLOCKED',
    'DOMAIN_NOT_ALLOWED',
    'PEER_CERTIFICATE_MISMATCH',
    'FEDERATION_SWITCHED_OFF',
    'NO_TRANSIT',
  ] as const;
  for (const code of codes) {
    assert.deepEqual(refuseOutside(failure(code), 'stranger'), { status: 504, reason: 'Server time-out' });
  }
});

test('outside, an unknown, a suspended and a forbidden user are the same', () => {
  const answers = (
    ['USER_UNKNOWN', 'RECIPIENT_SUSPENDED', 'NOT_AUTHORISED_FEDERATION', 'NOT_AUTHORISED_OUTSIDE'] as const
  ).flatMap(code => [refuseOutside(failure(code), 'stranger'), refuseOutside(failure(code), 'allowed-partner')]);
  for (const answer of answers) assert.deepEqual(answer, { status: 404 });
});

test('nobody can tell being blocked from the user being offline, nor a blocked dialog from one whose other end is gone', () => {
  const pairs = [
    ['SENDER_BLOCKED_BY_USER', 'USER_OFFLINE'],
    ['DIALOG_BLOCKED_BY_USER', 'DIALOG_UNKNOWN'],
  ] as const;
  for (const [blocked, offline] of pairs) {
    assert.deepEqual(refuseInside(failure(blocked)), refuseInside(failure(offline)));
    for (const peer of ['stranger', 'allowed-partner'] as const) {
      assert.deepEqual(refuseOutside(failure(blocked), peer), refuseOutside(failure(offline), peer));
    }
  }
});
