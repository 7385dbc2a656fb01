import { ok, type Result } from '../base/result.ts';
import type { Binding } from '../model/binding.ts';
import type { Aor, TenantId } from '../model/names.ts';
import { inChunks } from './chunks.ts';
import type { BindingTable, Database } from './schema.ts';
import type { BindingKey } from './store.ts';
import type { Written } from './written.ts';

/**
 * Writes bindings; of two for the same (aor, instance) the later in the list stays. A row of another node or incarnation is only
 * replaced by a newer registration; within one incarnation the order of writing decides, so that a clock set back does no harm.
 */
async function writeBindings(db: Database, bindings: readonly Binding[]): Promise<void> {
  const newest = new Map<string, Binding>();
  for (const binding of bindings) newest.set(`${binding.aor}\n${binding.instance}`, binding);
  for (const chunk of inChunks([...newest.values()])) {
    await db
      .insertInto('bindings')
      .values(chunk.map(rowFromBinding))
      .onConflict(conflict =>
        conflict
          .columns(['aor', 'instance'])
          .doUpdateSet(eb => ({
            tenant: eb.ref('excluded.tenant'),
            contact_uri: eb.ref('excluded.contact_uri'),
            call_id: eb.ref('excluded.call_id'),
            cseq: eb.ref('excluded.cseq'),
            priority: eb.ref('excluded.priority'),
            node: eb.ref('excluded.node'),
            incarnation: eb.ref('excluded.incarnation'),
            flow: eb.ref('excluded.flow'),
            user_agent: eb.ref('excluded.user_agent'),
            registered_at_ms: eb.ref('excluded.registered_at_ms'),
            expires_at_ms: eb.ref('excluded.expires_at_ms'),
          }))
          .where(eb =>
            eb.or([
              eb('excluded.registered_at_ms', '>=', eb.ref('bindings.registered_at_ms')),
              eb.and([
                eb('excluded.node', '=', eb.ref('bindings.node')),
                eb('excluded.incarnation', '=', eb.ref('bindings.incarnation')),
              ]),
            ]),
          ),
      )
      .execute();
  }
}

/** Removes bindings that are still held by the flow named: a late close never removes a newer one (D21). */
async function removeBindings(db: Database, keys: readonly BindingKey[]): Promise<void> {
  for (const key of keys) {
    await db
      .deleteFrom('bindings')
      .where('aor', '=', key.aor)
      .where('instance', '=', key.instance)
      .where('node', '=', key.node)
      .where('incarnation', '=', key.incarnation)
      .where('flow', '=', key.flow)
      .execute();
  }
}

/** Removes every binding of the addresses: what happens when their users go. */
export async function removeBindingsOf(db: Database, aors: readonly Aor[]): Promise<void> {
  for (const chunk of inChunks(aors)) await db.deleteFrom('bindings').where('aor', 'in', chunk).execute();
}

/** Bindings of the addresses, or all of them. */
export async function readBindings(db: Database, aors?: readonly Aor[]): Promise<Binding[]> {
  const query = db.selectFrom('bindings').selectAll().orderBy('aor').orderBy('instance');
  if (aors === undefined) return (await query.execute()).map(bindingFromRow);
  const found: Binding[] = [];
  for (const chunk of inChunks([...new Set(aors)])) {
    for (const row of await query.where('aor', 'in', chunk).execute()) found.push(bindingFromRow(row));
  }
  return found;
}

/** Removes bindings, then writes some: the operation of the port. */
export async function replaceBindings(
  db: Database,
  _atMs: number,
  upserts: readonly Binding[],
  removals: readonly BindingKey[],
): Promise<Result<Written<void>>> {
  await removeBindings(db, removals);
  await writeBindings(db, upserts);
  const aors = [...new Set([...removals, ...upserts].map(binding => binding.aor))];
  return ok({ value: undefined, hints: [{ kind: 'bindings', aors }] });
}

/** Removes what earlier incarnations of the node left behind. */
export async function forgetIncarnations(
  db: Database,
  _atMs: number,
  node: string,
  except: string,
): Promise<Result<Written<void>>> {
  const rows = await db
    .deleteFrom('bindings')
    .where('node', '=', node)
    .where('incarnation', '!=', except)
    .returning('aor')
    .execute();
  const aors = [...new Set(rows.map(row => row.aor as Aor))];
  return ok({ value: undefined, hints: aors.length > 0 ? [{ kind: 'bindings', aors }] : [] });
}

function bindingFromRow(row: BindingTable): Binding {
  return {
    tenant: row.tenant as TenantId,
    aor: row.aor as Aor,
    instance: row.instance,
    contactUri: row.contact_uri,
    callId: row.call_id,
    cseq: row.cseq,
    priority: row.priority,
    node: row.node,
    incarnation: row.incarnation,
    flow: row.flow,
    userAgent: row.user_agent,
    registeredAtMs: row.registered_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}

function rowFromBinding(binding: Binding): BindingTable {
  return {
    aor: binding.aor,
    instance: binding.instance,
    tenant: binding.tenant,
    contact_uri: binding.contactUri,
    call_id: binding.callId,
    cseq: binding.cseq,
    priority: binding.priority,
    node: binding.node,
    incarnation: binding.incarnation,
    flow: binding.flow,
    user_agent: binding.userAgent,
    registered_at_ms: binding.registeredAtMs,
    expires_at_ms: binding.expiresAtMs,
  };
}
