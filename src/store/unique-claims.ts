import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { inChunks } from './chunks.ts';
import type { Database } from './schema.ts';

/** A key and the object or user that holds it. */
export interface Claim {
  readonly claim: string;
  readonly kind: string;
  readonly owner: string;
  readonly identity: string;
}

/**
 * Gives up `released` and takes `claimed`; fails with ALREADY_EXISTS when somebody else holds one of them, or two of `claimed` are
 * equal. Runs while the store state row is held, so that looking and taking are one step.
 */
export async function replaceClaims(db: Database, released: readonly Claim[], claimed: readonly Claim[]): Promise<Result<void>> {
  const kept = new Set(released.map(claimText));
  const wanted = new Map<string, Claim>();
  for (const claim of claimed) {
    const rival = wanted.get(claim.claim);
    if (rival) return err(claimTaken(claim, rival));
    wanted.set(claim.claim, claim);
  }
  const stay = new Set(claimed.map(claimText).filter(text => kept.has(text)));
  const leaving = released.filter(claim => !stay.has(claimText(claim)));
  for (const chunk of inChunks(leaving)) {
    await db
      .deleteFrom('unique_claims')
      .where(
        'claim',
        'in',
        chunk.map(claim => claim.claim),
      )
      .execute();
  }
  const coming = claimed.filter(claim => !stay.has(claimText(claim)));
  for (const chunk of inChunks(coming)) {
    const taken = await findTaken(db, chunk, wanted);
    if (!taken.ok) return taken;
    const rows = chunk.map(({ claim, kind, owner, identity }) => ({
      claim,
      holder_kind: kind,
      holder_owner: owner,
      holder_identity: identity,
    }));
    await db.insertInto('unique_claims').values(rows).execute();
  }
  return ok(undefined);
}

async function findTaken(db: Database, chunk: readonly Claim[], wanted: ReadonlyMap<string, Claim>): Promise<Result<void>> {
  const row = await db
    .selectFrom('unique_claims')
    .selectAll()
    .where(
      'claim',
      'in',
      chunk.map(claim => claim.claim),
    )
    .executeTakeFirst();
  const claim = row && wanted.get(row.claim);
  if (!row || !claim) return ok(undefined);
  return err(claimTaken(claim, { kind: row.holder_kind, identity: row.holder_identity }));
}

function claimTaken(claim: Claim, holder: Pick<Claim, 'kind' | 'identity'>) {
  return failure('ALREADY_EXISTS', { kind: claim.kind, identity: claim.identity, holder: `${holder.kind} ${holder.identity}` });
}

function claimText(claim: Claim): string {
  return `${claim.claim}\n${claim.kind}\n${claim.owner}\n${claim.identity}`;
}
