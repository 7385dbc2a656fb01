import type { Clock } from '../base/clock.ts';
import { type Guess, GuessLimiters } from '../identity/guess-limiter.ts';
import { frameKinds, jsonPayload, readJsonPayload } from '../workers/frame.ts';
import type { WorkerMesh } from '../workers/worker-mesh.ts';

/** Limits on guessing that count what all workers see: who is turned away by one gains nothing by connecting until another answers. */
export function sharedGuesses(mesh: WorkerMesh, clock: Clock): GuessLimiters {
  const limiters = new GuessLimiters(clock, guess => mesh.sendToAll(frameKinds.guess, '', jsonPayload(guess)));
  mesh.onFrame(frameKinds.guess, (_slot, _key, payload) => limiters.learn(readJsonPayload<Guess>(payload)));
  return limiters;
}
