import type { Aor, TenantId } from '../../model/names.ts';
import type { PresenceState } from './availability.ts';

/** One publication of one endpoint (D23): key (aor, etag); the etag changes with every PUBLISH that succeeds (rfc3903 6). */
export interface Publication {
  readonly tenant: TenantId;
  readonly aor: Aor;
  readonly etag: string;
  /** Version of the presentity that this change made. */
  readonly version: number;
  /** The endpoint that published, as its binding names it; absent until it registers. */
  readonly instance?: string;
  /** The connection it came over. */
  readonly flow?: string;
  readonly state: PresenceState;
  /** The document as received. */
  readonly raw: Uint8Array;
  /** By the time of the service that wrote it, which no correction of the machine's clock moves; milliseconds since 1970. */
  readonly publishedAtMs: number;
  readonly expiresAtMs: number;
}

/** A watcher of a user (D24): key (aor, watcher); there as long as one of its subscriptions. */
export interface Watcher {
  readonly tenant: TenantId;
  readonly aor: Aor;
  readonly watcher: Aor;
  readonly kind: 'inside' | 'federated';
  readonly displayName: string;
  readonly status: 'pending' | 'active';
  readonly sinceMs: number;
}

/** A subscription as another node could take it over (D24): key id. */
export interface SubscriptionRow {
  readonly id: string;
  readonly tenant: TenantId;
  readonly aor: Aor;
  readonly watcher: Aor;
  readonly event: string;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
  /** No NOTIFY has a CSeq above this one: whoever takes over goes on from here. */
  readonly reservedCSeq: number;
  readonly remoteCSeq: number;
  readonly expiresAtMs: number;
}

/** One change of what is kept. */
export type PresenceChange =
  /** `replaces`: etag of the row that this one stands for from now on. */
  | { readonly kind: 'publication'; readonly row: Publication; readonly replaces?: string }
  | { readonly kind: 'publication-removed'; readonly aor: Aor; readonly etag: string; readonly version: number }
  | { readonly kind: 'watcher'; readonly row: Watcher }
  | { readonly kind: 'watcher-removed'; readonly aor: Aor; readonly watcher: Aor }
  | { readonly kind: 'subscription'; readonly row: SubscriptionRow }
  | { readonly kind: 'subscription-removed'; readonly id: string };

/** Where changes go to be kept, in order; nothing waits for it, so it batches and retries by itself (D22). */
export interface PresenceStore {
  write(change: PresenceChange): void;
}
