import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleConfiguration, sampleTenant } from '../testing/sample-configuration.ts';
import { sampleFacts } from '../testing/sample-readiness.ts';
import type { Check } from './check-run.ts';
import { readinessChecks, runChecks } from './run-checks.ts';

test('a check that fails by a fault of ours is a finding of its own, and the others are run', async () => {
  const configuration = sampleConfiguration([]);
  const tenant = configuration.tenants.get(sampleTenant);
  assert.ok(tenant);
  const throwing: Check = {
    id: 'FED-01',
    run: () => {
      throw new Error('odd');
    },
  };
  const rejecting: Check = { id: 'FED-02', run: () => Promise.reject(new Error('odd too')) };
  const checks = [...readinessChecks.slice(0, 2), throwing, rejecting, ...readinessChecks.slice(2, 4)];
  const faults: unknown[] = [];
  const targets = { tenant, domains: [], users: [] };
  const findings = await runChecks(sampleFacts({ configuration }), targets, checks, fault => faults.push(fault));
  assert.deepEqual(
    findings.map(({ id, status }) => `${id} ${status}`),
    ['SRV-01 pass', 'USR-01 pass', 'FED-01 unknown', 'FED-02 unknown', 'EDG-01 pass', 'EDG-02 pass'],
  );
  assert.match(findings[2]?.message ?? '', /our fault/);
  assert.deepEqual(faults.map(String), ['Error: odd', 'Error: odd too']);
});
