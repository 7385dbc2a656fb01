import type { ChangeRequest } from './change-request.ts';
import type { ManagementPorts } from './management-ports.ts';
import type { ManagementState } from './management-state.ts';
import type { PlanWriter } from './plan-writer.ts';

/** One running command: what it may use and for whom it runs. */
export interface CommandContext extends ChangeRequest {
  readonly ports: ManagementPorts;
  /** The state as the principal may see it. Rejects with FailureError when the store cannot be read. */
  readState(): Promise<ManagementState>;
  readonly writer: PlanWriter;
  readonly tenant?: string;
}
