import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type DialogEnd, endpointMark } from '../dialog/front-end-route.ts';
import { RouteSeal } from '../dialog/route-seal.ts';
import { ClientFlows } from '../flow/client-flows.ts';
import type { Binding } from '../model/binding.ts';
import type { Aor } from '../model/names.ts';
import { readParty } from '../routing/request-address.ts';
import { createRequest } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import type { SipRequest } from '../sip/message.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { parseMessage } from '../testing/message-text.ts';
import type { Connection } from '../wire/connection.ts';
import { flowToEnd, partyOfEnd, readDialogRoute, recordRoute } from './dialog-route.ts';

const alice: DialogEnd = { aor: 'alice@contoso.test' as Aor, flow: 'f1', endpoint: '' };
const adam: DialogEnd = { aor: 'adam@contoso.test' as Aor, flow: 'f2', endpoint: '' };
const bob: DialogEnd = { aor: 'bob@fabrikam.test' as Aor, flow: '', endpoint: '' };
const alicesPhone: DialogEnd = { aor: alice.aor, flow: 'f3', endpoint: '' };
const routeSeal = new RouteSeal([{ id: 1, key: randomBytes(32) }]);
const clientSide = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;
const noBindings = { find: () => [] };
const parts = { routeSeal, clientSide, fqdn: 'fe1.contoso.test', registrar: noBindings };

interface Sent {
  readonly method?: string;
  readonly requestUri?: string;
  readonly callId?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly route?: readonly string[];
  readonly headers?: readonly HeaderLine[];
  readonly to?: string;
}

function request({
  method = 'BYE',
  requestUri = 'sip:someone@192.0.2.7:41034;transport=tls',
  callId = 'c1',
  fromTag = 'caller',
  toTag,
  route = [],
  headers = [],
  to = 'another@contoso.test',
}: Sent): SipRequest {
  const message = createRequest({
    method,
    requestUri,
    via: 'SIP/2.0/TLS client.invalid;branch=z9hG4bK1',
    from: `<sip:somebody@contoso.test>;tag=${fromTag}`,
    to: `<sip:${to}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    callId,
    cseq: 1,
    route,
    headers,
  });
  const parsed = parseMessage(message.head, message.body);
  assert.ok(parsed.ok && parsed.value.kind === 'request');
  return parsed.value;
}

/** The one Record-Route value for a dialog. */
function recorded(caller: DialogEnd, callee: DialogEnd): string {
  const [line] = recordRoute(parts, request({ method: 'INVITE' }), caller, callee);
  assert.equal(line?.[0], 'Record-Route');
  return (line as HeaderLine)[1];
}

test('the route names us, to be found again, and nothing else that can be read', () => {
  const value = recorded(alice, bob);
  assert.match(value, /^<sip:[\w-]+@fe\.contoso\.test:5061;transport=tls;lr>$/);
  assert.doesNotMatch(value, /alice|bob/);
});

test('rfc3261 16.6 step 4: a call for a SIPS URI gets a SIPS route, which leads back all the same', () => {
  const invite = request({ method: 'INVITE', requestUri: 'sips:adam@contoso.test' });
  const [line] = recordRoute(parts, invite, alice, adam);
  assert.match(line?.[1] ?? '', /^<sips:[\w-]+@fe\.contoso\.test:5061;lr>$/);
  const dialog = readDialogRoute(parts, request({ route: [line?.[1] ?? ''], toTag: 'callee' }), alice.aor);
  assert.equal(dialog?.end.aor, adam.aor);
});

test('only requests that may make a dialog get a route', () => {
  for (const [method, toTag, wanted] of [
    ['INVITE', undefined, true],
    ['REFER', undefined, true],
    ['SUBSCRIBE', undefined, true],
    ['INVITE', 'callee', false],
    ['MESSAGE', undefined, false],
    ['OPTIONS', undefined, false],
    ['BYE', 'callee', false],
  ] as const) {
    const sent = request({ method, ...(toTag === undefined ? {} : { toTag }) });
    assert.equal(recordRoute(parts, sent, alice, adam).length, wanted ? 1 : 0, `${method} ${toTag}`);
  }
});

test('a request goes to the other end, from either side', () => {
  for (const [caller, callee] of [
    [alice, adam],
    [alice, bob],
    [bob, alice],
    [alice, alicesPhone],
  ] as const) {
    const route = [recorded(caller, callee)];
    const token = /sip:([^@]+)@/.exec(route[0] as string)?.[1];
    const fromCaller = readDialogRoute(parts, request({ route, toTag: 'callee' }), caller.aor);
    assert.deepEqual(fromCaller, { sender: caller, end: callee, toCaller: false, token, rest: [] });
    const fromCallee = readDialogRoute(parts, request({ route, fromTag: 'callee', toTag: 'caller' }), callee.aor);
    assert.deepEqual(fromCallee, { sender: callee, end: caller, toCaller: true, token, rest: [] });
  }
});

test('a request of somebody else, of another dialog, without our route or with a forged one belongs to no dialog', () => {
  const value = recorded(alice, bob);
  const token = value.slice('<sip:'.length, value.indexOf('@'));
  const at = Math.floor(token.length / 2);
  const changed = value.replace(token, `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`);
  const rows: [string, Sent, Aor][] = [
    ['another user of ours', { route: [value], toTag: 'x' }, adam.aor],
    ['the callee under the tag of the caller', { route: [value], toTag: 'x' }, bob.aor],
    ['the caller under another tag', { route: [value], fromTag: 'x', toTag: 'caller' }, alice.aor],
    ['another call', { route: [value], toTag: 'x', callId: 'c2' }, alice.aor],
    ['another dialog of the call', { route: [value], fromTag: 'x', toTag: 'y' }, alice.aor],
    ['no route', { toTag: 'x' }, alice.aor],
    ['a changed token', { route: [changed], toTag: 'x' }, alice.aor],
    ['our name alone', { route: ['<sip:fe.contoso.test;lr>'], toTag: 'x' }, alice.aor],
    ['a route that cannot be read', { route: ['<tel:+1>', value], toTag: 'x' }, alice.aor],
    ["somebody else's route before ours", { route: ['<sip:proxy.northwind.test;lr>', value], toTag: 'x' }, alice.aor],
  ];
  for (const [name, sent, from] of rows) assert.equal(readDialogRoute(parts, request(sent), from), undefined, name);
});

test('what stands after our route is the rest of the way; an outbound proxy entry of the client before it is passed over', () => {
  const edge = '<sip:token@edge.contoso.test:5061;transport=tls;lr>';
  for (const before of [[], ['<sip:fe1.contoso.test:5061;transport=tls;lr>'], ['<sip:FE.contoso.test;lr>']]) {
    const route = [...before, recorded(alice, bob), edge];
    const found = readDialogRoute(parts, request({ route, toTag: 'x' }), alice.aor);
    assert.deepEqual(found?.rest, [{ host: 'edge.contoso.test', token: 'token', text: edge }]);
  }
});

test('policy judges the end that the request really goes to', () => {
  const claimed = readParty('sip:adam@contoso.test');
  assert.ok(claimed.ok);
  const { aor, domain } = partyOfEnd(bob, claimed.value);
  assert.deepEqual([aor, domain], [bob.aor, 'fabrikam.test']);
});

const contactUri = 'sip:alice@192.168.1.2:5061;transport=tls';
const desk = '<urn:uuid:desk>';
const phone = '<urn:uuid:phone>';

function bound(...endpoints: readonly (readonly [instance: string, flow: string, contactUri?: string])[]) {
  const bindings = endpoints.map(([instance, flow, uri = contactUri]) => ({ instance, flow, contactUri: uri }) as Binding);
  return { find: () => bindings };
}

/** The flows of clients: of connections that are open, and of some that are closing. */
function connected(open: readonly string[], closing: readonly string[] = []) {
  const flows = new ClientFlows(new FakeClock(), { transport: 'TLS', host: 'fe.contoso.test', port: 5061 });
  for (const id of [...open, ...closing])
    flows.of({ id, transport: 'TLS', closing: closing.includes(id) } as unknown as Connection);
  return flows;
}

const noInstance = contactUri;
const reached: readonly (readonly [string, ReturnType<typeof bound>, ClientFlows, instance: string, flow: string | undefined])[] =
  [
    ['its flow', bound([desk, 'f1'], [phone, 'f3']), connected(['f1', 'f3']), desk, 'f1'],
    [
      'the one it has come back with, and no endpoint with its Contact',
      bound([phone, 'f3'], [desk, 'f4']),
      connected(['f3', 'f4']),
      desk,
      'f4',
    ],
    [
      'its newest, though the old one seems to be there',
      bound([phone, 'f3'], [desk, 'f4']),
      connected(['f1', 'f3', 'f4']),
      desk,
      'f4',
    ],
    ['its newest, as the old one is closing', bound([desk, 'f4']), connected(['f4'], ['f1']), desk, 'f4'],
    ['the old one, as the newest is closing', bound([desk, 'f4']), connected(['f1'], ['f4']), desk, 'f1'],
    ['its flow, though it has signed out', bound([phone, 'f3']), connected(['f1', 'f3']), desk, 'f1'],
    ['none, as it is away and another endpoint is no substitute', bound([phone, 'f3']), connected(['f3']), desk, undefined],
    ['none, as all are closing', bound([desk, 'f4']), connected([], ['f1', 'f4']), desk, undefined],
    [
      'without an instance its flow, as another may have the same Contact',
      bound([noInstance, 'f4']),
      connected(['f1', 'f4']),
      noInstance,
      'f1',
    ],
    ['without an instance the flow it has come back with', bound([noInstance, 'f4']), connected(['f4']), noInstance, 'f4'],
    ['never registered: its flow', bound([phone, 'f3']), connected(['f1', 'f3']), '', 'f1'],
    [
      'never registered: the flow with its Contact',
      bound([phone, 'f3', 'sip:x'], [desk, 'f4']),
      connected(['f3', 'f4']),
      '',
      'f4',
    ],
    [
      'never registered: none, as two have its Contact',
      bound([phone, 'f3'], [desk, 'f4']),
      connected(['f3', 'f4']),
      '',
      undefined,
    ],
  ];

for (const [what, registrar, flows, instance, flow] of reached) {
  test(`an end is reached over ${what}`, () => {
    const end: DialogEnd = { ...alice, endpoint: instance === '' ? '' : endpointMark(instance) };
    assert.equal(flowToEnd({ registrar, flows }, end, contactUri)?.id, flow);
  });
}

test('the route knows the endpoint of the caller by its flow, and among several by its Contact', () => {
  const contact: HeaderLine = ['Contact', `<${contactUri}>`];
  for (const [registrar, instance] of [
    [bound([phone, 'f3'], [desk, 'f1']), desk],
    [bound([phone, 'f1', 'sip:x'], [desk, 'f1']), desk],
    [bound([phone, 'f1', 'sip:x'], [desk, 'f1', 'sip:y']), undefined],
    [bound([phone, 'f3']), undefined],
  ] as const) {
    const invite = request({ method: 'INVITE', headers: [contact] });
    const [[, value] = ['', '']] = recordRoute({ ...parts, registrar }, invite, alice, { ...adam, instance: phone });
    const fromCallee = request({ route: [value], fromTag: 'callee', toTag: 'caller' });
    assert.equal(readDialogRoute(parts, fromCallee, adam.aor)?.end.endpoint, instance ? endpointMark(instance) : '');
    assert.equal(
      readDialogRoute(parts, request({ route: [value], toTag: 'callee' }), alice.aor)?.end.endpoint,
      endpointMark(phone),
    );
  }
});

const carol: DialogEnd = { aor: 'carol@northwind.test' as Aor, flow: '', endpoint: '' };
const asked = request({ method: 'INVITE', to: bob.aor });
const forwardedFrom: readonly (readonly [who: string, from: Aor, tag: string, sender: DialogEnd | undefined])[] = [
  ['the caller', alice.aor, 'caller', alice],
  ['the callee, with whom was called in From', bob.aor, 'callee', carol],
  ['the callee, with its own address in From', carol.aor, 'callee', carol],
  ['the caller, as whom was called', bob.aor, 'caller', undefined],
  ['the callee, as the caller', alice.aor, 'callee', undefined],
  ['the callee, as somebody else of the domain that was called', 'beth@fabrikam.test' as Aor, 'callee', undefined],
  ['the callee, as somebody else', adam.aor, 'callee', undefined],
];

for (const [who, from, tag, sender] of forwardedFrom) {
  test(`in a call that was forwarded a request of ${who} ${sender ? 'is of its end' : 'is of nobody'}`, () => {
    const [[, value] = ['', '']] = recordRoute(parts, asked, alice, carol);
    const inside = request({ route: [value], fromTag: tag, toTag: tag === 'caller' ? 'callee' : 'caller' });
    const placed = readDialogRoute(parts, inside, from);
    assert.deepEqual(placed?.sender, sender);
    if (sender) assert.equal(placed?.end.aor, sender === alice ? carol.aor : alice.aor);
  });
}

test('whom a call was for makes no difference where that is the callee, or nobody who could send', () => {
  for (const to of [carol.aor, 'fabrikam.test', 'CAROL@northwind.TEST;gr=x']) {
    const [[, value] = ['', '']] = recordRoute(parts, request({ method: 'INVITE', to }), alice, carol);
    const inside = request({ route: [value], fromTag: 'callee', toTag: 'caller' });
    assert.equal(readDialogRoute(parts, inside, bob.aor), undefined);
    assert.equal(readDialogRoute(parts, inside, carol.aor)?.sender.aor, carol.aor);
  }
});
