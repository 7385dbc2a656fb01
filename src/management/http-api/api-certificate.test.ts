import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { createAuthority, issueCertificate } from '../../certificates/issue.ts';
import { startApi } from '../../testing/api-fixture.ts';
import { openManagement } from '../../testing/management-fixture.ts';

test('the API shows a renewed certificate from the next connection on, and the former where the new one is no good', async t => {
  const fixture = await openManagement();
  const authority = await createAuthority({ name: 'CA', validDays: 30 });
  const identityOf = async (name: string) => {
    const issued = await issueCertificate(authority, { names: [name], days: 30, eku: 'server' });
    return { cert: issued.chainPem, key: issued.keyPem };
  };
  const api = await startApi(fixture.management, { tls: await identityOf('first.contoso.test') });
  t.after(async () => {
    await api.close();
    await fixture.close();
  });
  const shown = async () => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(api.url).port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { subjectaltname } = socket.getPeerCertificate();
    socket.destroy();
    return subjectaltname;
  };
  assert.equal(await shown(), 'DNS:first.contoso.test');
  assert.ok(api.setIdentity(await identityOf('second.contoso.test')).ok);
  assert.equal(await shown(), 'DNS:second.contoso.test');
  const refused = api.setIdentity({ cert: 'nonsense', key: 'nonsense' });
  assert.equal(refused.ok ? '' : refused.error.code, 'TLS_SETTINGS_UNUSABLE');
  assert.equal(await shown(), 'DNS:second.contoso.test');
});
