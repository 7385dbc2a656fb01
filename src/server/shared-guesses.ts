import type { Clock } from '../base/clock.ts';
import { type Guess, GuessLimiters } from '../identity/guess-limiter.ts';
import { frameKinds } from '../workers/frame.ts';
import type { WorkerMesh } from '../workers/worker-mesh.ts';

/** Limits on guessing that count what all workers see: who is turned away by one gains nothing by connecting until another answers. */
export function sharedGuesses(mesh: WorkerMesh, clock: Clock): GuessLimiters {
  const limiters = new GuessLimiters(clock, guess => mesh.sendToAll(frameKinds.guess, '', Buffer.from(JSON.stringify(guess))));
  mesh.onFrame(frameKinds.guess, (_slot, _key, payload) => {
    limiters.learn(JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8')) as Guess);
  });
  return limiters;
}
