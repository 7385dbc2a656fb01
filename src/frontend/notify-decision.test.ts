import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import type { SrvAnswer } from '../resolve/dns-answer.ts';
import { DomainClassifier } from '../routing/domain-classifier.ts';
import type { NotifiedSubscription } from '../services/events/notify-port.ts';
import { otherTenant, type SampleObject, sampleConfiguration, sampleUser } from '../testing/sample-configuration.ts';
import { decideNotify } from './notify-decision.ts';

const alice = sampleUser();
const nora = sampleUser({ aor: 'nora@northwind.test' as Aor, tenant: otherTenant });
const fabrikam: SampleObject = { kind: 'CsAllowedDomain', identity: 'fabrikam.test', body: { proxyFqdn: 'sip.fabrikam.test' } };
const noAccess: SampleObject = {
  kind: 'CsExternalAccessPolicy',
  identity: 'global',
  body: { enableFederationAccess: false },
};
const switchedOff: SampleObject = {
  kind: 'CsAccessEdgeConfiguration',
  identity: 'global',
  body: { allowFederatedUsers: false },
};
const blocked: SampleObject = { kind: 'CsBlockedDomain', identity: 'fabrikam.test' };

/** The tenant of nora, open to contoso. */
const northwind: readonly SampleObject[] = [
  { kind: 'CsTenant', identity: 'northwind', owner: otherTenant, body: { displayName: 'Northwind' } },
  { kind: 'CsSipDomain', identity: 'northwind.test', owner: otherTenant, body: { isDefault: true, verified: true } },
  { kind: 'CsAllowedDomain', identity: 'contoso.test', owner: otherTenant },
  { kind: 'CsAllowedDomain', identity: 'northwind.test' },
  {
    kind: 'CsTenantFederationConfiguration',
    identity: 'global',
    owner: otherTenant,
    body: { allowFederatedUsers: true, allowedDomains: 'AllKnown' },
  },
];
const believesNobody: SampleObject = {
  kind: 'CsAllowedDomain',
  identity: 'contoso.test',
  owner: otherTenant,
  body: { verificationLevel: 'AlwaysUnverifiable' },
};
const northwindIsOpen: SampleObject = {
  kind: 'CsExternalAccessPolicy',
  identity: 'global',
  owner: otherTenant,
  body: { enableFederationAccess: true },
};

function subscription(watcher: string, kind: 'inside' | 'federated', isTerminated = false): NotifiedSubscription {
  return { id: 's', user: alice, subscriber: { aor: watcher as Aor, kind }, isBestEffort: false, isTerminated };
}

function decide(of: NotifiedSubscription, changes: readonly SampleObject[], users: readonly User[] = [alice, nora]) {
  const asked: string[] = [];
  const resolver = {
    peek: () => undefined,
    srv: (domain: string) => {
      asked.push(domain);
      return new Promise<SrvAnswer>(() => {});
    },
  };
  const parts = {
    configuration: { current: sampleConfiguration(changes) },
    classifier: new DomainClassifier(resolver as never, () => 0),
    directory: { find: (aor: Aor) => users.find(user => user.aor === aor) },
  };
  const verdict = decideNotify(parts, of, new DecisionTrace());
  return { verdict: verdict.kind === 'refused' ? verdict.failure.code : verdict.kind, asked };
}

const bob = subscription('bob@fabrikam.test', 'federated');
const toNora = subscription(nora.aor, 'federated');
const rows: readonly (readonly [what: string, of: NotifiedSubscription, changes: readonly SampleObject[], expected: string])[] = [
  ['an allowed partner', bob, [fabrikam], 'allowed'],
  ['a blocked partner', bob, [blocked], 'DOMAIN_BLOCKED'],
  ['of a user without external access', bob, [fabrikam, noAccess], 'NOT_AUTHORISED_OUTSIDE'],
  ['with federation switched off', bob, [fabrikam, switchedOff], 'FEDERATION_SWITCHED_OFF'],
  ['a colleague, whatever policy says', subscription('adam@contoso.test', 'inside'), [noAccess, switchedOff], 'allowed'],
  ['another tenant that lets us in', toNora, [...northwind, northwindIsOpen], 'allowed'],
  ['another tenant that believes no sender of ours', toNora, [...northwind, northwindIsOpen, believesNobody], 'allowed'],
  ['another tenant whose user may not meet us', toNora, northwind, 'NOT_AUTHORISED_OUTSIDE'],
];
for (const [what, of, changes, expected] of rows) {
  test(`NOTIFY to ${what}: ${expected}`, () => {
    const { verdict, asked } = decide(of, changes);
    assert.equal(verdict, expected);
    assert.deepEqual(asked, []);
  });
}

test('of a user who is no more, only the end may be told', () => {
  assert.equal(decide(bob, [fabrikam], []).verdict, 'USER_UNKNOWN');
  assert.equal(decide(subscription('bob@fabrikam.test', 'federated', true), [fabrikam], []).verdict, 'allowed');
});

test('DNS is asked, but not for a user who may not meet anybody outside', () => {
  const byDns: SampleObject = { kind: 'CsAllowedDomain', identity: 'fabrikam.test' };
  assert.deepEqual(decide(bob, [byDns]), { verdict: 'wait', asked: ['fabrikam.test'] });
  assert.deepEqual(decide(bob, [byDns, noAccess]), { verdict: 'NOT_AUTHORISED_OUTSIDE', asked: [] });
});

test("the watcher's own block list does not keep from it what it has asked for", () => {
  const users = [alice, { ...nora, blockedSenders: [alice.aor] }];
  assert.equal(decide(toNora, [...northwind, northwindIsOpen], users).verdict, 'allowed');
});
