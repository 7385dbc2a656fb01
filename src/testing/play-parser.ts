import { knownMethods, type Method } from '../sip/methods.ts';
import {
  type Play,
  type PlayAction,
  type PlayChange,
  PlayError,
  type PlayHeaders,
  type PlayOrganisation,
  type PlayStep,
  playOrganisations,
} from './play-step.ts';

const address = String.raw`[^\s@:"]+@[^\s@:"]+`;
const name = '[a-z][a-z0-9-]*';
const text = '(?:: "(?<text>.*)")?';
const virtualClockTag = '[virtual clock]';
const defaultSignInSeconds = 600;
/** Words that make a play read well and mean nothing. */
const fillers = /^(?:Given|When|Then|And|But) /;

/** What the line reader needs to know of the lines before. */
interface Cast {
  /** Addresses by the names that the play gave the endpoints. */
  readonly endpoints: Map<string, string>;
  /** Throws with the place of the line. */
  fail(what: string): never;
}

type Groups = Readonly<Record<string, string | undefined>>;
type ReadForm = (groups: Groups, cast: Cast, headers: PlayHeaders) => PlayAction;

/** Every form a line can have; the first that fits counts. The page docs/plays.md shows them all. */
const forms: readonly (readonly [form: RegExp, read: ReadForm])[] = [
  [
    new RegExp(`^(?<address>${address}) signs in as (?<name>${name})(?: for (?<seconds>\\d+) seconds)?$`),
    (groups, cast) => ({ kind: 'sign-in', ...enter(groups, cast), seconds: Number(groups.seconds ?? defaultSignInSeconds) }),
  ],
  [
    new RegExp(`^(?<address>${address}) tries to sign in as (?<name>${name})(?: with password "(?<password>[^"]*)")?$`),
    (groups, cast) => ({ kind: 'try-sign-in', ...enter(groups, cast), password: groups.password }),
  ],
  [new RegExp(`^(?<name>${name}) signs out$`), (groups, cast) => ({ kind: 'sign-out', endpoint: endpointOf(groups, cast) })],
  [new RegExp(`^(?<name>${name}) disconnects$`), (groups, cast) => ({ kind: 'disconnect', endpoint: endpointOf(groups, cast) })],
  [
    new RegExp(`^(?<name>${name}) is disconnected$`),
    (groups, cast) => ({ kind: 'expect-closed', endpoint: endpointOf(groups, cast) }),
  ],
  [
    new RegExp(`^(?<name>${name}) sends (?<method>[A-Z]+)(?: to (?<to>[^\\s:]+))?${text}$`),
    (groups, cast, headers) => ({
      kind: 'send',
      endpoint: endpointOf(groups, cast),
      method: methodIn(groups, cast),
      to: groups.to === undefined ? undefined : recipientIn(groups.to, cast),
      text: groups.text,
      headers,
    }),
  ],
  [
    new RegExp(`^(?<name>${name}) receives nothing$`),
    (groups, cast) => ({ kind: 'receive-nothing', endpoint: endpointOf(groups, cast) }),
  ],
  [
    new RegExp(`^(?<name>${name}) receives (?<method>[A-Z]+)(?: from (?<from>[^\\s:]+))?${text}$`),
    (groups, cast, headers) => ({
      kind: 'receive',
      endpoint: endpointOf(groups, cast),
      method: methodIn(groups, cast),
      from: groups.from,
      text: groups.text,
      headers,
    }),
  ],
  [
    new RegExp(`^(?<name>${name}) answers (?<status>[1-6]\\d\\d)$`),
    (groups, cast, headers) => ({
      kind: 'answer',
      endpoint: endpointOf(groups, cast),
      status: Number(groups.status),
      headers,
    }),
  ],
  [
    new RegExp(`^(?<name>${name}) gets (?<status>[1-6]\\d\\d)$`),
    (groups, cast, headers) => ({ kind: 'get', endpoint: endpointOf(groups, cast), status: Number(groups.status), headers }),
  ],
  [/^after (?<seconds>\d+) seconds$/, groups => ({ kind: 'pass-time', seconds: Number(groups.seconds) })],
  [
    /^(?<organisation>\w+) (?<verb>blocks|allows) (?<domain>[a-z0-9.-]+)$/,
    (groups, cast) =>
      change(groups, cast, organisation => ({
        kind: 'domain',
        organisation,
        domain: groups.domain as string,
        list: groups.verb === 'blocks' ? 'Blocked' : 'Allowed',
      })),
  ],
  [
    new RegExp(`^(?<who>${name}|${address}) (?<verb>puts|takes) (?<entry>\\S+) (?:on|off) (?:her|his|their) block list$`),
    (groups, cast) => {
      const owner = addressIn(groups.who as string, cast);
      const entry = groups.entry as string;
      return {
        kind: 'change',
        change: {
          kind: 'block-list',
          organisation: organisationOf(owner, cast),
          address: owner,
          entry: entry.includes('.') ? entry : addressIn(entry, cast),
          isBlocked: groups.verb === 'puts',
        },
      };
    },
  ],
  [
    new RegExp(`^(?<organisation>\\w+) (?<verb>makes|removes) (?:the )?user (?<who>${address})$`),
    (groups, cast) =>
      change(groups, cast, organisation => ({
        kind: 'account',
        organisation,
        address: groups.who as string,
        exists: groups.verb === 'makes',
      })),
  ],
  [
    /^(?<organisation>\w+) (?<verb>closes|opens) its Edge pool$/,
    (groups, cast) =>
      change(groups, cast, organisation => ({ kind: 'edge-pool', organisation, published: groups.verb === 'opens' })),
  ],
  [
    /^(?<organisation>\w+) (?<verb>suspends|resumes) (?<who>\S+)$/,
    (groups, cast) =>
      change(groups, cast, organisation => ({
        kind: 'user',
        organisation,
        address: addressIn(groups.who as string, cast),
        enabled: groups.verb === 'resumes',
      })),
  ],
  [
    /^(?<organisation>\w+) (?<verb>revokes the policy of|grants the policy to) (?<who>\S+)$/,
    (groups, cast) =>
      change(groups, cast, organisation => ({
        kind: 'policy',
        organisation,
        address: addressIn(groups.who as string, cast),
        granted: groups.verb?.startsWith('grants') === true,
      })),
  ],
];

/** Only these can say more in lines of their own. */
const withHeaders: ReadonlySet<PlayAction['kind']> = new Set(['send', 'receive', 'answer', 'get']);

/** Reads a play; throws PlayError with file and line where a line is not understood. */
export function parsePlay(file: string, source: string): Play {
  const endpoints = new Map<string, string>();
  const steps: PlayStep[] = [];
  let title: string | undefined;
  let needsVirtualClock = false;
  const lines = source.split(/\r?\n/).map((written, i) => ({ written, line: i + 1 }));
  while (lines.length > 0) {
    const { written, line } = lines.shift()!;
    const fail = (what: string): never => {
      throw new PlayError({ file, line }, what);
    };
    const trimmed = written.trim();
    if (trimmed.startsWith('#')) title ??= trimmed.slice(1).trim();
    else if (trimmed === virtualClockTag) needsVirtualClock = true;
    else if (trimmed !== '') {
      if (title === undefined) fail('a play begins with its title: # What it is about');
      if (/^\s/.test(written))
        fail('a line that is set in has to begin with "with" or "without" and follow a step with a message');
      const inline = /^(?<step>[^"]*?) (?<header>with [A-Za-z-]+: .*)$/.exec(trimmed)?.groups;
      const headerLines = inline === undefined ? [] : [{ text: inline.header as string, line }];
      while (/^\s+(?:with|without) /.test(lines[0]?.written ?? '')) {
        const { written: more, line: at } = lines.shift()!;
        headerLines.push({ text: more.trim(), line: at });
      }
      const step = (inline?.step ?? trimmed).replace(fillers, '');
      const action = readStep(step, { endpoints, fail }, readHeaders(file, headerLines));
      if (headerLines.length > 0 && !withHeaders.has(action.kind)) fail('this step has no message that could have headers');
      if (action.kind === 'pass-time' && !needsVirtualClock) fail(`time passes only below a line ${virtualClockTag}`);
      steps.push({ action, line, source: trimmed, needsVirtualClock });
    }
  }
  if (title === undefined || steps.length === 0) throw new PlayError({ file, line: 1 }, 'a play needs a title and a step');
  return { file, title, steps };
}

function readStep(step: string, cast: Cast, headers: PlayHeaders): PlayAction {
  for (const [form, read] of forms) {
    const groups = form.exec(step)?.groups;
    if (groups !== undefined) return read(groups, cast, headers);
  }
  return cast.fail(`not understood: ${step}`);
}

function readHeaders(file: string, lines: readonly { readonly text: string; readonly line: number }[]): PlayHeaders {
  const headers: { with: [string, string][]; without: string[] } = { with: [], without: [] };
  for (const { text: written, line } of lines) {
    const absent = /^without ([A-Za-z-]+)$/.exec(written)?.[1];
    const [, present, value] = /^with ([A-Za-z-]+): (.+)$/.exec(written) ?? [];
    if (absent !== undefined) headers.without.push(absent);
    else if (present !== undefined && value !== undefined) headers.with.push([present, value]);
    else throw new PlayError({ file, line }, 'expected "with Header: value" or "without Header"');
  }
  return headers;
}

function enter(groups: Groups, cast: Cast) {
  const of = groups.address as string;
  const endpoint = groups.name as string;
  const known = cast.endpoints.get(endpoint);
  if (known !== undefined && known !== of) cast.fail(`${endpoint} is the name of an endpoint of ${known}`);
  cast.endpoints.set(endpoint, of);
  return { address: of, endpoint };
}

function endpointOf(groups: Groups, cast: Cast): string {
  const endpoint = groups.name as string;
  if (!cast.endpoints.has(endpoint)) cast.fail(`nobody has signed in as ${endpoint}`);
  return endpoint;
}

/** An address, or the name of an endpoint that stands for its user's. */
function addressIn(written: string, cast: Cast): string {
  if (new RegExp(`^${address}$`).test(written)) return written;
  return cast.endpoints.get(written) ?? cast.fail(`${written} is neither an address nor an endpoint of this play`);
}

/** Whom a request is for: as `addressIn`, or the server of a domain. */
function recipientIn(written: string, cast: Cast): string {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(written) ? written : addressIn(written, cast);
}

/** Whose admin makes a change for a user. */
function organisationOf(user: string, cast: Cast): PlayOrganisation {
  const domain = user.slice(user.indexOf('@') + 1);
  return playOrganisations.find(known => domain === `${known}.test`) ?? cast.fail(`${user} is no user of these organisations`);
}

function methodIn(groups: Groups, cast: Cast): Method {
  const written = groups.method as string;
  return knownMethods.find(known => known === written) ?? cast.fail(`${written} is no method of SIP`);
}

function change(groups: Groups, cast: Cast, make: (organisation: PlayOrganisation) => PlayChange): PlayAction {
  const organisation = playOrganisations.find(known => known === groups.organisation);
  if (organisation === undefined) return cast.fail(`${groups.organisation} is none of ${playOrganisations.join(', ')}`);
  return { kind: 'change', change: make(organisation) };
}
