import { detach } from '../../base/detach.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { parseMediaType } from '../../body/media-type.ts';
import { parsePidf, pidfMediaType } from '../../body/pidf.ts';
import { type Aor, type TenantId, uriOfAor } from '../../model/names.ts';
import type { SipRequest } from '../../sip/message.ts';
import { type ExpiryLimits, isToken, parseEvent, readExpires } from '../events/event-value.ts';
import { type PresenceState, stateOfPidf } from './availability.ts';
import { presenceEvent, watcherInfoEvent } from './events.ts';
import type { PresenceLimits } from './presence-limits.ts';

/** One publication of one endpoint (D23): key (aor, etag); the etag changes with every PUBLISH that succeeds (rfc3903 6). */
export interface Publication {
  readonly tenant: TenantId;
  readonly aor: Aor;
  readonly etag: string;
  /** The endpoint that published, as its binding names it; absent until it registers. */
  readonly instance?: string;
  /** The connection it came over. */
  readonly flow?: string;
  readonly state: PresenceState;
  /** By the time of the service that wrote it, which no correction of the machine's clock moves; milliseconds since 1970. */
  readonly publishedAtMs: number;
  readonly expiresAtMs: number;
}

/** How large a PUBLISH may be, and how long it is kept. */
export type PublishLimits = Pick<PresenceLimits, 'maxDocumentBytes'> & ExpiryLimits;

/** What a PUBLISH carries. */
export interface PublishedDocument {
  readonly state: PresenceState;
}

/** What a PUBLISH asks for (rfc3903 4.1). */
export type PublishWish =
  | { readonly kind: 'initial'; readonly document: PublishedDocument; readonly expiresSeconds: number }
  | { readonly kind: 'refresh'; readonly before: Publication; readonly expiresSeconds: number }
  | {
      readonly kind: 'modify';
      readonly before: Publication;
      readonly document: PublishedDocument;
      readonly expiresSeconds: number;
    }
  | { readonly kind: 'remove'; readonly before: Publication };

/** Finds what was published with an entity-tag. Fails with ETAG_UNKNOWN. */
export type FindPublication = (etag: string) => Result<Publication>;

/**
 * Reads what a PUBLISH asks for (rfc3903 6 steps 2 to 5, in this order: the first that fails is the answer). An initial one may have
 * `expiresSeconds: 0`: nothing is kept then. Fails with EVENT_NOT_SUPPORTED, MESSAGE_MALFORMED, ETAG_UNKNOWN, EVENT_EXPIRY_TOO_BRIEF,
 * CONTENT_TYPE_NOT_SUPPORTED, CONTENT_ENCODING_NOT_SUPPORTED, MESSAGE_BODY_TOO_LARGE, BODY_MALFORMED or BODY_XML_REFUSED.
 */
export function readPublish(request: SipRequest, limits: PublishLimits, find: FindPublication): Result<PublishWish> {
  const event = parseEvent(request.get('Event'));
  if (event?.name !== presenceEvent) {
    return err(
      failure('EVENT_NOT_SUPPORTED', { event: event?.name ?? 'none', supported: `${presenceEvent}, ${watcherInfoEvent}` }),
    );
  }
  const known = readCondition(request, find);
  if (!known.ok) return known;
  const before = known.value;
  const expires = readExpires(request.get('Expires'), limits);
  if (!expires.ok) return expires;
  const expiresSeconds = expires.value;
  if (before !== undefined) {
    if (expiresSeconds === 0) return ok({ kind: 'remove', before });
    if (request.body.length === 0) return ok({ kind: 'refresh', before, expiresSeconds });
  } else if (request.body.length === 0) {
    return err(failure('MESSAGE_MALFORMED', { detail: 'a first PUBLISH has no body' }));
  }
  const document = readDocument(request, limits);
  if (!document.ok) return document;
  const content = { document: document.value, expiresSeconds };
  return ok(before === undefined ? { kind: 'initial', ...content } : { kind: 'modify', before, ...content });
}

/** What SIP-If-Match refers to, undefined where there is none (rfc3903 6 step 3). */
function readCondition(request: SipRequest, find: FindPublication): Result<Publication | undefined> {
  const etag = request.get('SIP-If-Match');
  if (etag === undefined) return ok(undefined);
  return isToken(etag) ? find(etag) : err(failure('MESSAGE_MALFORMED', { detail: 'SIP-If-Match is not one entity-tag' }));
}

function readDocument(request: SipRequest, limits: PublishLimits): Result<PublishedDocument> {
  const contentType = request.get('Content-Type') ?? '';
  const type = parseMediaType(contentType);
  const charset = type?.parameters.get('charset') ?? 'utf-8';
  if (type?.name !== pidfMediaType || !/^(utf-8|us-ascii)$/i.test(charset)) {
    return err(failure('CONTENT_TYPE_NOT_SUPPORTED', { type: contentType.slice(0, 100) || 'none', supported: pidfMediaType }));
  }
  const encodings = request.list('Content-Encoding').filter(encoding => encoding.toLowerCase() !== 'identity');
  if (encodings.length > 0) {
    return err(
      failure('CONTENT_ENCODING_NOT_SUPPORTED', { encoding: encodings.join(', ').slice(0, 100), supported: 'identity' }),
    );
  }
  const { length } = request.body;
  if (length > limits.maxDocumentBytes) {
    return err(failure('MESSAGE_BODY_TOO_LARGE', { length, limit: limits.maxDocumentBytes }));
  }
  const document = parsePidf(request.body);
  if (!document.ok) return document;
  // texts are slices of the whole document: what is kept is copied (D35)
  return ok({ state: detachState(stateOfPidf(document.value)) });
}

function detachState(state: PresenceState): PresenceState {
  const { activity, note, device } = state;
  return {
    ...state,
    ...(activity === undefined ? {} : { activity: detach(activity) }),
    ...(note === undefined ? {} : { note: { ...note, text: detach(note.text) } }),
    ...(device === undefined ? {} : { device: detach(device) }),
  };
}

/** The publications of one user, by entity-tag. */
export class PublicationSet {
  readonly #byEtag = new Map<string, Publication>();

  /** All of them, oldest entry first. */
  get all(): readonly Publication[] {
    return [...this.#byEtag.values()];
  }

  get count(): number {
    return this.#byEtag.size;
  }

  /** Fails with ETAG_UNKNOWN (rfc3903 6 step 3). */
  find(etag: string): Result<Publication> {
    const publication = this.#byEtag.get(etag);
    return publication ? ok(publication) : err(failure('ETAG_UNKNOWN', { etag: etag.slice(0, 100) }));
  }

  put(publication: Publication): void {
    this.#byEtag.set(publication.etag, publication);
  }

  /** Removes exactly this row; false when it is no longer there. */
  remove(publication: Publication): boolean {
    return this.#byEtag.get(publication.etag) === publication && this.#byEtag.delete(publication.etag);
  }

  /**
   * What a first PUBLISH of that endpoint makes void: what the same endpoint published before, over this connection or another. An endpoint
   * has one publication (D23); one that starts anew has lost its entity-tag, and its do-not-disturb of before would last until it expired.
   * COMPAT baresip 1.0.0: publishes twice at its start and refreshes the second only.
   */
  outdatedBy(instance: string | undefined, flow: string | undefined): readonly Publication[] {
    return this.all.filter(
      row => (instance !== undefined && row.instance === instance) || (flow !== undefined && row.flow === flow),
    );
  }
}

/** Whom a document is about, as an address of ours. */
export function presentityUri(aor: Aor): string {
  return uriOfAor(aor);
}
