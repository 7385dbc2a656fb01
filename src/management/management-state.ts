import type { ConfigurationState } from './configuration-state.ts';
import type { UserTable } from './user-table.ts';

/** What a change is validated against. */
export interface ManagementState {
  readonly configuration: ConfigurationState;
  readonly users: UserTable;
}
