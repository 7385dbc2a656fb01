import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorDefinition } from '../../src/base/errors/definition.ts';
import { errorRegistry } from '../../src/base/errors/registry.ts';
import { statusReason } from '../../src/sip/status-reason.ts';

const mappings = Object.entries<ErrorDefinition>(errorRegistry).flatMap(([code, { sip }]) => (sip ? [{ code, sip }] : []));

test('rfc3261 10.3: no refusal of ours is a 6xx, which would speak for all servers of a user', () => {
  for (const { code, sip } of mappings) {
    for (const status of [sip.insideStatus, sip.outsideStatus]) assert.ok(status >= 400 && status < 600, `${code}: ${status}`);
  }
});

test('rfc3261 21: each status that we answer has its reason phrase', () => {
  for (const { code, sip } of mappings) {
    for (const status of [sip.insideStatus, sip.outsideStatus]) assert.notEqual(statusReason(status), 'Unknown', code);
  }
});
