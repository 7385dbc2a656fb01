import { type ClientBase, type ClientConfig, Pool, types } from 'pg';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** Where a PostgreSQL store is. */
export interface PostgresAddress {
  /** `postgres://user@host:5432/database`, with the parameters libpq knows (`sslmode=verify-full`, `host=/run/postgresql`). */
  readonly url: string;
  /** The password, when it is not in the URL. */
  readonly password?: string;
  /** The schema that holds the tables, made when it is missing; the account's default schema when absent. */
  readonly schema?: string;
}

/** How to connect; made once from the address. */
export interface PostgresConnection {
  /** For messages: host, port and database, never credentials. */
  readonly server: string;
  readonly config: ClientConfig;
}

/** A server that does not answer is given up after this. */
const connectTimeoutMs = 5_000;
/** The server ends a statement that takes longer; ours are short, so it waits for a lock or a sick disk. */
const statementTimeoutMs = 20_000;
/** The driver gives up later than the server, so that only a server gone silent runs into it. */
const silenceMs = 30_000;
const idleMs = 60_000;

/** Reads an address. Fails with POSTGRES_REFUSED when it is no URL of PostgreSQL. */
export function postgresConnection({ url, password }: PostgresAddress): Result<PostgresConnection> {
  const parsed = parseUrl(url);
  if (!parsed) {
    // Never the text itself: it may hold a password.
    return err(failure('POSTGRES_REFUSED', { server: 'the URL given', reason: 'expected postgres://user@host:5432/database' }));
  }
  const host = parsed.searchParams.get('host') ?? decodeURIComponent(parsed.host);
  const server = `${host || 'the local socket'}${parsed.pathname}`;
  // As a parameter it has a place even in a URL without a host.
  if (password !== undefined) parsed.searchParams.set('password', password);
  return ok({
    server,
    config: {
      connectionString: parsed.href,
      application_name: 'parley',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      // bigint as a number: ours are counters and milliseconds. Set per connection, so that other users of the driver are left alone.
      types: {
        getTypeParser: (oid: number, format?: 'text' | 'binary') =>
          oid === types.builtins.INT8 && format !== 'binary' ? Number : types.getTypeParser(oid, format),
      } as typeof types,
    },
  });
}

/** The form without a host, which libpq takes for a local server, gets one: the parameter `host` still decides. */
function parseUrl(url: string): URL | undefined {
  if (!/^postgres(ql)?:\/\//.test(url)) return undefined;
  const forms = [url, url.replace('@/', '@localhost/')];
  const readable = forms.find(form => URL.canParse(form));
  if (readable === undefined) return undefined;
  const parsed = new URL(readable);
  try {
    for (const part of [parsed.host, parsed.username, parsed.password, parsed.pathname]) decodeURIComponent(part);
    return parsed;
  } catch {
    // A percent sign that encodes nothing: the driver would throw, with the URL in hand.
    return undefined;
  }
}

/** Connections for the store's work: everything on them sees one schema only, and a commit waits for the disk whatever the default is. */
export function openPool({ config }: PostgresConnection, schema: string, size: number): Pool {
  const pool = new Pool({
    ...config,
    max: size,
    idleTimeoutMillis: idleMs,
    query_timeout: silenceMs,
    onConnect: client => prepareSession(client, schema),
  });
  ignoreLostConnections(pool);
  return pool;
}

/** A connection lost while idle is replaced by the next use, one lost in use fails its query: the event itself must not end the process. */
export function ignoreLostConnections(pool: Pool): void {
  pool.on('error', () => undefined);
  pool.on('connect', client => client.on('error', () => undefined));
}

async function prepareSession(client: ClientBase, schema: string): Promise<void> {
  await client.query(
    `select set_config('search_path', quote_ident($1), false), set_config('statement_timeout', $2, false),
       set_config('synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'local'
         else current_setting('synchronous_commit') end, false)`,
    [schema, String(statementTimeoutMs)],
  );
}
