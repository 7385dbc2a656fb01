import type { Clock } from '../base/clock.ts';
import type { Connection, ConnectionHandler } from '../wire/connection.ts';
import type { PlayChange } from './play-step.ts';

/** Where a play is played: two organisations that federate, contoso.test with alice and adam, fabrikam.test with bob and beth. */
export interface PlayStage {
  readonly clock: Clock;
  /** A client's connection to the Front End that serves this user. */
  connect(address: string, handler: ConnectionHandler): Promise<Connection>;
  /** Makes a change that every server knows when this resolves. */
  change(change: PlayChange): Promise<void>;
  /** What `look` gives once it gives something; undefined where that does not happen. */
  until<T>(look: () => T | undefined): Promise<T | undefined>;
  /** Waits until nothing is under way any more, as far as the stage can know. */
  settle(): Promise<void>;
  /** Lets time pass; absent where time is not ours. */
  passTime?(seconds: number): Promise<void>;
}

/** The password of a user in plays; the lab's users have the same. */
export function playPassword(address: string): string {
  return `pw-${address.slice(0, address.indexOf('@'))}`;
}
