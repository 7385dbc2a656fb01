import assert from 'node:assert/strict';
import { systemClock } from '../base/clock.ts';
import { type ManagementApi, type ManagementApiOptions, startManagementApi } from '../management/http-api/management-api.ts';
import type { Management } from '../management/management.ts';

/** The management API on a free port of loopback, with one token, `the-token`; `changes` replaces single options. */
export async function startApi(management: Management, changes: Partial<ManagementApiOptions> = {}): Promise<ManagementApi> {
  const started = await startManagementApi({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    tokens: [{ name: 'admin', token: 'the-token' }],
    management,
    readiness: async () => ({ ready: true, problems: [] }),
    reportFault: () => undefined,
    reportWrongToken: () => undefined,
    ...changes,
  });
  assert.ok(started.ok);
  return started.value;
}
