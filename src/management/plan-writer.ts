import type { Result } from '../base/result.ts';
import type { Committed } from '../store/store.ts';
import type { ChangePlan, Planner } from './change-plan.ts';
import type { ChangeRequest } from './change-request.ts';
import type { CommandResult } from './command-result.ts';
import type { ManagementState } from './management-state.ts';

/** A plan as it was written, before the nodes are waited for. */
export interface WrittenPlan {
  readonly plan: ChangePlan;
  readonly state: ManagementState;
  /** Absent when nothing had to be written, or is not written yet. */
  readonly committed?: Committed;
}

/** What a command has its plans written by: alone, each becomes a revision; among others, all become one. */
export interface PlanWriter {
  /** Plans and writes. Fails with what the planner fails with, or as the store does. */
  write(request: ChangeRequest, planner: Planner, summary?: string): Promise<Result<WrittenPlan>>;
  /** What a written plan looks like to the caller. */
  resultOf(request: ChangeRequest, written: WrittenPlan): Promise<CommandResult>;
  /** Both. */
  change(request: ChangeRequest, planner: Planner): Promise<Result<CommandResult>>;
}
