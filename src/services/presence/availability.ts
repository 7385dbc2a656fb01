import { type PidfActivity, type PidfDocument, type PidfNote, rpidActivities } from '../../body/pidf.ts';

/** Availability numbers as Lync clients publish them; each stands for the range that begins at the class's floor. */
export const availability = {
  online: 3500,
  idle: 5000,
  busy: 6500,
  busyIdle: 7500,
  doNotDisturb: 9500,
  beRightBack: 12500,
  away: 15500,
  offline: 18500,
} as const;

/** Meaning of an availability number. */
export type AvailabilityClass = keyof typeof availability;

/** Where the range of each class begins, highest first. */
const floors: readonly (readonly [floor: number, of: AvailabilityClass])[] = [
  [18000, 'offline'],
  [15000, 'away'],
  [12000, 'beRightBack'],
  [9000, 'doNotDisturb'],
  [7500, 'busyIdle'],
  [6000, 'busy'],
  [4500, 'idle'],
  [3000, 'online'],
];

/** The class of an availability number; below 3000 nothing is known, which watchers see as offline. */
export function classOfAvailability(number: number): AvailabilityClass {
  return floors.find(([floor]) => number >= floor)?.[1] ?? 'offline';
}

/** What one endpoint says, or all endpoints of a user together: the unit from which every document is rendered (D23). */
export interface PresenceState {
  readonly availability: number;
  /** Name of an rpid activity, or a free word. */
  readonly activity?: string;
  readonly note?: PidfNote;
  readonly device?: string;
  /** When the user last did something there, milliseconds since 1970. */
  readonly lastActiveMs?: number;
}

/** State of a user without any endpoint, and what a watcher sees who may not see more. */
export const offlineState: PresenceState = { availability: availability.offline };

/** State of an endpoint that has registered and said nothing. */
export const onlineState: PresenceState = { availability: availability.online };

/** Words for states that rfc4480 has no activity for; the first of a class is the one we write. */
const words: readonly (readonly [word: string, of: AvailabilityClass])[] = [
  ['do-not-disturb', 'doNotDisturb'],
  ['dnd', 'doNotDisturb'],
  ['urgent-interruptions-only', 'doNotDisturb'],
  ['be-right-back', 'beRightBack'],
  ['brb', 'beRightBack'],
];

/** Activities that say more than being there (rfc4480 3.2); those not named leave a user online. */
const classOfActivity: ReadonlyMap<string, AvailabilityClass> = new Map<string, AvailabilityClass>([
  ...words,
  ...['appointment', 'busy', 'meeting', 'on-the-phone', 'performance', 'presentation', 'steering', 'worship'].map(
    (name): [string, AvailabilityClass] => [name, 'busy'],
  ),
  ...[
    'away',
    'breakfast',
    'dinner',
    'holiday',
    'in-transit',
    'lunch',
    'meal',
    'permanent-absence',
    'shopping',
    'sleeping',
    'spectator',
    'travel',
    'vacation',
  ].map((name): [string, AvailabilityClass] => [name, 'away']),
]);

/** What a presence document of an endpoint says. A document in which every tuple is closed is offline, whatever else it says. */
export function stateOfPidf(document: PidfDocument): PresenceState {
  const told = document.activities.map(wordOf);
  let of: AvailabilityClass = 'online';
  let activity = told[0];
  for (const word of told) {
    const class_ = classOfActivity.get(word);
    // a word of our own is more exact than the activity beside it, which is for those who do not know the word
    if (class_ === undefined || !(isOwnWord(word) || availability[class_] > availability[of])) continue;
    of = class_;
    activity = word;
    if (isOwnWord(word)) break;
  }
  if (document.userInput?.idle) of = of === 'online' ? 'idle' : of === 'busy' ? 'busyIdle' : of;
  const basics = document.tuples.map(tuple => tuple.basic).filter(basic => basic !== undefined);
  if (basics.length > 0 && !basics.includes('open')) of = 'offline';
  const note = document.personNotes[0] ?? document.notes[0] ?? document.tuples.flatMap(tuple => tuple.notes)[0];
  const lastActiveMs = document.userInput?.lastInputMs;
  return {
    availability: availability[of],
    ...(activity === undefined ? {} : { activity }),
    ...(note === undefined ? {} : { note }),
    ...(document.device === undefined ? {} : { device: document.device }),
    ...(lastActiveMs === undefined ? {} : { lastActiveMs }),
  };
}

function wordOf({ name, text }: PidfActivity): string {
  return (name === 'other' && text ? text : name).toLowerCase().replace(/\s+/g, '-');
}

function isOwnWord(word: string): boolean {
  return words.some(([own]) => own === word);
}

/** The state as a document with one tuple; `changedAtMs` is its timestamp. */
export function pidfOfState(entity: string, state: PresenceState, changedAtMs?: number): PidfDocument {
  const of = classOfAvailability(state.availability);
  const { lastActiveMs } = state;
  const idle = of === 'idle' || of === 'busyIdle' || lastActiveMs !== undefined;
  return {
    entity,
    tuples: [
      {
        id: 'presentity',
        basic: of === 'offline' ? 'closed' : 'open',
        contact: entity,
        notes: state.note ? [state.note] : [],
        ...(changedAtMs === undefined ? {} : { timestampMs: changedAtMs }),
      },
    ],
    activities: activitiesOf(of, state.activity),
    ...(idle ? { userInput: { idle, ...(lastActiveMs === undefined ? {} : { lastInputMs: lastActiveMs }) } } : {}),
    personNotes: state.note ? [state.note] : [],
    notes: [],
  };
}

function activitiesOf(of: AvailabilityClass, activity: string | undefined): readonly PidfActivity[] {
  const base = of === 'busy' || of === 'busyIdle' || of === 'doNotDisturb' ? 'busy' : 'away';
  const own = words.find(([, class_]) => class_ === of)?.[0];
  // COMPAT linphonec 5.1.65: of several activities it shows the last, and one it does not know as "Moved"
  if (own !== undefined) return [{ name: 'other', text: own }, { name: base }];
  const told: readonly PidfActivity[] =
    activity === undefined ? [] : rpidActivities.has(activity) ? [{ name: activity }] : [{ name: 'other', text: activity }];
  if (of === 'online' || of === 'idle' || of === 'offline') return told;
  // a watcher who does not know the activity still has to see busy or away
  return activity !== undefined && classOfActivity.get(activity) === base ? told : [...told, { name: base }];
}
