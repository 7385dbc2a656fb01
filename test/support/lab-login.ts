import { systemClock } from '../../src/base/clock.ts';
import type { PeerPathVerifier } from '../../src/certificates/peer-path.ts';
import type { SipClientOptions } from '../../src/lab/sip-client.ts';
import type { LabOrganisationFile } from './lab-under-test.ts';

/** Where users of an organisation sign in. */
export type LabFrontEnd = Pick<LabOrganisationFile['frontEnd'], 'host' | 'tlsPort' | 'fqdn'>;

/** How a user of the lab signs in at a Front End. */
export function labLogin({ host, tlsPort, fqdn }: LabFrontEnd, verifier: PeerPathVerifier, address: string): SipClientOptions {
  const login = address.slice(0, address.indexOf('@'));
  return {
    address,
    login,
    password: `pw-${login}`,
    host,
    port: tlsPort,
    serverName: fqdn,
    verifier,
    clock: systemClock,
  };
}
