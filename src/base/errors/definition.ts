/** What a SIP peer is told when a step refuses with this code (D13 of the design: one table for every refusal). */
export interface SipMapping {
  /** Status towards our own users and servers. */
  readonly insideStatus: number;
  /** `ms-diagnostics` id sent with it inside the deployment; absent where the protocol has none. */
  readonly diagnosticsId?: number;
  /** The reason text of that header. Never used for decisions by anybody: clients key on the number. */
  readonly diagnosticsReason?: string;
  /** Status towards strangers. */
  readonly outsideStatus: number;
  /** `ms-diagnostics-public` id for partners who may have a reason (and for our own remote users); absent: bare answer. */
  readonly publicId?: number;
}

/** One entry of the error registry. `text` and `fix` may hold `{placeholders}`. */
export interface ErrorDefinition {
  /** One sentence for an admin: what is wrong, naming the place. */
  readonly text: string;
  /** What to do next, in one sentence. */
  readonly fix: string;
  /** `info`: normal refusal; `warning`: somebody should look; `error`: something is broken. */
  readonly severity: 'info' | 'warning' | 'error';
  /** Status of the management API for it; 500 where a request should never meet it. */
  readonly http?: number;
  readonly sip?: SipMapping;
}

/** Keeps the literal keys of a table of definitions while checking every entry. */
export function defineErrors<const T extends Readonly<Record<string, ErrorDefinition>>>(table: T): T {
  return table;
}
