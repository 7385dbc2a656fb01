import type { SipDomain } from '../model/names.ts';
import { type HeaderSelection, selectHeaders } from '../sip/header-selection.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts';
import { assertedDomains } from './request-address.ts';
import { trustHeader } from './trust-header.ts';

/** The borders that a message may cross at one server, by who gave it to us and who gets it; an answer crosses the one of its own direction. */
export const headerBorders = [
  /** Between two users of one organisation. */
  'client → client',
  /** To a user of another tenant of this deployment, straight. */
  'client → tenant',
  /** From a user's client out to our Edge. */
  'client → Edge',
  /** What our Edge has let in, to a user's client. */
  'Edge → client',
  /** At our Edge: from a partner's server to our own. */
  'outside → inside',
  'inside → outside',
] as const;

/** One of the borders. */
export type HeaderBorder = (typeof headerBorders)[number];

/**
 * What becomes of a header at a border. `keep`: it passes. `strip`: it is taken off. `stamp`: taken off, and ours is written where we have
 * something to say. `judge`: it passes where it names users of the domain that the other side has proved to speak for, and of no other. A telephone
 * number beside them passes with them: whose it is nobody can prove, so one alone does not.
 */
export type HeaderRule = 'keep' | 'strip' | 'stamp' | 'judge';

type RuleRow = readonly [HeaderRule, HeaderRule, HeaderRule, HeaderRule, HeaderRule, HeaderRule];

/** Who owns which header; of those not named, nobody: they pass. One rule for each of the borders. */
export type HeaderTable = Readonly<Record<string, RuleRow>>;

const strip = 'strip';
const keep = 'keep';
const stamp = 'stamp';
const judge = 'judge';
const nowhere: RuleRow = [strip, strip, strip, strip, strip, strip];

/** Identities that phones show (rfc3325, and what it replaced) and nobody but the one above may state. */
const otherIdentities = { 'P-Preferred-Identity': nowhere, 'Remote-Party-ID': nowhere, 'P-Associated-URI': nowhere } as const;

/** What our servers tell each other. */
const ofServers = { 'ms-split-domain-info': nowhere, 'ms-user-data': nowhere, 'ms-edge-route': nowhere } as const;

/** Requests. From is no matter of this table: it has to be an identity that the sender has proven, or the request is refused. */
export const requestHeaders: HeaderTable = {
  Via: [keep, keep, keep, keep, keep, strip],
  Route: [strip, strip, stamp, strip, stamp, stamp],
  'Record-Route': [keep, keep, keep, keep, stamp, stamp],
  Path: nowhere,
  Authorization: nowhere,
  'Proxy-Authorization': nowhere,
  // from outside: one that names users of another domain than From's is not only taken off, the request is refused
  'P-Asserted-Identity': [stamp, stamp, stamp, keep, judge, keep],
  ...otherIdentities,
  [trustHeader]: [strip, strip, strip, keep, stamp, strip],
  'ms-asserted-verification-level': [strip, strip, strip, strip, keep, stamp],
  ...ofServers,
  'ms-diagnostics': [keep, strip, keep, keep, strip, strip],
};

/** Answers. Their From, To, Call-ID and CSeq have to be those of the request (`isAnswerTo`). */
export const answerHeaders: HeaderTable = {
  Via: [keep, keep, keep, keep, stamp, keep],
  'Record-Route': [keep, keep, keep, keep, stamp, stamp],
  'P-Asserted-Identity': [strip, strip, strip, judge, judge, strip],
  ...otherIdentities,
  [trustHeader]: [strip, strip, strip, strip, stamp, strip],
  'ms-asserted-verification-level': nowhere,
  ...ofServers,
  'ms-diagnostics': [keep, stamp, keep, keep, stamp, strip],
};

/** Where the other side is not of those who may know an identity that its owner wants withheld (rfc3325 7). */
const bordersOfTrust: ReadonlySet<HeaderBorder> = new Set([
  'client → client',
  'client → tenant',
  'Edge → client',
  'inside → outside',
]);

/** The headers taken off at one border: as a rule, and where the identity has to go too. */
interface Stripped {
  readonly usual: HeaderSelection;
  readonly withIdentity: HeaderSelection;
  /** The identity passes where it is one that the other side may name. */
  readonly isJudged: boolean;
}

const identityHeader = 'P-Asserted-Identity';
const requestsAt = strippedAt(requestHeaders);
const answersAt = strippedAt(answerHeaders);

function strippedAt(table: HeaderTable): Readonly<Record<HeaderBorder, Stripped>> {
  const at = (border: number): Stripped => {
    const names = Object.keys(table).filter(name => table[name]?.[border] === strip || table[name]?.[border] === stamp);
    const isJudged = table[identityHeader]?.[border] === judge;
    return { usual: selectHeaders(names), withIdentity: selectHeaders([...new Set([...names, identityHeader])]), isJudged };
  };
  return Object.fromEntries(headerBorders.map((border, i) => [border, at(i)])) as Record<HeaderBorder, Stripped>;
}

/** What is taken off a request at a border. `asserted`: the domain whose users P-Asserted-Identity names, where that is judged. */
export function strippedFromRequest(border: HeaderBorder, request: SipRequest, asserted?: SipDomain): HeaderSelection {
  const { usual, withIdentity, isJudged } = requestsAt[border];
  return (isJudged && asserted === undefined) || isWithheld(border, request) ? withIdentity : usual;
}

/** Whether the sender's identity may be written into a request at this border (rfc3325 9.3). */
export function mayAssertIdentity(border: HeaderBorder, request: SipRequest): boolean {
  return !isWithheld(border, request);
}

/** What is taken off an answer at a border. `domain`: whom the answering side speaks for, where identities are judged. */
export function strippedFromAnswer(border: HeaderBorder, answer: SipResponse, domain?: SipDomain): HeaderSelection {
  const { usual, withIdentity } = answersAt[border];
  if (!answer.has(identityHeader)) return usual;
  return isWithheld(border, answer) || !speaksFor(domain, answer) ? withIdentity : usual;
}

function speaksFor(domain: SipDomain | undefined, answer: SipResponse): boolean {
  const named = assertedDomains(answer);
  return named.ok && named.value.length > 0 && named.value.every(each => each === domain);
}

function isWithheld(border: HeaderBorder, message: SipMessage): boolean {
  if (!bordersOfTrust.has(border) || !message.has('Privacy')) return false;
  return message.all('Privacy').some(value => value.split(/[;,]/).some(each => each.trim().toLowerCase() === 'id'));
}
