import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { changeViews, type Planner, withoutEmptyChanges } from './change-plan.ts';
import type { ChangeRequest } from './change-request.ts';
import type { CommandResult } from './command-result.ts';
import type { PlanOverlay } from './plan-overlay.ts';
import type { PlanWriter, WrittenPlan } from './plan-writer.ts';

/** Objects and users that one revision may change: a larger one would keep everybody else waiting. */
const maxChanges = 5000;

/** CHANGE_TOO_LARGE where an overlay has more than one revision may change. */
export function overlayTooLarge(overlay: PlanOverlay): Failure | undefined {
  return overlay.count > maxChanges ? failure('CHANGE_TOO_LARGE', { limit: maxChanges }) : undefined;
}

/** Puts the plans of commands on an overlay, which becomes one revision later. */
export class OverlayWriter implements PlanWriter {
  readonly #overlay: PlanOverlay;

  constructor(overlay: PlanOverlay) {
    this.#overlay = overlay;
  }

  async write(_request: ChangeRequest, planner: Planner): Promise<Result<WrittenPlan>> {
    // nothing is waited for here: without a turn for others, two hundred commands on many users would stop the whole server
    await nextTurn();
    const full = overlayTooLarge(this.#overlay);
    if (full) return err(full);
    const { state } = this.#overlay;
    const planned = planner(state);
    if (!planned.ok) return planned;
    const plan = withoutEmptyChanges(state, planned.value);
    this.#overlay.add(plan);
    return ok({ plan, state });
  }

  async resultOf({ options }: ChangeRequest, { plan, state }: WrittenPlan): Promise<CommandResult> {
    const { message, notices, items } = plan;
    const base = { objects: [], message, notices, ...(items ? { items } : {}) };
    if (options.whatIf) return { kind: 'whatIf', ...base, changes: changeViews(state, plan) };
    return { kind: plan.objects.length + plan.users.length > 0 ? 'changed' : 'unchanged', ...base };
  }

  async change(request: ChangeRequest, planner: Planner): Promise<Result<CommandResult>> {
    const written = await this.write(request, planner);
    return written.ok ? ok(await this.resultOf(request, written.value)) : written;
  }
}
