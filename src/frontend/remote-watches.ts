import { bytesFromLatin1 } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { detach } from '../base/detach.ts';
import { shortToken } from '../base/random.ts';
import { eventLimits } from '../services/events/event-limits.ts';
import {
  emptyNotifyBody,
  fillNotify,
  type NotifierDialog,
  notifyTemplate,
  openDialog,
} from '../services/events/notifier-dialog.ts';
import { serverLimits } from '../sip/parse-limits.ts';
import type { OutgoingMessage } from '../sip/serialise.ts';
import { readWholeMessage } from '../sip/whole-message.ts';
import type { WorkerMesh } from '../workers/worker-mesh.ts';
import type { NotifyPorts } from './notify-ports.ts';
import type { UserRequest } from './services.ts';

/** What watchers are told with. */
export interface RemoteWatchParts {
  readonly clock: Clock;
  readonly notifyPorts: NotifyPorts;
}

/** What is needed to end a subscription whose notifier is no more. */
interface RemoteWatch {
  readonly slot: number;
  readonly asked: Pick<UserRequest, 'user' | 'via' | 'sender'>;
  readonly dialog: NotifierDialog;
  readonly event: string;
  readonly expiresAtMs: number;
}

/** Above every CSeq that the notifier itself has come to; the next NOTIFY of the dialog is the last. */
const lastCSeq = 2 ** 30;
/** NOTIFY requests sent before others get their turn, and the pause after them, milliseconds. */
const perTurn = 200;
const pauseMs = 20;
const sweepMs = 60_000;

/**
 * The subscriptions that came to this worker and are kept by another one. When that one has died and is back, their watchers are told that they
 * have ended (rfc6665 4.1.3 `deactivated`) and subscribe again at once, instead of seeing an old state until their next refresh.
 */
export class RemoteWatches {
  readonly #parts: RemoteWatchParts;
  readonly #watches = new Map<string, RemoteWatch>();
  readonly #lost = new Set<number>();

  constructor(mesh: WorkerMesh, parts: RemoteWatchParts) {
    this.#parts = parts;
    mesh.onDown(slot => this.#lost.add(slot));
    mesh.onUp(slot => {
      if (this.#lost.delete(slot)) this.#endThoseOf(slot);
    });
    parts.clock.every(sweepMs, () => this.#sweep());
  }

  /** Takes note of what the home has answered to a SUBSCRIBE. */
  note(slot: number, { request, user, via, sender }: UserRequest, answer: OutgoingMessage): void {
    const framed = readWholeMessage(bytesFromLatin1(answer.head), serverLimits);
    if (framed.kind !== 'message' || framed.message.kind !== 'response') return;
    const { toTag = '', callId, fromTag = '' } = framed.message;
    const event = request.get('Event') ?? '';
    const key = detach(`${callId} ${toTag} ${fromTag} ${event}`);
    const expiresSeconds = Number(framed.message.get('Expires') ?? 0);
    if (expiresSeconds === 0) {
      this.#watches.delete(key);
      return;
    }
    const before = this.#watches.get(key)?.dialog;
    const opened = before ?? openDialog(request, user.aor, detach(toTag), eventLimits);
    const dialog = 'ok' in opened ? (opened.ok ? opened.value : undefined) : opened;
    if (!dialog) return;
    const expiresAtMs = this.#parts.clock.monotonic() + expiresSeconds * 1000;
    this.#watches.set(key, { slot, asked: { user, via, sender }, dialog, event: detach(event), expiresAtMs });
  }

  #endThoseOf(slot: number): void {
    const theirs = [...this.#watches].filter(([, watch]) => watch.slot === slot);
    for (const [key] of theirs) this.#watches.delete(key);
    const endSome = (from: number): void => {
      for (const [, watch] of theirs.slice(from, from + perTurn)) this.#end(watch);
      if (from + perTurn < theirs.length) this.#parts.clock.after(pauseMs, () => endSome(from + perTurn));
    };
    endSome(0);
  }

  #end({ asked: { user, via, sender }, dialog, event }: RemoteWatch): void {
    const port = this.#parts.notifyPorts.find(via);
    if (!port) return;
    const template = notifyTemplate(dialog, 'NOTIFY', port.contact(user.aor), event);
    const notify = fillNotify(template, lastCSeq, 'terminated;reason=deactivated', emptyNotifyBody);
    port.send({ id: shortToken(), user, subscriber: sender, isBestEffort: false, isTerminated: true }, notify, () => {});
  }

  /** Forgets what has expired, or whose client has gone. */
  #sweep(): void {
    const now = this.#parts.clock.monotonic();
    for (const [key, { expiresAtMs, asked }] of this.#watches) {
      if (expiresAtMs <= now || !this.#parts.notifyPorts.find(asked.via)) this.#watches.delete(key);
    }
  }
}
