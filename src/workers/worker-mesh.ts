import { rmSync } from 'node:fs';
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type FaultTaker, guarded, surfaceFault } from '../base/boundary.ts';
import { noBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { type Frame, type FrameKind, frameKinds } from './frame.ts';
import { WorkerLink } from './worker-link.ts';

/** What a worker's place among the others is. */
export interface WorkerPlace {
  readonly slot: number;
  /** How many there are, this one included. */
  readonly workers: number;
  /** Folder of the sockets, for the account of the server alone (0700): who is in it is one of us. */
  readonly folder: string;
}

/** Takes the frames of one kind. */
export type FrameListener = (slot: number, key: string, payload: Uint8Array) => void;

/** A worker that starts again is looked for this often, milliseconds. */
const retryMs = 50;

/**
 * The links of one worker to all others. Of two workers the one with the higher slot connects, and goes on trying: one that died comes back.
 * A fault of ours while a frame is taken ends with that frame: what a client of one worker sends must not end the others.
 */
export class WorkerMesh {
  readonly place: WorkerPlace;
  readonly #clock: Clock;
  readonly #onFault: FaultTaker;
  readonly #links = new Map<number, WorkerLink>();
  readonly #frameListeners = new Map<FrameKind, FrameListener>();
  readonly #upListeners: ((slot: number) => void)[] = [];
  readonly #downListeners: ((slot: number) => void)[] = [];
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #closed = false;

  /** `onFault` is told of faults while frames are taken. */
  constructor(place: WorkerPlace, clock: Clock, onFault: FaultTaker = surfaceFault) {
    this.place = place;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** The slots of the other workers. */
  get others(): readonly number[] {
    return Array.from({ length: this.place.workers }, (_, slot) => slot).filter(slot => slot !== this.place.slot);
  }

  /** Has `listener` called with each frame of a kind. */
  onFrame(kind: FrameKind, listener: FrameListener): void {
    this.#frameListeners.set(kind, listener);
  }

  /** Calls `listener` when a worker is linked: everything that it has to know is to be told from here on. */
  onUp(listener: (slot: number) => void): void {
    this.#upListeners.push(listener);
  }

  /** Calls `listener` when a worker is no longer linked: what it held is gone. */
  onDown(listener: (slot: number) => void): void {
    this.#downListeners.push(listener);
  }

  isUp(slot: number): boolean {
    return this.#links.has(slot);
  }

  /** Bytes on their way to a worker. */
  queuedBytes(slot: number): number {
    return this.#links.get(slot)?.queuedBytes ?? 0;
  }

  /** Sends a frame; false if the worker is not linked. */
  send(slot: number, kind: FrameKind, key: string, payload: Uint8Array = noBytes): boolean {
    const link = this.#links.get(slot);
    link?.send({ kind, key, payload });
    return link !== undefined;
  }

  /** Sends a frame, and all that waits before it, when the current callback is over. */
  sendSoon(slot: number, kind: FrameKind, key: string, payload: Uint8Array): void {
    const link = this.#links.get(slot);
    link?.send({ kind, key, payload });
    link?.flushSoon();
  }

  /** Sends a frame to every worker that is linked. */
  sendToAll(kind: FrameKind, key: string, payload: Uint8Array = noBytes): void {
    for (const link of this.#links.values()) link.send({ kind, key, payload });
  }

  /** Opens this worker's socket and connects to the others; resolves when others can connect. Throws what the system throws. */
  async open(): Promise<void> {
    const { slot, folder } = this.place;
    const path = socketPath(folder, slot);
    // left by a process that was killed
    rmSync(path, { force: true });
    const server = createServer(socket => this.#take(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    server.unref();
    for (const other of this.others) if (other < slot) this.#connect(other);
  }

  /** Breaks all links off. */
  close(): void {
    this.#closed = true;
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(slot: number): void {
    if (this.#closed) return;
    const socket = netConnect(socketPath(this.place.folder, slot));
    socket.on('close', () => this.#clock.after(retryMs, () => this.#connect(slot)));
    this.#take(socket);
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    let slot: number | undefined;
    const link = new WorkerLink(socket, {
      onFrame: frame => {
        if (slot !== undefined) this.#receive(slot, frame);
        else if (frame.kind === frameKinds.hello) this.#up((slot = Number(frame.key)), link);
      },
      onEnd: () => {
        if (slot !== undefined) this.#down(slot, link);
      },
    });
    link.send({ kind: frameKinds.hello, key: String(this.place.slot), payload: noBytes });
  }

  #receive(slot: number, { kind, key, payload }: Frame): void {
    try {
      this.#frameListeners.get(kind)?.(slot, key, payload);
    } catch (fault) {
      this.#onFault(fault);
    }
  }

  #up(slot: number, link: WorkerLink): void {
    const before = this.#links.get(slot);
    // one that was killed and is back before the end of its old link has been seen
    if (before) this.#down(slot, before);
    before?.close();
    this.#links.set(slot, link);
    for (const listener of this.#upListeners) guarded(() => listener(slot), this.#onFault);
  }

  #down(slot: number, link: WorkerLink): void {
    if (this.#links.get(slot) !== link) return;
    this.#links.delete(slot);
    if (!this.#closed) for (const listener of this.#downListeners) guarded(() => listener(slot), this.#onFault);
  }
}

function socketPath(folder: string, slot: number): string {
  return join(folder, `${slot}.sock`);
}
