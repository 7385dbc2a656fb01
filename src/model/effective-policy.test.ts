import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SampleObject, sampleConfiguration, sampleTenant, sampleUser } from '../testing/sample-configuration.ts';
import { effectiveExternalAccessPolicy, effectivePolicy } from './effective-policy.ts';
import { presencePolicy } from './kinds/presence-policy.ts';
import { registrarConfiguration } from './kinds/registrar-configuration.ts';

function presence(identity: string, maxCategorySubscription: number): SampleObject {
  return { kind: 'CsPresencePolicy', identity, body: { maxCategorySubscription } };
}

const all = [presence('tag:Quiet', 1), presence('site:main', 2), presence('global', 3), presence('site:other', 4)];
const granted = sampleUser({ policies: { CsPresencePolicy: 'Quiet', CsExternalAccessPolicy: 'Gone' } });

const cases: readonly (readonly [what: string, objects: readonly SampleObject[], user: typeof granted, wanted: unknown[]])[] = [
  ['granted', all, granted, [1, 'user:Quiet', undefined]],
  ['granted, and gone', all.slice(1), granted, [2, 'site:main', 'Quiet']],
  ['of the site', all, sampleUser(), [2, 'site:main', undefined]],
  ['global', all.slice(2), sampleUser(), [3, 'global', undefined]],
  ['nothing stored', [], sampleUser(), [1000, 'global', undefined]],
  ['of another tenant', all.map(object => ({ ...object, owner: '01OTHER' })), sampleUser(), [1000, 'global', undefined]],
  [
    'granted of another kind only',
    all,
    sampleUser({ policies: { CsExternalAccessPolicy: 'Quiet' } }),
    [2, 'site:main', undefined],
  ],
];
for (const [what, objects, user, wanted] of cases) {
  test(`effective policy: ${what}`, () => {
    const { policy, source, danglingGrant } = effectivePolicy(presencePolicy, sampleConfiguration(objects), user);
    assert.deepEqual([policy.maxCategorySubscription, source, danglingGrant], wanted);
  });
}

test('settings of a pool come before those of its site', () => {
  const ofSite = { kind: 'CsRegistrarConfiguration', identity: 'site:main', body: { maxEndpointsPerUser: 3 } } as const;
  const ofPool = { ...ofSite, identity: 'service:Registrar:fe.contoso.test', body: { maxEndpointsPerUser: 2 } };
  const limit = (objects: readonly SampleObject[]) =>
    effectivePolicy(registrarConfiguration, sampleConfiguration(objects), sampleUser()).policy.maxEndpointsPerUser;
  assert.deepEqual([limit([]), limit([ofSite]), limit([ofSite, ofPool])], [8, 3, 2]);
});

test('what a message asks for is looked up once for a user and a configuration', () => {
  const configuration = sampleConfiguration();
  const first = effectiveExternalAccessPolicy(configuration, granted);
  assert.equal(effectiveExternalAccessPolicy(configuration, granted), first);
  assert.equal(first.policy, configuration.tenants.get(sampleTenant)?.externalAccessPolicies.get('global'));
  assert.notEqual(effectiveExternalAccessPolicy(sampleConfiguration(), granted), first);
  assert.notEqual(effectiveExternalAccessPolicy(configuration, { ...granted, policies: {} }), first);
});
