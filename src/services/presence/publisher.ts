import type { Clock } from '../../base/clock.ts';
import { ExpiryIndex } from '../../base/expiry-index.ts';
import { failure } from '../../base/failure.ts';
import { shortToken } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { User } from '../../model/user.ts';
import { MergedRequests } from '../../routing/merged-requests.ts';
import { readParty } from '../../routing/request-address.ts';
import { checkRequire } from '../../routing/required-extensions.ts';
import { createResponse } from '../../sip/create-message.ts';
import type { SipRequest } from '../../sip/message.ts';
import type { OutgoingMessage } from '../../sip/serialise.ts';
import type { PresenceLimits } from './presence-limits.ts';
import type { Presentity } from './presentity.ts';
import { type Publication, type PublishedDocument, type PublishLimits, type PublishWish, readPublish } from './publication.ts';

/** What the publisher asks its owner. */
export interface PublisherOwner {
  /** The presentity of that user, made where there is none. */
  presentityOf(user: Pick<User, 'tenant' | 'aor'>): Presentity;
  /** Its publications are others now. */
  onPublicationsChanged(presentity: Presentity): void;
}

/** Carries out PUBLISH (rfc3903 6) and keeps the publications until they expire. */
export class Publisher {
  readonly #clock: Clock;
  readonly #limits: PresenceLimits & PublishLimits;
  readonly #owner: PublisherOwner;
  readonly #expiries: ExpiryIndex<Publication>;
  readonly #merged: MergedRequests;
  #count = 0;

  constructor(clock: Clock, limits: PresenceLimits & PublishLimits, owner: PublisherOwner) {
    this.#clock = clock;
    this.#limits = limits;
    this.#owner = owner;
    this.#expiries = new ExpiryIndex(clock.now());
    this.#merged = new MergedRequests(clock);
  }

  /** How many publications there are. */
  get count(): number {
    return this.#count;
  }

  /** Answers a PUBLISH of an authenticated user, which came over `flow`. Fails as `readPublish`, and as the steps below. */
  publish(request: SipRequest, user: User, flow: string | undefined): Result<OutgoingMessage> {
    const refused = this.#merged.check(request) ?? checkRequire(request);
    if (refused) return err(refused);
    const target = readParty(request.requestUri);
    if (!target.ok) return target;
    if (target.value.aor !== user.aor) {
      return err(failure('PRESENCE_NOT_OWNER', { sender: user.aor, user: target.value.aor ?? target.value.domain }));
    }
    const wish = readPublish(request, this.#limits, etag => this.#find(user, etag));
    if (!wish.ok) return wish;
    const etag = shortToken() + shortToken();
    const applied = this.#apply(wish.value, user, flow, etag);
    if (!applied.ok) return applied;
    const expires = wish.value.kind === 'remove' ? 0 : wish.value.expiresSeconds;
    return ok(
      createResponse(request, 200, {
        headers: [
          ['SIP-ETag', etag],
          ['Expires', String(expires)],
        ],
      }),
    );
  }

  /** An endpoint has registered: what its flow published before belongs to it. */
  claim(presentity: Presentity, instance: string, flow: string): void {
    for (const row of presentity.publications.all) {
      if (row.instance !== undefined || row.flow !== flow) continue;
      this.#replace(presentity, row, { ...row, instance });
    }
  }

  /** Removes everything a user has published. */
  removeAll(presentity: Presentity): void {
    for (const row of presentity.publications.all) this.#remove(presentity, row);
  }

  /** Removes what has expired. */
  expire(nowMs: number): void {
    for (const row of this.#expiries.sweep(nowMs)) this.#remove(this.#owner.presentityOf(row), row);
  }

  #find(user: User, etag: string): Result<Publication> {
    const presentity = this.#owner.presentityOf(user);
    const found = presentity.publications.find(etag);
    // an expired one that no sweep has seen yet is no longer there
    if (found.ok && found.value.expiresAtMs > this.#clock.now()) return found;
    this.#owner.onPublicationsChanged(presentity);
    return found.ok ? err(failure('ETAG_UNKNOWN', { etag })) : found;
  }

  #apply(wish: PublishWish, user: User, flow: string | undefined, etag: string): Result<void> {
    if (wish.kind === 'initial') return this.#publishFirst(wish.document, wish.expiresSeconds, user, flow, etag);
    const presentity = this.#owner.presentityOf(user);
    const { before } = wish;
    if (wish.kind === 'remove') {
      this.#remove(presentity, before);
      return ok(undefined);
    }
    const now = this.#clock.now();
    const row: Publication = {
      ...before,
      etag,
      expiresAtMs: now + wish.expiresSeconds * 1000,
      ...this.#origin(presentity, flow, before.instance),
      // a refresh changes nothing that anybody could see
      ...(wish.kind === 'modify' ? { ...wish.document, publishedAtMs: now } : {}),
    };
    this.#replace(presentity, before, row);
    return ok(undefined);
  }

  #publishFirst(
    document: PublishedDocument,
    expiresSeconds: number,
    user: User,
    flow: string | undefined,
    etag: string,
  ): Result<void> {
    if (expiresSeconds === 0) return ok(undefined);
    const presentity = this.#owner.presentityOf(user);
    const { publications } = presentity;
    const origin = this.#origin(presentity, flow, undefined);
    const outdated = publications.outdatedBy(origin.instance, flow);
    if (publications.count - outdated.length >= this.#limits.maxPublicationsPerUser) {
      const orphan = publications.all.find(row => !presentity.isLive(row) && !outdated.includes(row));
      if (!orphan) {
        return err(failure('PUBLICATION_LIMIT_REACHED', { user: user.aor, limit: this.#limits.maxPublicationsPerUser }));
      }
      this.#remove(presentity, orphan);
    }
    if (this.#count - outdated.length >= this.#limits.maxPublications) {
      this.#owner.onPublicationsChanged(presentity);
      return err(failure('SERVER_BUSY', { limit: this.#limits.maxPublications }));
    }
    const now = this.#clock.now();
    const row: Publication = {
      tenant: user.tenant,
      aor: user.aor,
      etag,
      ...origin,
      ...document,
      publishedAtMs: now,
      expiresAtMs: now + expiresSeconds * 1000,
    };
    this.#put(presentity, row);
    // only now: a presentity that had nothing in between would be let go
    for (const before of outdated) this.#remove(presentity, before);
    this.#owner.onPublicationsChanged(presentity);
    return ok(undefined);
  }

  #origin(
    presentity: Presentity,
    flow: string | undefined,
    known: string | undefined,
  ): { readonly instance?: string; readonly flow?: string } {
    const instance = (flow === undefined ? undefined : presentity.instanceOn(flow)) ?? known;
    return { ...(instance === undefined ? {} : { instance }), ...(flow === undefined ? {} : { flow }) };
  }

  #put(presentity: Presentity, row: Publication): void {
    presentity.publications.put(row);
    this.#expiries.put(row, row.expiresAtMs);
    this.#count++;
  }

  #replace(presentity: Presentity, before: Publication, row: Publication): void {
    presentity.publications.remove(before);
    this.#expiries.remove(before);
    this.#count--;
    this.#put(presentity, row);
    this.#owner.onPublicationsChanged(presentity);
  }

  #remove(presentity: Presentity, row: Publication): void {
    this.#expiries.remove(row);
    if (!presentity.publications.remove(row)) return;
    this.#count--;
    this.#owner.onPublicationsChanged(presentity);
  }
}
