import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Computer } from '../model/kinds/computer.ts';
import type { Fqdn } from '../model/names.ts';
import type { RoutedRequest } from './routed-request.ts';
import { trunkPeerStep } from './trunk-peer.ts';

type Pools = ReadonlyMap<Fqdn, { readonly computers: readonly Computer[] }>;

function poolsOf(...computers: string[]): Pools {
  return new Map([['fe.contoso.test' as Fqdn, { computers: computers.map(fqdn => ({ fqdn })) as unknown as Computer[] }]]);
}

function from(...names: string[]): RoutedRequest<unknown> {
  return { flow: { peer: { names } }, peerNames: names } as unknown as RoutedRequest<unknown>;
}

test('a server of the topology is let in until it is taken out, and no other ever', () => {
  let pools = poolsOf('fe1.contoso.test', 'fe2.contoso.test');
  const step = trunkPeerStep(() => pools);
  const [one, other] = [from('fe1.contoso.test'), from('fe9.contoso.test')];
  for (let i = 0; i < 2; i++) assert.deepEqual([step.run(one).kind, step.run(other).kind], ['continue', 'refuse']);
  pools = poolsOf('fe2.contoso.test');
  assert.deepEqual([step.run(one).kind, step.run(from('fe2.contoso.test')).kind], ['refuse', 'continue']);
  assert.equal(step.run({ flow: {}, peerNames: [] } as unknown as RoutedRequest<unknown>).kind, 'refuse');
});
