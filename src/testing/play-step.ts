import type { HeaderLine } from '../sip/header-line.ts';
import type { Method } from '../sip/methods.ts';

/** The organisations of a play, by the names their admins go by. */
export const playOrganisations = ['contoso', 'fabrikam'] as const;
export type PlayOrganisation = (typeof playOrganisations)[number];

/** What an admin changes during a play. */
export type PlayChange = { readonly organisation: PlayOrganisation } & (
  | { readonly kind: 'domain'; readonly domain: string; readonly list: 'Allowed' | 'Blocked' }
  | { readonly kind: 'policy'; readonly address: string; readonly granted: boolean }
  | { readonly kind: 'user'; readonly address: string; readonly enabled: boolean }
  /** A user is made, with the same policy and kind of password as the others, or removed. */
  | { readonly kind: 'account'; readonly address: string; readonly exists: boolean }
  /** The Edge pool is published for federation, or not. */
  | { readonly kind: 'edge-pool'; readonly published: boolean }
  /** `entry`: an address or a domain. */
  | { readonly kind: 'block-list'; readonly address: string; readonly entry: string; readonly isBlocked: boolean }
);

/** Headers that a message has to have, their values with `*` for anything, and headers that it may not have. */
export interface PlayHeaders {
  readonly with: readonly HeaderLine[];
  readonly without: readonly string[];
}

/** What happens, or has to happen, in one step. Names of endpoints are those the play gave them. */
export type PlayAction =
  | { readonly kind: 'sign-in'; readonly address: string; readonly endpoint: string; readonly seconds: number }
  | { readonly kind: 'try-sign-in'; readonly address: string; readonly endpoint: string; readonly password: string | undefined }
  | { readonly kind: 'sign-out'; readonly endpoint: string }
  | { readonly kind: 'disconnect'; readonly endpoint: string }
  | { readonly kind: 'expect-closed'; readonly endpoint: string }
  | PlaySend
  | { readonly kind: 'answer'; readonly endpoint: string; readonly status: number; readonly headers: PlayHeaders }
  | PlayReceive
  | { readonly kind: 'receive-nothing'; readonly endpoint: string }
  | { readonly kind: 'get'; readonly endpoint: string; readonly status: number; readonly headers: PlayHeaders }
  | { readonly kind: 'change'; readonly change: PlayChange }
  | { readonly kind: 'pass-time'; readonly seconds: number };

/** An endpoint sends a request; without `to` inside its dialog. */
export interface PlaySend {
  readonly kind: 'send';
  readonly endpoint: string;
  readonly method: Method;
  /** `user@domain`. */
  readonly to: string | undefined;
  readonly text: string | undefined;
  readonly headers: PlayHeaders;
}

/** An endpoint has to receive a request as its next one. */
export interface PlayReceive {
  readonly kind: 'receive';
  readonly endpoint: string;
  readonly method: Method;
  /** Address in From, with `*` for anything. */
  readonly from: string | undefined;
  /** The body, or for NOTIFY the availability that it shows; with `*` for anything. */
  readonly text: string | undefined;
  readonly headers: PlayHeaders;
}

/** A step with its place in the file. */
export interface PlayStep {
  readonly action: PlayAction;
  /** Counted from 1. */
  readonly line: number;
  /** As it stands there. */
  readonly source: string;
  /** It can be played only where time is ours. */
  readonly needsVirtualClock: boolean;
}

/** One file: a story with a title. */
export interface Play {
  readonly file: string;
  readonly title: string;
  readonly steps: readonly PlayStep[];
}

/** Something in a play is wrong: how it is written, or what was seen when it was played. Its message begins with file and line. */
export class PlayError extends Error {
  constructor(place: { readonly file: string; readonly line: number }, what: string) {
    super(`${place.file}:${place.line}: ${what}`);
    this.name = 'PlayError';
  }
}

/** Whether a text is as a pattern says: `*` stands for any characters, everything else for itself. */
export function fitsPattern(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}

/** The change that takes this one back. */
export function inverseOf(change: PlayChange): PlayChange {
  switch (change.kind) {
    case 'domain':
      return { ...change, list: change.list === 'Allowed' ? 'Blocked' : 'Allowed' };
    case 'policy':
      return { ...change, granted: !change.granted };
    case 'user':
      return { ...change, enabled: !change.enabled };
    case 'account':
      return { ...change, exists: !change.exists };
    case 'edge-pool':
      return { ...change, published: !change.published };
    case 'block-list':
      return { ...change, isBlocked: !change.isBlocked };
  }
}
