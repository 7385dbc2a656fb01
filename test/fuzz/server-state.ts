import type { RandomSource } from './random-source.ts';
import type { FuzzConnection } from './raw-connection.ts';

/** A state in which a connection to a server can be, and what is sent in it. */
export interface ServerState {
  readonly name: string;
  /** Folder of its corpus. */
  readonly corpus: string;
  readonly seeds: readonly string[];
  next(random: RandomSource, seeds: readonly string[]): string;
  /** A new connection in this state; `random` is there for what is answered on it. */
  open(random: RandomSource): Promise<FuzzConnection>;
}
