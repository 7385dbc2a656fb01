import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import type { Connection } from '../wire/connection.ts';
import { ClientFlows } from './client-flows.ts';
import type { Flow } from './flow.ts';

const side = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;

function connection(id: string, transport = 'TLS') {
  return { id, transport, closing: false, attachment: undefined } as unknown as Connection & { closing: boolean };
}

test('a client has one flow as long as its connection, on which we name ourselves by what it runs over', () => {
  const flows = new ClientFlows(new FakeClock(), side);
  const web = connection('w', 'WSS');
  const flow = flows.of(web);
  assert.equal(flows.of(web), flow);
  assert.equal(flows.find('w'), flow);
  assert.deepEqual([flow.kind, flow.side.transport, flow.side.host], ['client', 'WSS', 'fe.contoso.test']);
  assert.equal(flows.of(connection('t')).side, side);
  web.closing = true;
  assert.equal(flows.find('w'), undefined, 'nothing can be sent on it any more');
  assert.equal(flows.own('w'), flow, 'it is not over yet');
  flows.ended(flow);
  assert.equal(flows.own('w'), undefined);
});

test('the end of a flow takes nothing from another of the same id', () => {
  const flows = new ClientFlows(new FakeClock(), side);
  const first = flows.of(connection('f'));
  const second = flows.of(connection('f'));
  flows.ended(first);
  assert.equal(flows.own('f'), second);
});

test('flows of other workers are looked for where they are kept, and one that has ended is none', () => {
  const flows = new ClientFlows(new FakeClock(), side);
  const elsewhere = { id: 'f', closing: false } as Flow & { closing: boolean };
  flows.lookElsewhere(id => (id === 'f' ? elsewhere : undefined));
  assert.deepEqual([flows.find('f'), flows.own('f'), flows.find('g')], [elsewhere, undefined, undefined]);
  elsewhere.closing = true;
  assert.equal(flows.find('f'), undefined);
});
