import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Aor, SipDomain } from '../model/names.ts';
import { openEdgeRoute, sealEdgeRoute } from './edge-route.ts';
import { endpointMark, openFrontEndRoute, sealFrontEndRoute } from './front-end-route.ts';
import { RouteSeal } from './route-seal.ts';

const key = { id: 1, key: randomBytes(32) };
const seal = new RouteSeal([key]);
const route = {
  callId: 'c1',
  callerTag: 'a',
  caller: { aor: 'alice@contoso.test' as Aor, flow: 'f1', endpoint: endpointMark('<urn:uuid:a>') },
  callee: { aor: 'bob@fabrikam.test' as Aor, flow: '', endpoint: '' },
  calledAs: '' as const,
};

test('a route opens for its own dialog, in both directions, however old it is', () => {
  const token = sealFrontEndRoute(seal, route);
  assert.match(token, /^[\w-]+$/);
  assert.deepEqual(openFrontEndRoute(seal, token, { callId: 'c1', fromTag: 'a', toTag: 'b' }), route);
  assert.deepEqual(openFrontEndRoute(seal, token, { callId: 'c1', fromTag: 'b', toTag: 'a' }), route);
  const rows: [string, { callId: string; fromTag: string | undefined; toTag: string | undefined }][] = [
    ['another call', { callId: 'c2', fromTag: 'a', toTag: 'b' }],
    ['another dialog of the call', { callId: 'c1', fromTag: 'x', toTag: 'b' }],
    ['no tags', { callId: 'c1', fromTag: undefined, toTag: undefined }],
  ];
  for (const [name, request] of rows) assert.equal(openFrontEndRoute(seal, token, request), undefined, name);
});

test('a changed, foreign or nonsense token opens nothing', () => {
  const token = sealFrontEndRoute(seal, route);
  const request = { callId: 'c1', fromTag: 'a', toTag: 'b' };
  const stranger = new RouteSeal([{ id: 1, key: randomBytes(32) }]);
  for (let i = 0; i < token.length; i++) {
    const changed = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1);
    const opened = openFrontEndRoute(seal, changed, request);
    // base64url has bits at the end that say nothing
    if (i < token.length - 1) assert.equal(opened, undefined, `character ${i}`);
  }
  for (const bad of ['', 'x', '%%%', sealFrontEndRoute(stranger, route), seal.seal(['f']), seal.seal(['e', 'inside'])]) {
    assert.equal(openFrontEndRoute(seal, bad, request), undefined);
    assert.equal(openEdgeRoute(seal, bad, 'inside', request), undefined);
  }
});

test('a route sealed with the previous key still opens', () => {
  const next = new RouteSeal([{ id: 2, key: randomBytes(32) }, key]);
  assert.ok(openFrontEndRoute(next, sealFrontEndRoute(seal, route), { callId: 'c1', fromTag: 'a', toTag: 'b' }));
});

test("an Edge's route is for one side and carries the inner routes", () => {
  const edge = {
    side: 'outside' as const,
    callId: 'c1',
    callerTag: 'a',
    remoteDomain: 'fabrikam.test' as SipDomain,
    inner: ['<sip:t@fe.contoso.test;lr>'],
  };
  const token = sealEdgeRoute(seal, edge);
  const request = { callId: 'c1', fromTag: 'b', toTag: 'a' };
  assert.deepEqual(openEdgeRoute(seal, token, 'outside', request), edge);
  assert.equal(openEdgeRoute(seal, token, 'inside', request), undefined);
  assert.deepEqual(openEdgeRoute(seal, sealEdgeRoute(seal, { ...edge, inner: [] }), 'outside', request)?.inner, []);
});

test('a dialog that began with an earlier version keeps its route, whatever end that set', () => {
  const request = { callId: 'c1', fromTag: 'a', toTag: 'b' };
  const { caller, callee } = route;
  const ends = [caller, callee].flatMap(({ aor, flow, endpoint }) => [aor, flow, endpoint]);
  assert.deepEqual(openFrontEndRoute(seal, seal.seal(['f', 'c1', 'a', ...ends, '', '1']), request), route);
  const former = seal.seal(['e', 'outside', 'c1', 'a', 'fabrikam.test', '', '', '1', '<sip:t@fe.contoso.test;lr>']);
  assert.deepEqual(openEdgeRoute(seal, former, 'outside', request)?.inner, ['<sip:t@fe.contoso.test;lr>']);
});

test('what an address holds stays in its own field, whatever it is', () => {
  const request = { callId: 'c1', fromTag: 'a', toTag: 'b' };
  for (const odd of ['x\ny@northwind.test', 'x%0ay@northwind.test', 'x%0Ay%25@northwind.test', '%\n%0A%25@northwind.test']) {
    const called = { ...route, calledAs: odd as Aor };
    assert.deepEqual(openFrontEndRoute(seal, sealFrontEndRoute(seal, called), request), called);
    const forwarded = { calledAs: odd as Aor, calleeDomain: 'contoso.test' as SipDomain };
    const edge = {
      callId: 'c1',
      callerTag: 'a',
      remoteDomain: 'northwind.test' as SipDomain,
      forwarded,
    };
    const crossing = { ...edge, side: 'outside' as const, inner: ['<sip:t%0A@fe.contoso.test;lr>'] };
    assert.deepEqual(openEdgeRoute(seal, sealEdgeRoute(seal, crossing), 'outside', request), crossing);
  }
});
