import { countOf } from '../base/count-text.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { UserChange } from '../store/store.ts';
import type { ChangePlan } from './change-plan.ts';
import type { CommandContext } from './command-context.ts';
import type { ChangeView, CommandResult, ItemOutcome, ObjectView } from './command-result.ts';
import type { ManagementState } from './management-state.ts';

/** Users per revision: large enough to be fast, small enough that other changes get their turn. */
const usersPerRevision = 1000;
/** Up to this many changed users are shown in the answer. */
const maxShown = 100;

/** One item of a bulk command, planned: what it changes, and a password that was generated for it. */
export interface PlannedItem {
  readonly identity: string;
  readonly change: UserChange;
  readonly password?: string;
}

/** Plans one item against a state; `index` is its place in the whole list. */
export type ItemPlanner<I> = (state: ManagementState, item: I, index: number) => Result<PlannedItem>;

/** A command on many users. */
export interface BulkChange<I> {
  readonly items: readonly I[];
  readonly nameOf: (item: I) => string;
  readonly plan: ItemPlanner<I>;
  /** Checks that concern the command as a whole, before any item. */
  readonly check?: (state: ManagementState) => Result<unknown>;
  /** `1 user enabled`: the participle. */
  readonly done: string;
  readonly notices?: readonly string[];
}

/**
 * Runs a command on many users in revisions of 1,000: one outcome per item, and no failure of one stops the others.
 * On one user its failure is the failure of the command.
 */
export async function changeUsers<I>(context: CommandContext, bulk: BulkChange<I>): Promise<Result<CommandResult>> {
  const items: ItemOutcome[] = [];
  const objects: ObjectView[] = [];
  const changes: ChangeView[] = [];
  const notices = new Set(bulk.notices);
  let revision: number | undefined;
  for (let start = 0; start < bulk.items.length || start === 0; start += usersPerRevision) {
    const chunk = bulk.items.slice(start, start + usersPerRevision);
    const summary = bulk.items.length > 1 ? `${context.name} (${countOf(chunk.length, 'user')})` : context.summary;
    const written = await context.writer.write(context, state => planChunk(state, bulk, chunk, start), summary);
    if (!written.ok) {
      if (bulk.items.length === 1 || (start === 0 && isWholesale(written.error))) return written;
      items.push(...chunk.map(item => failedItem(bulk.nameOf(item), written.error)));
      continue;
    }
    const { plan, state, committed } = written.value;
    items.push(...settledItems(plan, plan.items ?? []));
    revision = committed?.revision ?? revision;
    if (context.options.whatIf || objects.length < maxShown) {
      const result = await context.writer.resultOf(context, {
        plan: shownPart(plan),
        state,
        ...(committed ? { committed } : {}),
      });
      objects.push(...result.objects);
      changes.push(...(result.changes ?? []));
      for (const notice of result.notices) notices.add(notice);
    }
  }
  return outcome(context, bulk, { items, objects, changes, notices: [...notices], revision });
}

/** The first 100 users of a plan. */
function shownPart(plan: ChangePlan): ChangePlan {
  return { ...plan, users: plan.users.slice(0, maxShown) };
}

/** True for failures that concern the command and not an item. */
function isWholesale(of: Failure): boolean {
  return of.code !== 'CHANGE_CONTENDED' && of.code !== 'STORE_UNAVAILABLE' && of.code !== 'DATABASE_GONE';
}

function planChunk<I>(state: ManagementState, bulk: BulkChange<I>, chunk: readonly I[], start: number): Result<ChangePlan> {
  const checked = bulk.check?.(state) ?? ok(undefined);
  if (!checked.ok) return checked;
  const users: UserChange[] = [];
  const items: ItemOutcome[] = [];
  const seen = new Set<string>();
  for (const [i, item] of chunk.entries()) {
    const planned = bulk.plan(state, item, start + i);
    if (!planned.ok) {
      if (bulk.items.length === 1) return planned;
      items.push(failedItem(bulk.nameOf(item), planned.error));
      continue;
    }
    const { identity, change, password } = planned.value;
    if (seen.has(identity)) {
      items.push(failedItem(identity, failure('IDENTITY_REPEATED', { identity })));
      continue;
    }
    seen.add(identity);
    users.push(change);
    items.push({ identity, status: 'done', ...(password === undefined ? {} : { password }) });
  }
  const name = items.length === 1 ? items[0]?.identity : countOf(users.length, 'user');
  return ok({ objects: [], users, message: `${name} ${bulk.done}.`, notices: bulk.notices ?? [], items });
}

/** Items whose change was dropped because nothing differs are `unchanged`. */
function settledItems(plan: ChangePlan, items: readonly ItemOutcome[]): readonly ItemOutcome[] {
  const changed = new Set(plan.users.map(change => change.user?.aor as string | undefined));
  const removes = plan.users.some(change => change.user === null);
  return items.map(item =>
    item.status === 'done' && !removes && !changed.has(item.identity) ? { ...item, status: 'unchanged' } : item,
  );
}

function failedItem(identity: string, of: Failure): ItemOutcome {
  return { identity, status: 'failed', failure: of };
}

interface BulkOutcome {
  readonly items: readonly ItemOutcome[];
  readonly objects: readonly ObjectView[];
  readonly changes: readonly ChangeView[];
  readonly notices: readonly string[];
  readonly revision: number | undefined;
}

function outcome<I>(
  context: CommandContext,
  bulk: BulkChange<I>,
  { items, objects, changes, notices, revision }: BulkOutcome,
): Result<CommandResult> {
  const count = (status: ItemOutcome['status']) => items.filter(item => item.status === status).length;
  const [done, unchanged, failed] = [count('done'), count('unchanged'), count('failed')];
  const only = bulk.items.length === 1 ? items[0] : undefined;
  if (only?.failure) return err(only.failure);
  const tail = [unchanged > 0 ? `${unchanged} already so` : '', failed > 0 ? `${failed} failed` : ''].filter(Boolean).join(', ');
  const name = only ? only.identity : countOf(done, 'user');
  const message =
    only?.status === 'unchanged' ? `Nothing to change: ${name} ${bulk.done}.` : `${name} ${bulk.done}${tail ? `, ${tail}` : ''}.`;
  const { whatIf } = context.options;
  return ok({
    kind: whatIf ? 'whatIf' : revision === undefined ? 'unchanged' : 'changed',
    objects: objects.slice(0, maxShown),
    message: whatIf ? `What if: ${message}` : message,
    notices,
    items: whatIf ? items.map(({ password: _, ...item }) => item) : items,
    ...(whatIf ? { changes } : {}),
    ...(revision === undefined ? {} : { revision }),
  });
}
