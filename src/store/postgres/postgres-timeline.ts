import { type Client, escapeIdentifier } from 'pg';
import type { ConfigurationVersion } from '../../model/configuration-version.ts';
import { writeHintMessage } from './hint-message.ts';
import type { PostgresSchema } from './postgres-database.ts';

/** What a timeline is followed with. */
export interface TimelineContext {
  readonly schema: PostgresSchema;
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/**
 * Looks whether the database server was promoted since the store was written last. A standby that takes over begins a timeline of its own, and
 * what the former server had not passed on is gone: so another timeline raises the epoch, and whoever decides by what no longer exists takes what is
 * there now as the newer. One of a lower number is that of a new server which got the data as a dump. The first to see it does so; the compare is in
 * the update. Throws what the driver throws.
 */
export async function followTimeline(client: Client, context: TimelineContext): Promise<void> {
  const table = (name: string) => `${escapeIdentifier(context.schema.name)}.${name}`;
  // right at once after a promotion; nothing while the server only follows another
  const { rows } = await client.query<{ readonly now: string | null; readonly known: string | null }>(
    `select case when pg_is_in_recovery() then null else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end as now,
     (select timeline from ${table('store_state')} where id = 1) as known`,
  );
  const [timelines] = rows;
  if (!timelines?.now || timelines.now === timelines.known) return;
  await client.query('begin');
  try {
    await raiseEpoch(client, table, { ...context, now: timelines.now, known: timelines.known });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** The first timeline of a store is noted and raises nothing. The epoch is made as a restore makes it, so that the two follow each other. */
async function raiseEpoch(
  client: Client,
  table: (name: string) => string,
  { schema, origin, atMs, now, known }: TimelineContext & { readonly now: string; readonly known: string | null },
): Promise<void> {
  const moved = await client.query<ConfigurationVersion>(
    `update ${table('store_state')} set timeline = $1,
     epoch = case when timeline is null then epoch else greatest(epoch + 1, $2) end,
     revision = case when timeline is null then revision else revision + 1 end,
     configuration = case when timeline is null then configuration else revision + 1 end
     where id = 1 and (timeline is null or timeline <> $1) returning epoch, revision as number`,
    [now, Math.floor(atMs / 1000)],
  );
  const [revision] = moved.rows;
  if (!revision || known === null) return;
  const what = now > known ? 'was promoted' : 'is another server';
  const summary = `PostgreSQL ${what} (timeline ${known}, now ${now}): what it has is the newest from here on`;
  await client.query(
    `insert into ${table('revisions')} (number, epoch, at_ms, author, summary) values ($1, $2, $3, 'store', $4)`,
    [revision.number, revision.epoch, atMs, summary],
  );
  for (const payload of writeHintMessage({ origin, revision, hints: [{ kind: 'resync' }] })) {
    await client.query('select pg_notify($1, $2)', [schema.channel, payload]);
  }
}
