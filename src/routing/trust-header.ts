import { RecentTexts } from '../base/recent-texts.ts';
import type { SourceNetwork } from '../policy/domain-class.ts';
import type { SourceType, SourceVerification } from '../policy/verification.ts';
import type { SipMessage } from '../sip/message.ts';
import { parseParameters } from '../sip/parameters.ts';

/** What an Edge vouches for about a message from outside (ms-sipre 2.2.15): stamped by the Edge, believed from an Edge only. */
export interface EdgeTrust {
  readonly sourceType: SourceType | 'InternetUser' | 'EdgeProxyGenerated';
  readonly edgeFqdn: string;
  readonly verification: SourceVerification;
  readonly network: SourceNetwork;
  /** The verified name of the peer's server. */
  readonly remoteFqdn: string;
}

/** Name of the header. */
export const trustHeader = 'ms-edge-proxy-message-trust';

/** The header's value. */
export function formatTrust(trust: EdgeTrust): string {
  return (
    `ms-source-type=${trust.sourceType};ms-ep-fqdn=${trust.edgeFqdn};ms-source-verified-user=${trust.verification};` +
    `ms-source-network=${trust.network};ms-remote-fqdn=${trust.remoteFqdn}`
  );
}

const sourceTypes: ReadonlySet<string> = new Set([
  'AuthorizedServer',
  'AutoFederation',
  'DirectPartner',
  'InternetUser',
  'EdgeProxyGenerated',
]);

/** Nearly all that comes from one partner has the same header. */
const recentTrusts = new RecentTexts<EdgeTrust, undefined>(1024, parseTrust, trust => trust !== undefined);

/** Reads the header of a message that came from an Edge; undefined where it is missing or says nothing we know. */
export function readTrust(message: SipMessage): EdgeTrust | undefined {
  const value = message.get(trustHeader);
  return value === undefined ? undefined : recentTrusts.of(value);
}

function parseTrust(value: string): EdgeTrust | undefined {
  const parameters = parseParameters(`;${value}`);
  const sourceType = parameters?.get('ms-source-type');
  if (!parameters || sourceType === undefined || !sourceTypes.has(sourceType)) return undefined;
  return {
    sourceType: sourceType as EdgeTrust['sourceType'],
    edgeFqdn: parameters.get('ms-ep-fqdn') ?? '',
    verification: parameters.get('ms-source-verified-user') === 'verified' ? 'verified' : 'unverified',
    network: parameters.get('ms-source-network') === 'publiccloud' ? 'publiccloud' : 'federation',
    remoteFqdn: parameters.get('ms-remote-fqdn') ?? '',
  };
}
