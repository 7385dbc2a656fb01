/** One SRV record (`rfc2782`); the target in lower case without a trailing dot. */
export interface SrvRecord {
  readonly target: string;
  readonly port: number;
  /** Lower is tried first. */
  readonly priority: number;
  /** Share among records of one priority. */
  readonly weight: number;
}

/** One address of a host. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Why DNS gave no records. The name does not exist, and it has no such record: answers of DNS, fit for decisions.
 * A server's failure and a time-out: DNS said nothing, and nothing may be concluded from it.
 */
export interface NoRecords {
  readonly kind: 'nxdomain' | 'nodata' | 'servfail' | 'timeout';
  /** The resolver's own code, for the log. */
  readonly detail: string;
}

/** Records found. */
export interface FoundRecords<T> {
  readonly kind: 'found';
  /** Never empty. */
  readonly records: readonly T[];
  /** Age in milliseconds of an answer kept from before DNS failed; undefined for a current answer. */
  readonly staleMs?: number;
}

/** What DNS says about `_sipfederationtls._tcp` of a SIP domain. */
export type SrvAnswer = FoundRecords<SrvRecord> | NoRecords;

/** What DNS says about the addresses of a host: IPv4 and IPv6 together. */
export type AddressAnswer = FoundRecords<HostAddress> | NoRecords;

/** DNS as the federation needs it. */
export interface FederationResolver {
  /** The SRV records of a SIP domain's Access Edge, in the order of the answer. */
  srv(domain: string): Promise<SrvAnswer>;
  /** The addresses of a host; an IP address is its own answer. */
  addresses(host: string): Promise<AddressAnswer>;
  /** The kept answer for a SIP domain, or undefined if `srv` would have to wait: for the path of every message. */
  peek(domain: string): SrvAnswer | undefined;
  /** Notes a verified connection with a domain's Edge: its last good answers then outlive a failure of DNS by a day. */
  noteEstablished(domain: string, host: string): void;
}
