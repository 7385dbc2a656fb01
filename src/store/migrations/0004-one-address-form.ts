import type { Kysely } from 'kysely';
import { canonicalAor } from '../../model/names.ts';

/** The columns that hold addresses, as they are at this migration. */
interface AddressTables {
  users: { id: string; aor: string; blocked_senders: string | null };
  unique_claims: { claim: string; holder_kind: string; holder_identity: string };
}

/**
 * Addresses of users and entries of their block lists get their one form (docs/decisions/0015-one-address-form.md). A user whose new address another
 * user has already keeps the old one: nobody can be reached by it, and an admin sees and removes it.
 */
export async function giveAddressesOneForm(db: Kysely<unknown>): Promise<void> {
  const tables = db as Kysely<AddressTables>;
  const rows = await tables.selectFrom('users').select(['id', 'aor', 'blocked_senders']).execute();
  const taken = new Set(rows.map(row => row.aor));
  for (const { id, aor, blocked_senders: list } of rows) {
    const canonical = canonicalAor(aor);
    if (canonical !== aor && !taken.has(canonical)) {
      taken.add(canonical);
      await tables.updateTable('users').set({ aor: canonical }).where('id', '=', id).execute();
      await tables
        .updateTable('unique_claims')
        .set({ claim: `address ${canonical}`, holder_identity: canonical })
        .where('claim', '=', `address ${aor}`)
        .execute();
    }
    const entries = list === null ? list : canonicalEntries(list);
    if (entries !== list) await tables.updateTable('users').set({ blocked_senders: entries }).where('id', '=', id).execute();
  }
}

/** A stored block list with its addresses canonical, sorted, each once; domains stay as they are. */
function canonicalEntries(list: string): string {
  const entries = (JSON.parse(list) as string[]).map(entry => (entry.includes('@') ? canonicalAor(entry) : entry));
  return JSON.stringify([...new Set(entries)].sort());
}
