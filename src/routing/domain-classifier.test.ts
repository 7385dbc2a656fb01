import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipDomain } from '../model/names.ts';
import type { FederationResolver, SrvAnswer } from '../resolve/dns-answer.ts';
import { sampleConfiguration, sampleTenant } from '../testing/sample-configuration.ts';
import { DomainClassifier } from './domain-classifier.ts';

const fabrikam = 'fabrikam.test' as SipDomain;
const allowed = sampleConfiguration([{ kind: 'CsAllowedDomain', identity: fabrikam }]);
const blocked = sampleConfiguration([{ kind: 'CsBlockedDomain', identity: fabrikam }]);

test('DNS is asked when somebody who may cause look-ups asks, not by the question what a domain is', async () => {
  const answers = new Map<string, SrvAnswer>();
  const asked: string[] = [];
  const resolver = {
    peek: (domain: string) => answers.get(domain),
    srv(domain: string) {
      asked.push(domain);
      const answer: SrvAnswer = { kind: 'nxdomain', detail: 'ENOTFOUND' };
      answers.set(domain, answer);
      return Promise.resolve(answer);
    },
  } as unknown as FederationResolver;
  const classifier = new DomainClassifier(resolver, () => 0);
  const classify = (configuration = allowed) => {
    const tenant = configuration.tenants.get(sampleTenant);
    return classifier.classify(configuration, tenant ?? assert.fail(), fabrikam);
  };
  assert.equal(classify(blocked).kind, 'BLOCKED');
  const pending = classify();
  assert.ok(pending.kind === 'PENDING');
  assert.deepEqual(asked, []);
  await pending.lookUp();
  assert.deepEqual(asked, [fabrikam]);
  assert.notEqual(classify().kind, 'PENDING');
});

test('an answer that nobody keeps, as where too many look-ups are under way, is taken from whoever has waited for it', () => {
  const resolver = { peek: () => undefined } as unknown as FederationResolver;
  const classifier = new DomainClassifier(resolver, () => 0);
  const tenant = allowed.tenants.get(sampleTenant) ?? assert.fail();
  const busy: SrvAnswer = { kind: 'servfail', detail: 'too many look-ups under way' };
  assert.equal(classifier.classify(allowed, tenant, fabrikam).kind, 'PENDING');
  assert.equal(classifier.classify(allowed, tenant, fabrikam, busy).kind, 'TEMPORARY');
  assert.equal(classifier.classify(allowed, tenant, fabrikam).kind, 'PENDING', 'nothing is remembered of it');
});
