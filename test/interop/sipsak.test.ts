import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sipsakProgram } from './foreign-program.ts';
import { frontEndOf, type LabUser, type Scene, userOf } from './interop.ts';
import { inNamespace } from './namespace.ts';

const exitMs = 10_000;
/** sipsak's exit code when the final answer was no 2xx. */
const refused = 1;

await inNamespace(import.meta.filename, [sipsakProgram], interop => {
  interop.test('sipsak: OPTIONS to the domain over TLS is answered 200', async scene => {
    const sipsak = startSipsak(scene, userOf(scene.lab, 'alice@contoso.test'), '-s', 'sip:contoso.test');
    assert.equal(await sipsak.waitForExit(exitMs), 0);
    assert.match(sipsak.output, /SIP\/2\.0 200 OK/);
    assert.match(sipsak.output, /^Allow: .*\bMESSAGE\b/m);
  });

  interop.test('sipsak: OPTIONS for a domain that is not ours is refused', async scene => {
    // the certificate does not bear that name, which sipsak would not go on with
    const args = ['--tls-ignore-cert-failure', '-s', 'sip:northwind.test'];
    const sipsak = startSipsak(scene, userOf(scene.lab, 'alice@contoso.test'), ...args);
    assert.equal(await sipsak.waitForExit(exitMs), refused);
    assert.match(sipsak.output, /SIP\/2\.0 404/);
  });

  interop.test('sipsak: REGISTER with digest over TLS is accepted', async scene => {
    const alice = userOf(scene.lab, 'alice@contoso.test');
    const sipsak = startSipsak(scene, alice, ...registrationOf(alice, alice.password));
    assert.equal(await sipsak.waitForExit(exitMs), 0);
    assert.match(sipsak.output, /SIP\/2\.0 200 OK/);
  });

  interop.test('sipsak: REGISTER with a wrong password is refused', async scene => {
    const alice = userOf(scene.lab, 'alice@contoso.test');
    const sipsak = startSipsak(scene, alice, ...registrationOf(alice, 'not-her-password'));
    assert.notEqual(await sipsak.waitForExit(exitMs), 0);
    assert.match(sipsak.output, /SIP\/2\.0 401/);
    assert.doesNotMatch(sipsak.output, /SIP\/2\.0 200/);
  });
});

/** The shortest expiry that the server takes is 300 s; sipsak's own is 15 s. */
function registrationOf({ address, login }: LabUser, password: string): readonly string[] {
  return ['-U', '-x', '300', '-C', `sip:${login}@10.99.0.2:5999`, '-s', `sip:${address}`, '-u', login, '-a', password];
}

/** sipsak over TLS to the Front End of a user. */
function startSipsak(scene: Scene, user: LabUser, ...args: readonly string[]) {
  const { fqdn, tlsPort } = frontEndOf(scene.lab, user);
  const folder = scene.folder('sipsak');
  // COMPAT sipsak 0.9.8.1: it takes the session tickets of TLS 1.3 for the end of the connection.
  writeFileSync(join(folder, 'gnutls.conf'), '[overrides]\ndisabled-version = tls1.3\n');
  return scene.start({
    name: 'sipsak',
    program: 'sipsak',
    args: ['-vvv', '-p', `${fqdn}:${tlsPort}`, '-E', 'tls', `--tls-ca-cert=${scene.lab.ca}`, ...args],
    folder,
    env: { GNUTLS_SYSTEM_PRIORITY_FILE: join(folder, 'gnutls.conf') },
  });
}
