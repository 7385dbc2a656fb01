import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { EdgeRoute } from '../dialog/edge-route.ts';
import { RouteSeal } from '../dialog/route-seal.ts';
import { type Aor, domainOfAor, type SipDomain } from '../model/names.ts';
import { createRequest, createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { parseMessage } from '../testing/message-text.ts';
import { type CrossingDialog, crossingDialog, type DialogDomains, partiesInDialog, readDialogRoute } from './dialog-route.ts';

const fabrikam = 'fabrikam.test' as SipDomain;
const callee = 'callee@fabrikam.test' as Aor;
const domains: DialogDomains = { remoteDomain: fabrikam, callee: party(callee) };
const parts = {
  routeSeal: new RouteSeal([{ id: 1, key: randomBytes(32) }]),
  insideSide: { transport: 'TLS', host: 'edge1.contoso.test', port: 5062 },
  outsideSide: { transport: 'TLS', host: 'sip.contoso.test', port: 5061 },
} as const;
const frontEnds = ['<sip:two@fe2.contoso.test;lr>', '<sip:one@fe1.contoso.test;lr>'];
const partners = ['<sip:b@edge.fabrikam.test;lr>', '<sip:a@sbc.fabrikam.test;lr>'];
const outsideRoute = /^<sip:[\w-]+@sip\.contoso\.test:5061;transport=tls;lr>$/;
const insideRoute = /^<sip:[\w-]+@edge1\.contoso\.test:5062;transport=tls;lr>$/;

function party(aor: string) {
  return { aor: aor as Aor, domain: domainOfAor(aor as Aor), hasHeaders: false };
}

function parsed(message: OutgoingMessage): SipRequest | SipResponse {
  const result = parseMessage(message.head, message.body);
  assert.ok(result.ok);
  return result.value;
}

interface Sent {
  readonly method?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly recordRoute?: readonly string[];
  readonly route?: readonly string[];
  readonly to?: string;
}

function request({ method = 'INVITE', fromTag = 'caller', toTag, recordRoute = [], route = [], to = callee }: Sent): SipRequest {
  const message = createRequest({
    method,
    requestUri: 'sip:callee@192.0.2.7',
    via: 'SIP/2.0/TLS fe1.contoso.test;branch=z9hG4bK1',
    from: `<sip:caller@contoso.test>;tag=${fromTag}`,
    to: `<sip:${to}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    callId: 'c1',
    cseq: 1,
    route,
    headers: recordRoute.map((value): HeaderLine => ['Record-Route', value]),
  });
  return parsed(message) as SipRequest;
}

function answer(recordRoute: readonly string[], status = 200): SipResponse {
  const headers = recordRoute.map((value): HeaderLine => ['Record-Route', value]);
  return parsed(createResponse(request({}), status, { toTag: 'callee', recordRoute: false, headers })) as SipResponse;
}

function values(lines: readonly HeaderLine[]): string[] {
  return lines.map(([name, value]) => {
    assert.equal(name, 'Record-Route');
    return value;
  });
}

function crossing(sent: Sent, from: EdgeRoute['side']): CrossingDialog {
  const found = crossingDialog(parts, request(sent), from, domains);
  assert.ok(found);
  return found;
}

test("outbound: the partner sees one route of ours, and our servers get theirs back with the partner's", () => {
  const { forward, backward } = crossing({ recordRoute: frontEnds }, 'inside');
  const [ours = '', ...more] = values(forward);
  assert.match(ours, outsideRoute);
  assert.deepEqual(more, []);
  for (const status of [180, 200]) {
    const [first, second, between = '', ...rest] = values(backward(answer([...partners, ours], status)));
    assert.deepEqual([first, second], partners);
    assert.match(between, insideRoute);
    assert.deepEqual(rest, frontEnds);
  }
  const back = readDialogRoute(parts, request({ method: 'BYE', fromTag: 'callee', toTag: 'caller', route: [ours] }), 'outside');
  assert.deepEqual(back?.route.inner, frontEnds, 'the Route inside begins with the server nearest to the Edge');
  assert.equal(back?.route.remoteDomain, fabrikam);
});

test("inbound: the partner's routes pass, and the answer's routes of our servers are sealed into one", () => {
  const { forward, backward } = crossing({ recordRoute: partners }, 'outside');
  const [ours = '', ...theirs] = values(forward);
  assert.match(ours, insideRoute);
  assert.deepEqual(theirs, partners);
  // fe1 stands nearer to the user, so it has put its route on top of that of fe2
  const [outer = '', ...rest] = values(backward(answer([...frontEnds.toReversed(), ours, ...partners])));
  assert.match(outer, outsideRoute);
  assert.deepEqual(rest, partners);
  const next = readDialogRoute(parts, request({ method: 'ACK', toTag: 'callee', route: [outer] }), 'outside');
  assert.deepEqual(next?.route.inner, frontEnds, 'the Route inside begins with the server nearest to the Edge');
  const out = request({ method: 'BYE', fromTag: 'callee', toTag: 'caller', route: [ours, ...partners] });
  const found = readDialogRoute(parts, out, 'inside');
  assert.deepEqual(
    found?.rest.map(({ text }) => text),
    partners,
  );
});

test('an answer that writes our route in another form is understood, one that has lost it gives no route away', () => {
  const { forward, backward } = crossing({ recordRoute: frontEnds }, 'inside');
  const [ours = ''] = values(forward);
  const rewritten = ours.replace(';transport=tls;lr', ';lr;transport=TLS');
  assert.equal(values(backward(answer([rewritten]))).length, 1 + frontEnds.length);
  assert.deepEqual(backward(answer([])), []);
  assert.deepEqual(backward(answer(partners)), []);
});

test('a route is for its own side', () => {
  const [outside = ''] = values(crossing({ recordRoute: frontEnds }, 'inside').forward);
  const [inside = ''] = values(crossing({}, 'outside').forward);
  for (const [value, side, good] of [
    [outside, 'outside', true],
    [outside, 'inside', false],
    [inside, 'inside', true],
    [inside, 'outside', false],
    [outside.replace('<sip:', '<sip:x'), 'outside', false],
    ['<sip:sip.contoso.test;lr>', 'outside', false],
  ] as const) {
    const sent = request({ method: 'BYE', toTag: 'callee', route: [value] });
    assert.equal(readDialogRoute(parts, sent, side) !== undefined, good, `${value} ${side}`);
  }
});

test('only requests that may make a dialog get a route', () => {
  for (const sent of [{ method: 'MESSAGE' }, { method: 'INVITE', toTag: 'x' }, { method: 'BYE', toTag: 'x' }]) {
    assert.equal(crossingDialog(parts, request(sent), 'inside', domains), undefined, sent.method);
  }
});

/** Begun inside by caller@contoso.test, who called `to` and reached callee@fabrikam.test, or the other way round. */
function forwarded(side: EdgeRoute['side'], to: string) {
  const begun = request({ to });
  const local = { remoteDomain: 'contoso.test' as SipDomain, callee: party(callee) };
  const crossing = crossingDialog(parts, begun, side === 'outside' ? 'inside' : 'outside', side === 'outside' ? domains : local);
  const [route = ''] = values(crossing?.forward ?? []);
  return (fromTag: string, from: string, target: string) => {
    const inside = request({ method: 'BYE', fromTag, toTag: fromTag === 'caller' ? 'callee' : 'caller', route: [route] });
    const dialog = readDialogRoute(parts, inside, side);
    assert.ok(dialog);
    const parties = partiesInDialog(dialog, inside, { from: party(from), target: party(target) });
    return [parties.from.domain, parties.target.domain];
  };
}

const caller = 'caller@contoso.test';
const called = 'adam@contoso.test';
const parties: readonly (readonly [
  what: string,
  to: string,
  tag: string,
  from: string,
  target: string,
  is: readonly string[],
])[] = [
  ['the callee, as who was called', called, 'callee', called, caller, [fabrikam, 'contoso.test']],
  ['the callee, as another of that domain', called, 'callee', 'eve@contoso.test', caller, ['contoso.test', 'contoso.test']],
  ['the callee, as itself', called, 'callee', callee, caller, [fabrikam, 'contoso.test']],
  ['the caller, to who was called', called, 'caller', caller, called, ['contoso.test', fabrikam]],
  ['the caller, to somebody else', called, 'caller', caller, 'x@northwind.test', ['contoso.test', 'northwind.test']],
  ['the caller, as who was called', called, 'caller', called, called, ['contoso.test', fabrikam]],
  ['the callee of a call that nobody forwarded, as another', callee, 'callee', called, caller, ['contoso.test', 'contoso.test']],
];

for (const [what, to, tag, from, target, is] of parties) {
  test(`whose domains count in a request of ${what}`, () => {
    for (const side of ['outside', 'inside'] as const) assert.deepEqual(forwarded(side, to)(tag, from, target), is, side);
  });
}
