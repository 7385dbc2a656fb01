import { type Clock, steadyClock } from '../../base/clock.ts';
import { detach } from '../../base/detach.ts';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Binding } from '../../model/binding.ts';
import type { RegistrarConfiguration } from '../../model/kinds/registrar-configuration.ts';
import type { Aor } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import type { SipRequest } from '../../sip/message.ts';
import { LiveBindings } from './live-bindings.ts';
import { type RegisteredContact, readRegistration } from './registration.ts';

/** Why a binding is no longer there. */
export type UnbindCause = 'removed' | 'expired' | 'flow-closed' | 'signed-out' | 'replaced' | 'node-lost';

/** What the registrar tells its owner, who writes it to the store and tells others. */
export interface RegistrarListener {
  onBound(binding: Binding): void;
  onUnbound(binding: Binding, cause: UnbindCause): void;
}

/** Which node holds the connections of the bindings made here. */
export interface RegistrarNode {
  readonly node: string;
  readonly incarnation: string;
}

/** The registrar of rfc3261 10.3 for users this node has authenticated. An endpoint is reached only over the flow that registered it (rfc5626). */
export class Registrar {
  readonly #clock: Clock;
  readonly #node: RegistrarNode;
  readonly #listener: RegistrarListener;
  readonly #table: LiveBindings;

  constructor(clock: Clock, node: RegistrarNode, listener: RegistrarListener) {
    // a corrected clock of the machine signs nobody out
    this.#clock = steadyClock(clock);
    this.#node = node;
    this.#listener = listener;
    this.#table = new LiveBindings(this.#clock.now());
    clock.every(1000, () => this.expire());
  }

  /** How many endpoints are registered. */
  get count(): number {
    return this.#table.count;
  }

  /** The time by which bindings expire, milliseconds since 1970: the machine's when we started, and what has passed since. */
  get nowMs(): number {
    return this.#clock.now();
  }

  /** The live endpoints of a user. */
  find(aor: Aor): readonly Binding[] {
    return this.#table.find(aor);
  }

  /** One live endpoint of a user. */
  get(aor: Aor, instance: string): Binding | undefined {
    return this.#table.get(aor, instance);
  }

  /**
   * Carries out a REGISTER of an authenticated user and returns the user's bindings after it. All Contacts are judged before
   * any is applied. Fails with MESSAGE_MALFORMED, BINDING_EXPIRY_TOO_BRIEF or ENDPOINT_LIMIT_REACHED.
   */
  register(user: User, request: SipRequest, flow: string, limits: RegistrarConfiguration): Result<readonly Binding[]> {
    const asked = readRegistration(request, limits);
    if (!asked.ok) return asked;
    if (asked.value.kind === 'remove-all') {
      const bindings = this.find(user.aor);
      if (bindings.some(binding => isOutdated(binding, request))) return outdated();
      for (const binding of bindings) this.#unbind(binding, 'removed');
    } else if (asked.value.kind === 'contacts') {
      const applied = this.#apply(user, request, flow, limits, asked.value.contacts);
      if (!applied.ok) return applied;
    }
    return ok(this.find(user.aor));
  }

  /** Removes what a closed connection carried. */
  flowClosed(flow: string): void {
    for (const binding of this.#table.removeFlow(flow)) this.#listener.onUnbound(binding, 'flow-closed');
  }

  /** Whether the connection of a binding is one of this node. */
  isOwn({ node, incarnation }: Binding): boolean {
    return incarnation === this.#node.incarnation && node === this.#node.node;
  }

  /** The bindings whose connections this node holds. */
  get own(): readonly Binding[] {
    return this.#table.flows.flatMap(flow => this.#table.onFlow(flow).filter(binding => this.isOwn(binding)));
  }

  /**
   * Takes note of a binding that another node holds. Of two for one endpoint the one registered last counts, on every node the same:
   * a late word about an earlier one changes nothing.
   */
  learn(binding: Binding): void {
    const known = this.#table.get(binding.aor, binding.instance);
    if (known && isLater(known, binding)) return;
    this.#table.put(binding);
    if (known && known.flow !== binding.flow) this.#listener.onUnbound(known, 'replaced');
    this.#listener.onBound(binding);
  }

  /** Another node has said that a binding is no more; one that has taken its place stays (D21). */
  unlearn({ aor, instance, flow }: Pick<Binding, 'aor' | 'instance' | 'flow'>): void {
    const binding = this.#table.get(aor, instance);
    if (binding?.flow === flow) this.#unbind(binding, 'removed');
  }

  /** A node is gone, and with it the connections that it held: `isTheirs` tells by the flow. */
  nodeLost(isTheirs: (flow: string) => boolean): void {
    for (const flow of this.#table.flows) {
      if (!isTheirs(flow)) continue;
      for (const binding of this.#table.removeFlow(flow)) this.#listener.onUnbound(binding, 'node-lost');
    }
  }

  /** Signs a user out of what this node holds; returns the bindings that were there, so that their flows can be told. */
  signOut(aor: Aor): readonly Binding[] {
    const bindings = this.find(aor).filter(binding => this.isOwn(binding));
    for (const binding of bindings) this.#unbind(binding, 'signed-out');
    return bindings;
  }

  /** Removes what has expired; runs by itself every second. */
  expire(): void {
    for (const binding of this.#table.sweep(this.#clock.now())) this.#listener.onUnbound(binding, 'expired');
  }

  #apply(
    user: User,
    request: SipRequest,
    flow: string,
    limits: RegistrarConfiguration,
    contacts: readonly RegisteredContact[],
  ): Result<void> {
    const present = new Set(this.find(user.aor).map(binding => binding.instance));
    for (const contact of contacts) {
      const before = this.#table.get(user.aor, contact.instance);
      if (before && isOutdated(before, request)) return outdated();
      if (contact.expiresSeconds > 0) present.add(contact.instance);
      else if (!isOtherFlow(before, contact)) present.delete(contact.instance);
    }
    if (present.size > limits.maxEndpointsPerUser) {
      return err(failure('ENDPOINT_LIMIT_REACHED', { user: user.aor, limit: limits.maxEndpointsPerUser }));
    }
    for (const contact of contacts) {
      if (contact.expiresSeconds > 0) this.#bind(user, request, flow, contact);
      else this.#unbindContact(user.aor, contact);
    }
    return ok(undefined);
  }

  #bind(user: User, request: SipRequest, flow: string, contact: RegisteredContact): void {
    const now = this.#clock.now();
    const known = this.#table.get(user.aor, contact.instance);
    const binding: Binding = {
      tenant: user.tenant,
      aor: user.aor,
      // what outlives the message is copied: a slice would keep its whole head alive (D35)
      instance: detach(contact.instance),
      contactUri: detach(contact.uri),
      callId: detach(request.callId),
      cseq: request.cseq.number,
      priority: contact.priority,
      ...(contact.regId === undefined ? {} : { regId: contact.regId }),
      ...this.#node,
      flow,
      userAgent: detach(request.get('User-Agent') ?? ''),
      // later than the one it replaces also where that one's node has another idea of the time
      registeredAtMs: known && !this.isOwn(known) ? Math.max(now, known.registeredAtMs + 1) : now,
      expiresAtMs: now + contact.expiresSeconds * 1000,
    };
    const before = this.#table.put(binding);
    if (before && before.flow !== flow) this.#listener.onUnbound(before, 'replaced');
    this.#listener.onBound(binding);
  }

  #unbindContact(aor: Aor, contact: RegisteredContact): void {
    const binding = this.#table.get(aor, contact.instance);
    if (binding && !isOtherFlow(binding, contact)) this.#unbind(binding, 'removed');
  }

  #unbind(binding: Binding, cause: UnbindCause): void {
    if (this.#table.remove(binding)) this.#listener.onUnbound(binding, cause);
  }
}

/** Whether an endpoint speaks of one flow and is bound by another: taking leave of one that has been replaced ends nothing (rfc5626 6). */
function isOtherFlow(binding: Binding | undefined, { regId }: RegisteredContact): boolean {
  return regId !== undefined && binding?.regId !== undefined && binding.regId !== regId;
}

function isLater(one: Binding, other: Binding): boolean {
  if (one.flow === other.flow) return false;
  return one.registeredAtMs === other.registeredAtMs ? one.flow > other.flow : one.registeredAtMs > other.registeredAtMs;
}

/** rfc3261 10.3 step 7: within one Call-ID an older or equal CSeq must not change a binding. */
function isOutdated(binding: Binding, request: SipRequest): boolean {
  return binding.callId === request.callId && request.cseq.number <= binding.cseq;
}

function outdated(): Result<never> {
  return err(failure('MESSAGE_MALFORMED', { detail: 'the CSeq is not higher than that of an earlier REGISTER' }));
}
