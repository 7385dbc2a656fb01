import { systemClock } from '../../src/base/clock.ts';
import type { PeerPathVerifier } from '../../src/certificates/peer-path.ts';
import type { SipClientOptions } from '../../src/lab/sip-client.ts';

/** Where users of an organisation sign in. */
export interface LabFrontEnd {
  readonly host: string;
  readonly tlsPort: number;
  readonly fqdn: string;
}

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
