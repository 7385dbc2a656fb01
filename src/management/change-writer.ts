import { countOf } from '../base/count-text.ts';
import { type Failure, FailureError, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import type { AppliedCount } from '../replication/snapshot-pusher.ts';
import type { ChangeSet, Committed } from '../store/store.ts';
import { type ChangePlan, changeViews, type Planner, withoutEmptyChanges } from './change-plan.ts';
import type { ChangeRequest } from './change-request.ts';
import type { CommandResult, ObjectView } from './command-result.ts';
import type { CurrentState } from './current-state.ts';
import type { ManagementPorts } from './management-ports.ts';
import type { ManagementState } from './management-state.ts';
import { objectView, userView } from './object-view.ts';
import type { PlanWriter, WrittenPlan } from './plan-writer.ts';

/** How often a change is validated again because the state moved under it. */
const maxAttempts = 5;
/** Changes waiting for their turn. */
const maxWaiting = 256;
/** How long a command waits for the nodes and Edges to apply it (D25). */
const applyTimeoutMs = 5000;

/** Plans by running several commands. */
type ComposedPlanner = (state: ManagementState) => Promise<Result<ChangePlan>>;

/**
 * Writes changes one at a time: validate, commit against the configuration validated against, and again if that moved.
 * One writer per process keeps commands from conflicting with each other; other nodes are met through the retries.
 */
export class ChangeWriter implements PlanWriter {
  readonly #ports: ManagementPorts;
  readonly #current: CurrentState;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(ports: ManagementPorts, current: CurrentState) {
    this.#ports = ports;
    this.#current = current;
  }

  /** Plans, writes and waits until the nodes run from the change; with WhatIf only plans. */
  async change(request: ChangeRequest, planner: Planner): Promise<Result<CommandResult>> {
    const written = await this.write(request, planner);
    if (!written.ok) return written;
    return ok(await this.resultOf(request, written.value));
  }

  /** Plans and writes. Fails with what the planner fails with, CHANGE_CONTENDED, CHANGE_QUEUE_FULL or STORE_UNAVAILABLE. */
  async write(
    request: ChangeRequest,
    planner: Planner | ComposedPlanner,
    summary = request.summary,
  ): Promise<Result<WrittenPlan>> {
    if (this.#waiting >= maxWaiting) return err(failure('CHANGE_QUEUE_FULL', { limit: maxWaiting }));
    this.#waiting++;
    const turn = this.#tail.then(() => this.#writeInTurn(request, planner, summary));
    this.#tail = turn.catch(() => undefined);
    try {
      return await turn;
    } catch (fault) {
      if (fault instanceof FailureError) return err(fault.failure);
      throw fault;
    } finally {
      this.#waiting--;
    }
  }

  /** What a written plan looks like to the caller. */
  async resultOf(request: ChangeRequest, written: WrittenPlan): Promise<CommandResult> {
    const { plan, state, committed } = written;
    const base = { notices: plan.notices, ...(plan.items ? { items: plan.items } : {}) };
    if (request.options.whatIf) {
      const changes = changeViews(state, plan);
      return { kind: 'whatIf', objects: [], message: `What if: ${plan.message}`, changes, ...base };
    }
    if (!committed) return { kind: 'unchanged', objects: [], message: `Nothing to change: ${plan.message}`, ...base };
    const changed = { kind: 'changed', objects: [], message: plan.message, revision: committed.revision, ...base } as const;
    try {
      const applied = await this.#waitForApplied(plan.objects.length > 0 ? committed.configuration : undefined);
      const objects = await this.#viewsAfter(request, plan);
      return applied
        ? { ...changed, objects, applied, message: `${plan.message} ${appliedText(applied)}` }
        : { ...changed, objects };
    } catch (fault) {
      // The change is durable: a store that went away since must not make it look refused, nor lose a generated password.
      if (!(fault instanceof FailureError)) throw fault;
      return { ...changed, notices: [...plan.notices, `The change is saved, but could not be read back: ${fault.failure.text}`] };
    }
  }

  /** Users reach the nodes as rows, so only a moved configuration is waited for. */
  async #waitForApplied(version: ConfigurationVersion | undefined): Promise<AppliedCount | undefined> {
    return version && this.#ports.replication.waitForApplied(version, applyTimeoutMs);
  }

  async #writeInTurn(request: ChangeRequest, planner: Planner | ComposedPlanner, summary: string): Promise<Result<WrittenPlan>> {
    let last: Failure | undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const state = await this.#current.read(request.principal.scope);
      const planned = await planner(state);
      if (!planned.ok) return planned;
      const plan = withoutEmptyChanges(state, planned.value);
      if (request.options.whatIf || (plan.objects.length === 0 && plan.users.length === 0)) return ok({ plan, state });
      const committed = await this.#commit(request, state, plan, summary);
      if (committed.ok) return ok({ plan, state, committed: committed.value });
      last = committed.error;
      if (!stateMoved(last)) return committed;
      await this.#current.reread();
    }
    return err(failure('CHANGE_CONTENDED', { command: request.name, attempts: maxAttempts }, last));
  }

  async #commit(request: ChangeRequest, state: ManagementState, plan: ChangePlan, summary: string): Promise<Result<Committed>> {
    const change: ChangeSet = {
      author: request.principal.name,
      from: request.principal.from,
      summary,
      basedOn: state.configuration.version,
      objects: plan.objects,
      users: plan.users,
    };
    const committed = await this.#ports.store.commit(change);
    if (committed.ok) await this.#follow(change);
    return committed;
  }

  /**
   * A change is answered only when this server decides by it: whoever revokes a policy and sends the next message must not meet the old state.
   * A store lost after the commit changes nothing about the commit; this server follows when the store is back.
   */
  async #follow(change: ChangeSet): Promise<void> {
    await Promise.allSettled([this.#current.refresh(change), this.#ports.applyElsewhere(change)]);
  }

  async #viewsAfter(request: ChangeRequest, plan: ChangePlan): Promise<readonly ObjectView[]> {
    const { configuration, users } = await this.#current.read(request.principal.scope);
    const ofObjects = plan.objects.flatMap(change => {
      const object = configuration.find(change.kind, change.owner, change.identity);
      return object ? [objectView(configuration, object)] : [];
    });
    const ofUsers = plan.users.flatMap(change => {
      const user = users.get(change.id);
      return user ? [userView(configuration, user)] : [];
    });
    return [...ofObjects, ...ofUsers];
  }
}

/** Failures of a commit that a validation against the newest state may turn into success, or into a better failure. */
function stateMoved(of: Failure): boolean {
  return of.code === 'STORE_CONFLICT' || of.code === 'ALREADY_EXISTS' || of.code === 'NOT_FOUND';
}

function appliedText({ applied, of }: AppliedCount): string {
  if (of === 0) return 'Saved.';
  if (applied < of) return `Saved, applied on ${applied} of ${countOf(of, 'Edge')}.`;
  return of === 1 ? 'Saved and applied on the Edge.' : `Saved and applied on all ${countOf(of, 'Edge')}.`;
}
