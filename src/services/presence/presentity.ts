import { pidfMediaType, renderPidf } from '../../body/pidf.ts';
import type { WatcherElement } from '../../body/winfo.ts';
import type { Binding } from '../../model/binding.ts';
import type { Aor, TenantId } from '../../model/names.ts';
import { type NotifyBody, notifyBody } from '../events/notifier-dialog.ts';
import type { Watch } from '../events/subscription.ts';
import { aggregateStates, equalStates } from './aggregate.ts';
import { classOfAvailability, offlineState, type PresenceState, pidfOfState } from './availability.ts';
import { type Publication, PublicationSet, presentityUri } from './publication.ts';

/** What one subscription of a user to the own watchers is told next. */
export interface WatcherInfoView {
  /** Watchers that changed since the last NOTIFY. */
  readonly changes: Map<string, WatcherElement>;
  /** Documents made so far. */
  version: number;
}

/** One user whose presence is known or watched here. */
export class Presentity {
  readonly tenant: TenantId;
  readonly aor: Aor;
  readonly publications = new PublicationSet();
  /** Of others (and of the user) on the presence. */
  readonly watches = new Set<Watch<Presentity>>();
  /** Of the user on the watchers. */
  readonly watcherInfos = new Set<Watch<WatcherInfoView>>();
  /** Flow of each registered endpoint. */
  readonly #endpoints = new Map<string, string>();
  #isStale = true;
  #state: PresenceState = offlineState;
  #body: NotifyBody | undefined;
  #offlineBody: NotifyBody | undefined;

  constructor(tenant: TenantId, aor: Aor) {
    this.tenant = tenant;
    this.aor = aor;
  }

  /** Nothing is known and nobody asks. */
  get isEmpty(): boolean {
    return this.#endpoints.size === 0 && this.publications.count === 0 && this.watches.size === 0 && this.watcherInfos.size === 0;
  }

  /** The aggregate of the user's endpoints as of the last `update`. */
  get state(): PresenceState {
    return this.#state;
  }

  /** The registered endpoint that uses that flow. */
  instanceOn(flow: string | undefined): string | undefined {
    for (const [instance, used] of this.#endpoints) if (used === flow) return instance;
    return undefined;
  }

  /** An endpoint has registered, or renewed. */
  bind(binding: Binding): void {
    this.#endpoints.set(binding.instance, binding.flow);
    this.#isStale = true;
  }

  /** An endpoint is gone; no matter where it has registered over another flow meanwhile. */
  unbind(binding: Binding): void {
    if (this.#endpoints.get(binding.instance) !== binding.flow) return;
    this.#endpoints.delete(binding.instance);
    this.#isStale = true;
  }

  /** A publication has come, changed or gone. */
  publicationsChanged(): void {
    this.#isStale = true;
  }

  /** True while the endpoint that published is registered; what came before its registration counts with any other. */
  isLive(publication: Publication): boolean {
    return publication.instance === undefined ? this.#endpoints.size > 0 : this.#endpoints.has(publication.instance);
  }

  /** Computes the aggregate anew from the rows; true if watchers have something new to see. `nowMs`: the date that is told them. */
  update(nowMs: number): boolean {
    if (!this.#isStale && this.#body !== undefined) return false;
    this.#isStale = false;
    const live = this.publications.all.filter(row => this.#endpoints.size === 0 || this.isLive(row));
    const state = aggregateStates(live, this.#endpoints.size);
    if (this.#body !== undefined && equalStates(state, this.#state)) return false;
    this.#state = state;
    // with a time in it, an offline user could be told from one who has blocked the watcher
    const changedAtMs = classOfAvailability(state.availability) === 'offline' ? undefined : nowMs;
    // one document for both, so that a block of somebody offline changes nothing that could be told
    this.#body = equalStates(state, offlineState) ? this.offlineBody : this.#render(state, changedAtMs);
    return true;
  }

  /** The document for watchers, made once and shared by all of them until the state is another. */
  bodyAt(nowMs: number): NotifyBody {
    this.update(nowMs);
    return this.#body as NotifyBody;
  }

  /** The document for watchers who are not to see the truth: that of a user without an endpoint. */
  get offlineBody(): NotifyBody {
    return (this.#offlineBody ??= this.#render(offlineState, undefined));
  }

  #render(state: PresenceState, changedAtMs: number | undefined): NotifyBody {
    return notifyBody(pidfMediaType, renderPidf(pidfOfState(presentityUri(this.aor), state, changedAtMs)));
  }
}
