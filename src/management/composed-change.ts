import { countOf } from '../base/count-text.ts';
import { type Failure, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ChangePlan } from './change-plan.ts';
import type { ChangeRequest } from './change-request.ts';
import type { ChangeWriter } from './change-writer.ts';
import type { CommandResult, ItemOutcome } from './command-result.ts';
import type { ManagementState } from './management-state.ts';
import { OverlayWriter, overlayTooLarge } from './overlay-writer.ts';
import { PlanOverlay } from './plan-overlay.ts';
import type { PlanWriter } from './plan-writer.ts';

/** One of several commands, ready to run: by a writer, on a state. */
export interface ComposedCommand {
  /** `Verb-CsNoun`. */
  readonly name: string;
  run(writer: PlanWriter, readState: () => Promise<ManagementState>): Promise<Result<CommandResult>>;
}

/** What one of several commands did. */
export interface ComposedOutcome {
  readonly command: string;
  readonly message: string;
  readonly notices: readonly string[];
  readonly items?: readonly ItemOutcome[];
}

/** What several commands did together, and each of them. */
export interface ComposedResult extends CommandResult {
  readonly commands: readonly ComposedOutcome[];
}

/**
 * Runs commands on top of each other: each sees what those before it do, and all become one revision or nothing at all. When the state
 * moved meanwhile they run again. Fails with CHANGE_STEP_REFUSED, CHANGE_TOO_LARGE, CHANGE_CONTENDED, CHANGE_QUEUE_FULL or STORE_UNAVAILABLE.
 */
export async function changeTogether(
  writer: ChangeWriter,
  request: ChangeRequest,
  commands: readonly ComposedCommand[],
): Promise<Result<ComposedResult>> {
  let outcomes: readonly ComposedOutcome[] = [];
  const written = await writer.write(request, async state => {
    const overlay = new PlanOverlay(state);
    const run = await runAll(commands, overlay);
    if (!run.ok) return run;
    outcomes = run.value;
    return composedPlan(overlay, outcomes);
  });
  if (!written.ok) return written;
  return ok({ ...(await writer.resultOf(request, written.value)), commands: outcomes });
}

async function runAll(commands: readonly ComposedCommand[], overlay: PlanOverlay): Promise<Result<readonly ComposedOutcome[]>> {
  const writer = new OverlayWriter(overlay);
  const outcomes: ComposedOutcome[] = [];
  for (const [i, command] of commands.entries()) {
    const result = await command.run(writer, async () => overlay.state);
    const refused = result.ok ? result.value.items?.find(item => item.failure)?.failure : result.error;
    if (refused?.code === 'CHANGE_TOO_LARGE') return err(refused);
    if (refused) return err(stepRefused(refused, command.name, i, commands.length));
    if (!result.ok) continue;
    const { message, notices, items } = result.value;
    outcomes.push({ command: command.name, message, notices, ...(items ? { items } : {}) });
  }
  return ok(outcomes);
}

function composedPlan(overlay: PlanOverlay, outcomes: readonly ComposedOutcome[]): Result<ChangePlan> {
  const { objects, users } = overlay.changes;
  const tooLarge = overlayTooLarge(overlay);
  if (tooLarge) return err(tooLarge);
  const notices = [...new Set(outcomes.flatMap(outcome => outcome.notices))];
  return ok({ objects, users, message: `${countOf(outcomes.length, 'command')} carried out.`, notices });
}

/** The failure of all for the failure of one: nothing was changed. */
export function stepRefused({ code, text, fix }: Failure, command: string, index: number, count: number): Failure {
  return failure('CHANGE_STEP_REFUSED', { step: index + 1, count, command, code, text, fix });
}
