import type { Kysely } from 'kysely';

/** The one row that orders everything: taking it for update makes commits follow each other on every engine. */
export interface StoreStateTable {
  id: number;
  epoch: number;
  /** Number of the last revision. */
  revision: number;
  /** Number of the last revision that changed configuration objects. */
  configuration: number;
  /** The timeline of the PostgreSQL server that it was last written on, 8 hexadecimal digits; null on another engine. */
  timeline: string | null;
}

/** One configuration object; `version` is the number of the revision that last wrote it. */
export interface ConfigurationObjectTable {
  owner: string;
  kind: string;
  identity: string;
  version: number;
  /** JSON. */
  body: string;
}

/** One user; `version` as for objects, `enabled` 0 or 1. */
export interface UserTable {
  id: string;
  tenant: string;
  aor: string;
  display_name: string;
  enabled: number;
  registrar_pool: string;
  hosting_provider_proxy_fqdn: string;
  /** The granted policy of that kind, as in `policies`; where a server of schema 0002 shares the database, what it wrote here alone counts. */
  external_access_policy: string | null;
  /** JSON, a list; null where the user has blocked nobody. */
  blocked_senders: string | null;
  version: number;
  credential_version: number;
  /** JSON, names of granted policies by kind; null where none is granted. */
  policies: string | null;
  /** JSON, texts by name; null where nothing is known. */
  attributes: string | null;
}

/** A user's sealed secrets; `box` is base64, so that one column type serves every engine. */
export interface UserCredentialTable {
  user_id: string;
  key_id: string;
  box: string;
}

/** Who holds a key that may be held once only. */
export interface UniqueClaimTable {
  claim: string;
  holder_kind: string;
  holder_owner: string;
  holder_identity: string;
}

/** One committed change set. */
export interface RevisionTable {
  number: number;
  epoch: number;
  at_ms: number;
  author: string;
  summary: string;
  source: string | null;
}

/** One object or user of a revision; states are JSON, null where there was none. */
export interface RevisionChangeTable {
  revision: number;
  position: number;
  kind: string;
  owner: string;
  identity: string;
  state_before: string | null;
  state_after: string | null;
}

/** One binding; times in milliseconds since 1970. */
export interface BindingTable {
  aor: string;
  instance: string;
  tenant: string;
  contact_uri: string;
  call_id: string;
  cseq: number;
  priority: number;
  node: string;
  incarnation: string;
  flow: string;
  user_agent: string;
  registered_at_ms: number;
  expires_at_ms: number;
}

/** The tables as the migrations leave them. */
export interface Schema {
  store_state: StoreStateTable;
  configuration_objects: ConfigurationObjectTable;
  users: UserTable;
  user_credentials: UserCredentialTable;
  unique_claims: UniqueClaimTable;
  revisions: RevisionTable;
  revision_changes: RevisionChangeTable;
  bindings: BindingTable;
}

/** A database or a running transaction on it: what every repository function works on. */
export type Database = Kysely<Schema>;
