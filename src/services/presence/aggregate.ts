import { compareTexts } from '../../base/compare-texts.ts';
import { availability, classOfAvailability, offlineState, onlineState, type PresenceState } from './availability.ts';

/** What the aggregate is computed from: the state of one publication and when it was made. */
export interface PublishedState {
  readonly etag: string;
  readonly publishedAtMs: number;
  readonly state: PresenceState;
}

/**
 * One state from those of a user's endpoints, the same whatever their order (D23):
 * without endpoints offline; endpoints that published nothing count as online where none did; do-not-disturb anywhere wins;
 * then the endpoints in use, busy before available and idle only where all of them are; then be-right-back before away.
 * A closed document closes its own endpoint only. The newest note is the user's; when the user was last active is said of
 * users who are not there.
 */
export function aggregateStates(published: readonly PublishedState[], endpoints: number): PresenceState {
  const newestFirst = [...published].sort((a, b) => b.publishedAtMs - a.publishedAtMs || compareTexts(a.etag, b.etag));
  const note = newestFirst.find(({ state }) => state.note !== undefined)?.state.note;
  const withNote = note === undefined ? {} : { note };
  if (endpoints === 0) return { ...offlineState, ...withNote };
  const states = newestFirst.map(({ state }) => state);
  const [newest] = states;
  if (newest === undefined) return onlineState;
  const lastActive = states.flatMap(state => state.lastActiveMs ?? []);
  const lastActiveMs = lastActive.length === 0 ? undefined : Math.max(...lastActive);
  const chosen = chooseState(states) ?? newest;
  const { activity, device } = chosen;
  const isAbsent = isIdle(chosen) || chosen.availability >= availability.beRightBack;
  return {
    availability: chosen.availability,
    ...(activity === undefined ? {} : { activity }),
    ...withNote,
    ...(device === undefined ? {} : { device }),
    ...(lastActiveMs === undefined || !isAbsent ? {} : { lastActiveMs }),
  };
}

/** The state that speaks for the user; of equal ones the first. `undefined` where all are offline. */
function chooseState(states: readonly PresenceState[]): PresenceState | undefined {
  const open = states.filter(state => classOfAvailability(state.availability) !== 'offline');
  const quiet = open.find(state => classOfAvailability(state.availability) === 'doNotDisturb');
  if (quiet) return quiet;
  const inUse = open.filter(state => state.availability < availability.doNotDisturb);
  if (inUse.length === 0) return least(open, state => state.availability);
  const chosen = least(inUse, state => (isBusy(state) ? 0 : 1));
  if (chosen === undefined) return undefined;
  const idle = inUse.every(isIdle);
  const number = isBusy(chosen)
    ? idle
      ? availability.busyIdle
      : availability.busy
    : idle
      ? availability.idle
      : availability.online;
  const isSame = classOfAvailability(chosen.availability) === classOfAvailability(number);
  return isSame ? chosen : { ...chosen, availability: number };
}

function isBusy(state: PresenceState): boolean {
  return classOfAvailability(state.availability).startsWith('busy');
}

function isIdle(state: PresenceState): boolean {
  const of = classOfAvailability(state.availability);
  return of === 'idle' || of === 'busyIdle';
}

function least(states: readonly PresenceState[], rank: (state: PresenceState) => number): PresenceState | undefined {
  let first: PresenceState | undefined;
  for (const state of states) if (first === undefined || rank(state) < rank(first)) first = state;
  return first;
}

/** True if watchers would see no difference; they are not shown the device. */
export function equalStates(a: PresenceState, b: PresenceState): boolean {
  return (
    a.availability === b.availability &&
    a.activity === b.activity &&
    a.lastActiveMs === b.lastActiveMs &&
    a.note?.text === b.note?.text &&
    a.note?.lang === b.note?.lang
  );
}
