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

test('flows of other workers are looked for once, and again when they have ended', () => {
  const flows = new ClientFlows(new FakeClock(), side);
  let found = { id: 'f', closing: false } as Flow & { closing: boolean };
  let asked = 0;
  flows.lookElsewhere(id => {
    asked++;
    return id === 'f' ? found : undefined;
  });
  assert.equal(flows.find('f'), found);
  assert.equal(flows.find('f'), found);
  assert.deepEqual([asked, flows.own('f'), flows.find('g')], [1, undefined, undefined]);
  found.closing = true;
  found = { id: 'f', closing: false } as Flow & { closing: boolean };
  assert.equal(flows.find('f'), found);
});
