import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRequest, createResponse } from '../sip/create-message.ts';
import type { HeaderLine } from '../sip/header-line.ts';
import { selectHeaders } from '../sip/header-selection.ts';
import type { SipMessage, SipRequest } from '../sip/message.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { parseMessage } from '../testing/message-text.ts';
import { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionConnection } from '../transaction/transaction-connection.ts';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Branch } from './branch.ts';
import { backwardResponse, forwardRequest } from './forward.ts';
import { type RelayRules, relayToAll, relayToOne } from './relay.ts';
import { RelayTable, reasonOfCancel } from './relay-table.ts';

class FakeConnection implements TransactionConnection {
  readonly id: string;
  readonly reliable = true;
  readonly sent: SipMessage[] = [];
  constructor(id: string) {
    this.id = id;
  }
  send(message: OutgoingMessage): boolean {
    this.sent.push(parsed(message));
    return true;
  }
  /** What was sent since the last call: the method, or the status and the method it answers. */
  taken(): string[] {
    return this.sent.splice(0).map(m => (m.kind === 'request' ? m.method : `${m.status} ${m.cseq.method}`));
  }
}

function parsed(message: OutgoingMessage): SipMessage {
  const result = parseMessage(message.head, message.body);
  assert.ok(result.ok);
  return result.value;
}

function received(method: string, branch = 'z9hG4bKcaller', headers: readonly (readonly [string, string])[] = []): SipRequest {
  const message = createRequest({
    method,
    requestUri: 'sip:adam@contoso.test',
    via: `SIP/2.0/TLS caller.invalid;branch=${branch}`,
    from: '<sip:alice@contoso.test>;tag=a',
    to: '<sip:adam@contoso.test>',
    callId: 'c1',
    cseq: 1,
    headers,
  });
  return parsed(message) as SipRequest;
}

/** A proxy with a caller and two endpoints; `forward` sends what arrives on to as many of them as are given. */
function setUp() {
  const clock = new FakeClock();
  const caller = new FakeConnection('caller');
  const desk = new FakeConnection('desk');
  const phone = new FakeConnection('phone');
  const relays = new RelayTable<FakeConnection>();
  const arrived: ServerTransaction<FakeConnection>[] = [];
  const layer: TransactionLayer<FakeConnection> = new TransactionLayer<FakeConnection>({
    clock,
    user: {
      onRequest: transaction => arrived.push(transaction),
      onAck: (request, connection) => void arrived.push(new ServerTransaction(request, connection, undefined)),
      onCancel(cancel, invite, request) {
        cancel.respond(createResponse(request, invite ? 200 : 481));
        if (invite) relays.cancel(invite, reasonOfCancel(request));
      },
      onLost: invite => relays.cancel(invite),
      onStrayResponse() {},
    },
  });
  const forward = (...to: FakeConnection[]) => forwardBranches(...to.map(connection => ({ connection })));
  const forwardBranches = (
    ...to: {
      readonly connection: FakeConnection;
      readonly newer?: () => FakeConnection | undefined;
      readonly speaksForUs?: boolean;
    }[]
  ) => {
    const transaction = arrived.at(-1) as ServerTransaction<FakeConnection>;
    const branchTo = (connection: FakeConnection): Branch<FakeConnection> => ({
      flow: connection,
      request: forwardRequest(transaction.request, { transport: 'TLS', host: 'fe.contoso.test', port: 5061 }, {}),
    });
    const branches = to.map(({ connection, newer }) => {
      const overNewerFlow = () => {
        const found = newer?.();
        return found && branchTo(found);
      };
      return { ...branchTo(connection), ...(newer ? { overNewerFlow } : {}) };
    });
    const rules: RelayRules = {
      backward: response => backwardResponse(response, selectHeaders([])),
      unanswered: () => createResponse(transaction.request, 480),
      speaksForUs: to.some(({ speaksForUs }) => speaksForUs),
    };
    const [first] = branches;
    assert.ok(first);
    const relaying =
      branches.length === 1 ? relayToOne(layer, transaction, first, rules) : relayToAll(layer, transaction, branches, rules);
    relays.set(transaction, relaying);
  };
  /** An endpoint answers the first request of that method that it was sent. */
  const answer = (from: FakeConnection, request: SipRequest, status: number) =>
    layer.receive(parsed(createResponse(request, status, { toTag: from.id })), from);
  const requestAt = (connection: FakeConnection, method: string) => {
    const found = connection.sent.find(message => message.kind === 'request' && message.method === method);
    assert.ok(found, `no ${method} was sent to ${connection.id}`);
    return found as SipRequest;
  };
  return { clock, layer, caller, desk, phone, forward, forwardBranches, answer, requestAt };
}

describe('an INVITE to two endpoints', () => {
  function ringing() {
    const scene = setUp();
    const { layer, caller, desk, phone, forward, answer, requestAt } = scene;
    layer.receive(received('INVITE'), caller);
    forward(desk, phone);
    const atDesk = requestAt(desk, 'INVITE');
    const atPhone = requestAt(phone, 'INVITE');
    answer(desk, atDesk, 180);
    answer(phone, atPhone, 180);
    assert.deepEqual(caller.taken(), ['180 INVITE', '180 INVITE']);
    desk.taken();
    phone.taken();
    return { ...scene, atDesk, atPhone };
  }

  test('one answers: the other is cancelled and told why, and only the answer goes back', () => {
    const { caller, desk, phone, answer, requestAt, atDesk, atPhone } = ringing();
    answer(phone, atPhone, 200);
    assert.deepEqual(caller.taken(), ['200 INVITE']);
    const cancel = requestAt(desk, 'CANCEL');
    assert.match(cancel.get('Reason') ?? '', /^SIP;cause=200;/);
    assert.equal(cancel.topVia.branch, atDesk.topVia.branch);
    answer(desk, cancel, 200);
    answer(desk, atDesk, 487);
    assert.deepEqual(desk.taken(), ['CANCEL', 'ACK']);
    assert.deepEqual([caller.taken(), phone.taken()], [[], []]);
  });

  test('both refuse: the best refusal goes back when both have', () => {
    const { caller, desk, phone, answer, atDesk, atPhone } = ringing();
    answer(desk, atDesk, 503);
    assert.deepEqual(caller.taken(), []);
    answer(phone, atPhone, 486);
    assert.deepEqual(caller.taken(), ['486 INVITE']);
    assert.deepEqual([desk.taken(), phone.taken()], [['ACK'], ['ACK']]);
  });

  test('one declines for the user: the other is cancelled, 6xx goes back', () => {
    const { caller, desk, phone, answer, requestAt, atDesk, atPhone } = ringing();
    answer(phone, atPhone, 603);
    answer(desk, requestAt(desk, 'CANCEL'), 200);
    answer(desk, atDesk, 487);
    assert.deepEqual(caller.taken(), ['603 INVITE']);
    assert.deepEqual([desk.taken(), phone.taken()], [['CANCEL', 'ACK'], ['ACK']]);
  });

  test('both answer before they hear of each other: both answers go back', () => {
    const { caller, desk, phone, answer, atDesk, atPhone } = ringing();
    answer(phone, atPhone, 200);
    answer(desk, atDesk, 200);
    assert.deepEqual(caller.taken(), ['200 INVITE', '200 INVITE']);
  });

  test('the caller gives up: both are cancelled with the reason, 487 goes back', () => {
    const { layer, caller, desk, phone, answer, requestAt, atDesk, atPhone } = ringing();
    layer.receive(received('CANCEL', 'z9hG4bKcaller', [['Reason', 'SIP;cause=487']]), caller);
    assert.deepEqual(caller.taken(), ['200 CANCEL']);
    for (const endpoint of [desk, phone]) assert.equal(requestAt(endpoint, 'CANCEL').get('Reason'), 'SIP;cause=487');
    answer(desk, atDesk, 487);
    assert.deepEqual(caller.taken(), []);
    answer(phone, atPhone, 487);
    assert.deepEqual(caller.taken(), ['487 INVITE']);
  });

  test('the connection of the caller breaks: nothing rings on', () => {
    const { layer, caller, desk, phone, answer, atDesk, atPhone } = ringing();
    layer.connectionClosed(caller);
    assert.deepEqual([desk.taken(), phone.taken()], [['CANCEL'], ['CANCEL']]);
    answer(desk, atDesk, 487);
    answer(phone, atPhone, 487);
    assert.deepEqual(caller.taken(), []);
  });
});

describe('an INVITE that is given up before it was sent on', () => {
  test('is answered 487 at once and goes nowhere', () => {
    const { layer, caller, desk, phone, forward } = setUp();
    for (const [branch, endpoints] of [
      ['z9hG4bKone', [desk]],
      ['z9hG4bKtwo', [desk, phone]],
    ] as const) {
      layer.receive(received('INVITE', branch), caller);
      layer.receive(received('CANCEL', branch), caller);
      assert.deepEqual(caller.taken(), ['200 CANCEL', '487 INVITE']);
      forward(...endpoints);
      assert.deepEqual([desk.taken(), phone.taken()], [[], []]);
    }
  });

  test('by a broken connection, goes nowhere', () => {
    const { layer, caller, desk, forward } = setUp();
    layer.receive(received('INVITE'), caller);
    layer.connectionClosed(caller);
    forward(desk);
    assert.deepEqual([desk.taken(), caller.taken()], [[], []]);
  });

  test('before the endpoint said anything: CANCEL follows its first answer', () => {
    const { layer, caller, desk, forward, answer, requestAt } = setUp();
    layer.receive(received('INVITE'), caller);
    forward(desk);
    const invite = requestAt(desk, 'INVITE');
    layer.receive(received('CANCEL'), caller);
    assert.deepEqual(desk.taken(), ['INVITE']);
    answer(desk, invite, 180);
    assert.deepEqual(desk.taken(), ['CANCEL']);
    answer(desk, invite, 487);
    assert.deepEqual(caller.taken(), ['200 CANCEL', '180 INVITE', '487 INVITE']);
  });
});

test('a CANCEL for an INVITE that has its answer, or for none, is answered 481', () => {
  const { layer, caller, desk, forward, answer, requestAt } = setUp();
  layer.receive(received('CANCEL', 'z9hG4bKnone'), caller);
  layer.receive(received('INVITE'), caller);
  forward(desk);
  answer(desk, requestAt(desk, 'INVITE'), 200);
  layer.receive(received('CANCEL'), caller);
  assert.deepEqual(caller.taken(), ['481 CANCEL', '200 INVITE', '481 CANCEL']);
  assert.deepEqual(desk.taken(), ['INVITE']);
});

test('an endpoint that falls silent or away is answered for', () => {
  const { clock, layer, caller, desk, phone, forward } = setUp();
  layer.receive(received('INVITE', 'z9hG4bKone'), caller);
  forward(desk);
  layer.connectionClosed(desk);
  assert.deepEqual(caller.taken(), ['480 INVITE']);
  layer.receive(received('INVITE', 'z9hG4bKtwo'), caller);
  forward(phone);
  clock.advance(33_000);
  assert.deepEqual(caller.taken(), ['100 INVITE', '480 INVITE']);
});

test('what has no answer is sent on to one endpoint or to several, and nothing comes back', () => {
  const { layer, caller, desk, phone, forward } = setUp();
  for (const method of ['ACK', 'BENOTIFY']) {
    for (const endpoints of [[desk], [desk, phone]]) {
      layer.receive(received(method), caller);
      forward(...endpoints);
      for (const endpoint of endpoints) assert.deepEqual(endpoint.taken(), [method]);
      assert.deepEqual(caller.taken(), []);
    }
  }
});

describe('a flow that has failed', () => {
  function failing(method: string, hasNewer: boolean, others: readonly FakeConnection[] = []) {
    const scene = setUp();
    const newer = new FakeConnection('newer');
    let asked = 0;
    scene.layer.receive(received(method), scene.caller);
    const found = () => {
      asked++;
      return hasNewer ? newer : undefined;
    };
    scene.forwardBranches({ connection: scene.phone, newer: found }, ...others.map(connection => ({ connection })));
    return { ...scene, newer, atPhone: scene.requestAt(scene.phone, method), asked: () => asked };
  }

  for (const method of ['MESSAGE', 'INVITE']) {
    test(`${method}: after 430 the same goes over the newer flow, whose answer goes back`, () => {
      const { caller, phone, newer, answer, requestAt, atPhone } = failing(method, true);
      answer(phone, atPhone, 430);
      const again = requestAt(newer, method);
      assert.equal(again.callId, atPhone.callId);
      assert.notEqual(again.topVia.branch, atPhone.topVia.branch);
      assert.deepEqual(caller.taken(), []);
      answer(newer, again, 200);
      assert.deepEqual(caller.taken(), [`200 ${method}`]);
    });

    test(`${method}: once only, and 430 does not go back`, () => {
      const { caller, phone, newer, answer, requestAt, atPhone, asked } = failing(method, true);
      answer(phone, atPhone, 430);
      answer(newer, requestAt(newer, method), 430);
      assert.deepEqual([caller.taken(), asked()], [[`480 ${method}`], 1]);
      assert.equal(newer.taken().filter(sent => sent === method).length, 1);
    });

    test(`${method}: without a newer flow nobody is there, and 430 does not go back`, () => {
      const { caller, phone, answer, atPhone } = failing(method, false);
      answer(phone, atPhone, 430);
      assert.deepEqual(caller.taken(), [`480 ${method}`]);
    });

    test(`${method}: a connection that breaks before anything came back is a failed flow too`, () => {
      const { layer, caller, phone, newer, answer, requestAt } = failing(method, true);
      layer.connectionClosed(phone);
      answer(newer, requestAt(newer, method), 200);
      assert.deepEqual(caller.taken(), [`200 ${method}`]);
    });

    test(`${method}: a connection that takes nothing any more is a failed flow too`, async () => {
      const { caller, layer, phone, forwardBranches, answer, requestAt, newer } = {
        ...setUp(),
        newer: new FakeConnection('newer'),
      };
      phone.send = () => false;
      layer.receive(received(method), caller);
      forwardBranches({ connection: phone, newer: () => newer });
      await Promise.resolve();
      answer(newer, requestAt(newer, method), 200);
      assert.deepEqual(caller.taken(), [`200 ${method}`]);
    });

    test(`${method}: where another endpoint has answered, its answer is the best`, () => {
      const { desk } = setUp();
      const { caller, phone, answer, requestAt, atPhone } = failing(method, false, [desk]);
      answer(desk, requestAt(desk, method), 503);
      answer(phone, atPhone, 430);
      assert.deepEqual(caller.taken(), [`500 ${method}`]);
    });
  }

  test('an endpoint that rang has the INVITE: it is not sent again', () => {
    for (const isBroken of [true, false]) {
      const { layer, caller, phone, newer, answer, atPhone } = failing('INVITE', true);
      answer(phone, atPhone, 180);
      if (isBroken) layer.connectionClosed(phone);
      else answer(phone, atPhone, 430);
      assert.deepEqual([caller.taken(), newer.taken()], [['180 INVITE', '480 INVITE'], []]);
    }
  });

  test('100 says only that a proxy before the endpoint has it', () => {
    for (const isBroken of [true, false]) {
      const { layer, caller, phone, newer, answer, atPhone } = failing('INVITE', true);
      answer(phone, atPhone, 100);
      if (isBroken) layer.connectionClosed(phone);
      else answer(phone, atPhone, 430);
      assert.deepEqual([caller.taken(), newer.taken()], [[], ['INVITE']]);
    }
  });

  test('an INVITE that was given up goes over no other flow', () => {
    const { layer, caller, phone, newer, answer, atPhone } = failing('INVITE', true);
    layer.receive(received('CANCEL'), caller);
    answer(phone, atPhone, 430);
    assert.deepEqual([caller.taken(), newer.taken()], [['200 CANCEL', '480 INVITE'], []]);
  });

  test('CANCEL follows the INVITE to the newer flow', () => {
    const { layer, caller, phone, newer, answer, requestAt, atPhone } = failing('INVITE', true);
    answer(phone, atPhone, 430);
    const again = requestAt(newer, 'INVITE');
    answer(newer, again, 180);
    layer.receive(received('CANCEL'), caller);
    assert.deepEqual(newer.taken(), ['INVITE', 'CANCEL']);
    answer(newer, again, 487);
    assert.deepEqual(caller.taken(), ['180 INVITE', '200 CANCEL', '487 INVITE']);
  });

  test('what is no flow of an endpoint passes 430 on, as any other answer', () => {
    const { layer, caller, desk, forward, answer, requestAt } = setUp();
    layer.receive(received('MESSAGE'), caller);
    forward(desk);
    answer(desk, requestAt(desk, 'MESSAGE'), 430);
    assert.deepEqual(caller.taken(), ['430 MESSAGE']);
  });
});

describe('rfc3261 16.7 step 6: 503', () => {
  for (const endpoints of ['one', 'all'] as const) {
    test(`of ${endpoints === 'one' ? 'the only endpoint' : 'all endpoints'} speaks of them and not of us: 500 goes back, with its Retry-After`, () => {
      const { layer, caller, desk, phone, forward, requestAt } = setUp();
      layer.receive(received('MESSAGE'), caller);
      const asked = endpoints === 'one' ? [desk] : [desk, phone];
      forward(...asked);
      for (const endpoint of asked) {
        const response = createResponse(requestAt(endpoint, 'MESSAGE'), 503, { reason: 'Full', headers: [['Retry-After', '7']] });
        layer.receive(parsed(response), endpoint);
      }
      const [answer] = caller.sent;
      assert.ok(answer?.kind === 'response' && caller.sent.length === 1);
      assert.deepEqual([answer.status, answer.reason, answer.get('Retry-After')], [500, 'Server Internal Error', '7']);
    });
  }

  test('of a server that answers for all of us is our own overload and stays', () => {
    const { layer, caller, desk, forwardBranches, answer, requestAt } = setUp();
    layer.receive(received('MESSAGE'), caller);
    forwardBranches({ connection: desk, speaksForUs: true });
    answer(desk, requestAt(desk, 'MESSAGE'), 503);
    assert.deepEqual(caller.taken(), ['503 MESSAGE']);
  });
});

describe('rfc3261 16.7 step 7: challenges', () => {
  function challenged(statuses: readonly [desk: number, phone: number]) {
    const { layer, caller, desk, phone, forward, requestAt } = setUp();
    layer.receive(received('MESSAGE'), caller);
    forward(desk, phone);
    for (const [at, endpoint] of [desk, phone].entries()) {
      const status = statuses[at] as number;
      const header = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
      const headers: HeaderLine[] = [
        [header, `Digest realm="${endpoint.id}"`],
        ['X-Of', endpoint.id],
      ];
      layer.receive(parsed(createResponse(requestAt(endpoint, 'MESSAGE'), status, { headers })), endpoint);
    }
    const [answer] = caller.sent;
    assert.ok(answer?.kind === 'response' && caller.sent.length === 1);
    return { answer, challenges: [answer.all('WWW-Authenticate'), answer.all('Proxy-Authenticate')] };
  }

  test('of several branches go back together', () => {
    assert.deepEqual(challenged([401, 401]).challenges, [['Digest realm="desk"', 'Digest realm="phone"'], []]);
    const { answer, challenges } = challenged([401, 407]);
    assert.deepEqual([answer.status, challenges], [401, [['Digest realm="desk"'], ['Digest realm="phone"']]]);
    assert.equal(answer.get('X-Of'), 'desk');
  });

  test('of other branches are nothing to an answer that asks for none', () => {
    const { answer, challenges } = challenged([401, 603]);
    assert.deepEqual([answer.status, challenges[0]], [603, []]);
  });
});
