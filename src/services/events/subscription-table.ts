import { ExpiryIndex } from '../../base/expiry-index.ts';
import { addTo, removeFrom } from '../../base/set-index.ts';
import type { Aor } from '../../model/names.ts';
import type { SipRequest } from '../../sip/message.ts';
import { type EventValue, formatEvent } from './event-value.ts';
import { dialogKey, type NotifierDialog } from './notifier-dialog.ts';
import type { NotifyPort } from './notify-port.ts';
import type { Subscription } from './subscription.ts';

const nothing: readonly Subscription[] = [];

/** All live subscriptions of this node: by dialog, by watcher, by the way to the watcher, by expiry. */
export class SubscriptionTable {
  readonly #byDialog = new Map<string, Subscription>();
  readonly #byWatcher = new Map<Aor, Set<Subscription>>();
  readonly #byPort = new Map<NotifyPort, Set<Subscription>>();
  readonly #expiries: ExpiryIndex<Subscription>;

  constructor(nowMs: number) {
    this.#expiries = new ExpiryIndex(nowMs);
  }

  get count(): number {
    return this.#byDialog.size;
  }

  /** All of them. */
  get all(): readonly Subscription[] {
    return [...this.#byDialog.values()];
  }

  /** The subscription that a SUBSCRIBE within a dialog belongs to. */
  find(request: SipRequest, event: EventValue): Subscription | undefined {
    return this.#byDialog.get(`${dialogKey(request.callId, request.toTag ?? '', request.fromTag ?? '')} ${formatEvent(event)}`);
  }

  /** What a watcher subscribes to. */
  ofWatcher(watcher: Aor): readonly Subscription[] {
    const subscriptions = this.#byWatcher.get(watcher);
    return subscriptions ? [...subscriptions] : nothing;
  }

  /** Whom a closed connection carried NOTIFY requests to. */
  ofPort(port: NotifyPort): readonly Subscription[] {
    const subscriptions = this.#byPort.get(port);
    return subscriptions ? [...subscriptions] : nothing;
  }

  add(subscription: Subscription): void {
    this.#byDialog.set(keyOf(subscription), subscription);
    addTo(this.#byWatcher, subscription.subscriber.aor, subscription);
    addTo(this.#byPort, subscription.via, subscription);
    this.#expiries.put(subscription, subscription.expiresAtMs);
  }

  /** Applies a later SUBSCRIBE of the same dialog. */
  refresh(subscription: Subscription, dialog: NotifierDialog, via: NotifyPort, expiresAtMs: number): void {
    removeFrom(this.#byPort, subscription.via, subscription);
    subscription.refresh(dialog, via, expiresAtMs);
    addTo(this.#byPort, via, subscription);
    this.#expiries.put(subscription, expiresAtMs);
  }

  /** False if it was not there. */
  remove(subscription: Subscription): boolean {
    if (!this.#byDialog.delete(keyOf(subscription))) return false;
    removeFrom(this.#byWatcher, subscription.subscriber.aor, subscription);
    removeFrom(this.#byPort, subscription.via, subscription);
    this.#expiries.remove(subscription);
    return true;
  }

  /** What has expired by `nowMs`; it stays in the other indexes until `remove`. */
  sweep(nowMs: number): readonly Subscription[] {
    return this.#expiries.sweep(nowMs);
  }
}

function keyOf({ dialog, event }: Subscription): string {
  return `${dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag)} ${formatEvent(event)}`;
}
