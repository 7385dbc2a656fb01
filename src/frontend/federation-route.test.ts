import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleConfiguration, sampleUser } from '../testing/sample-configuration.ts';
import { federationRouteOf } from './federation-route.ts';

const names = ['edge1.contoso.test', 'edge2.contoso.test', 'edge3.contoso.test'];
const configuration = sampleConfiguration([
  { kind: 'CsEdgeServer', identity: 'edge.contoso.test', body: { computers: names.map(fqdn => ({ fqdn })) } },
]);

function routeOf(callId: string, dialogEdge?: string) {
  const route = federationRouteOf(configuration, sampleUser(), callId, dialogEdge);
  assert.ok(route.ok);
  return route.value;
}

test('a call stays with one Edge of a pool, calls are spread over all of them, and the others stand in', () => {
  const firsts = new Set<string | undefined>();
  for (let call = 0; call < 50; call++) {
    const { targets } = routeOf(`call-${call}`);
    assert.equal(routeOf(`call-${call}`), routeOf(`call-${call}`), 'nothing is made for a message');
    assert.deepEqual(targets.map(({ host }) => host).sort(), names);
    firsts.add(targets[0]?.host);
  }
  assert.equal(firsts.size, names.length);
});

test('inside a dialog the Edge in its path comes first', () => {
  for (const name of names) {
    for (const callId of ['a', 'b', 'c']) assert.equal(routeOf(callId, name).targets[0]?.host, name);
  }
  assert.equal(routeOf('a', 'edge.elsewhere.test'), routeOf('a'), 'one that is none of ours chooses nothing');
});
