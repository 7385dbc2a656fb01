import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { contoso, labOrganisations, portUses } from './deployment-plan.ts';
import { choosePorts } from './port-choice.ts';

async function taken(host: string, port: number): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

test('free ports are all different, and kept by the next start', async () => {
  const first = await choosePorts({ kind: 'free', before: undefined }, 5353);
  assert.ok(first.ok);
  const numbers = labOrganisations.flatMap(portUses).map(use => first.value[use.organisation.name][use.role]);
  assert.equal(new Set(numbers).size, numbers.length);
  const second = await choosePorts({ kind: 'free', before: first.value }, 5353);
  assert.deepEqual(second, first);
});

test('a port that is taken meanwhile gives way to another, the others stay', async () => {
  const first = await choosePorts({ kind: 'free', before: undefined }, 5353);
  assert.ok(first.ok);
  const holder = await taken(contoso.frontEnd.host, first.value.contoso.tls);
  try {
    const second = await choosePorts({ kind: 'free', before: first.value }, 5353);
    assert.ok(second.ok);
    assert.notEqual(second.value.contoso.tls, first.value.contoso.tls);
    assert.deepEqual({ ...second.value.contoso, tls: 0 }, { ...first.value.contoso, tls: 0 });
  } finally {
    holder.close();
  }
});

test('a port that was asked for and is taken is named with its use', async () => {
  const holder = await taken(contoso.edge.host, 0);
  const { port } = holder.address() as { port: number };
  // The Edge's federation port is the sixth.
  const chosen = await choosePorts({ kind: 'base', base: port - 5 }, port - 5);
  holder.close();
  assert.ok(!chosen.ok);
  assert.equal(chosen.error.code, 'LAB_PORT_TAKEN');
  assert.match(chosen.error.text, new RegExp(`${port} on ${contoso.edge.host} \\(federation of contoso\\)`));
});
