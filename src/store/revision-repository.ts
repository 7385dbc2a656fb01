import type { ConfigurationVersion } from '../model/configuration-version.ts';
import { inChunks } from './chunks.ts';
import type { Database, RevisionChangeTable } from './schema.ts';
import type { Revision, RevisionChange } from './store.ts';

/** The number the running transaction's revision will have, and the configuration it found. */
export interface RevisionStart {
  readonly number: number;
  readonly configuration: ConfigurationVersion;
}

/** Takes the next revision number. The row it raises stays locked until the transaction ends, so commits follow each other. */
export async function startRevision(db: Database): Promise<RevisionStart> {
  const state = await db
    .updateTable('store_state')
    .set(eb => ({ revision: eb('revision', '+', 1) }))
    .where('id', '=', 1)
    .returning(['epoch', 'revision', 'configuration'])
    .executeTakeFirstOrThrow();
  return { number: state.revision, configuration: { epoch: state.epoch, number: state.configuration } };
}

/** Makes the revision the configuration's new version. */
export async function moveConfiguration(db: Database, number: number): Promise<void> {
  await db.updateTable('store_state').set({ configuration: number }).where('id', '=', 1).execute();
}

/** Writes a revision with its changes into the history. */
export async function writeRevision(db: Database, revision: Revision): Promise<void> {
  const { number, epoch, atMs, author, from, summary } = revision;
  await db
    .insertInto('revisions')
    .values({ number, epoch, at_ms: atMs, author, summary, source: from ?? null })
    .execute();
  let position = 0;
  for (const chunk of inChunks(revision.changes)) {
    await db
      .insertInto('revision_changes')
      .values(
        chunk.map(change => ({
          revision: number,
          position: position++,
          kind: change.kind,
          owner: change.owner,
          identity: change.identity,
          state_before: change.before === null ? null : JSON.stringify(change.before),
          state_after: change.after === null ? null : JSON.stringify(change.after),
        })),
      )
      .execute();
  }
}

/** At most `limit` revisions, newest first, below number `before` if given. */
export async function readRevisions(db: Database, limit: number, before?: number): Promise<Revision[]> {
  let query = db.selectFrom('revisions').selectAll().orderBy('number', 'desc').limit(limit);
  if (before !== undefined) query = query.where('number', '<', before);
  const rows = await query.execute();
  const changes = new Map<number, RevisionChange[]>(rows.map(row => [row.number, []]));
  for (const chunk of inChunks([...changes.keys()])) {
    const found = await db
      .selectFrom('revision_changes')
      .selectAll()
      .where('revision', 'in', chunk)
      .orderBy('revision')
      .orderBy('position')
      .execute();
    for (const row of found) changes.get(row.revision)?.push(changeFromRow(row));
  }
  return rows.map(row => ({
    number: row.number,
    epoch: row.epoch,
    atMs: row.at_ms,
    author: row.author,
    ...(row.source === null ? {} : { from: row.source }),
    summary: row.summary,
    changes: changes.get(row.number) ?? [],
  }));
}

function changeFromRow(row: RevisionChangeTable): RevisionChange {
  return {
    kind: row.kind as RevisionChange['kind'],
    owner: row.owner,
    identity: row.identity,
    before: row.state_before === null ? null : (JSON.parse(row.state_before) as unknown),
    after: row.state_after === null ? null : (JSON.parse(row.state_after) as unknown),
  };
}
