import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import dnsPacket from 'dns-packet';
import type { Clock } from '../base/clock.ts';
import { type Failure, FailureError, failure } from '../base/failure.ts';
import { fileProblem } from '../base/file-problem.ts';
import { err, type Result } from '../base/result.ts';
import { listenFailure } from '../wire/listener.ts';
import { answerFromZone, type DnsZone, makeDnsZone, type ZoneAnswer } from './dns-zone.ts';
import { parseZoneFile, type ZoneRecord } from './zone-file.ts';

/** How the lab's DNS server runs. */
export interface DnsServerOptions {
  readonly clock: Clock;
  /** Address to listen on. */
  readonly host: string;
  /** UDP and TCP port; 0 takes a free one. */
  readonly port: number;
  /** Extra records; read again whenever the file changes. */
  readonly zoneFile?: string;
  /** Told when a changed zone file cannot be used; the records read before stay. */
  readonly onZoneProblem?: (problem: Failure) => void;
}

const zoneCheckMs = 200;
const maxUdpBytes = 512;
const maxTcpConnections = 64;
const freePortTries = 20;
const rcode = { noError: 0, formatError: 1, serverFailure: 2, nameError: 3, notImplemented: 4 } as const;

/**
 * A DNS server for the lab: knows its own records and those of the zone file, says NXDOMAIN to everything else, and never
 * asks anybody. It answers for the host's own name too, which some SIP clients must resolve before they start.
 */
export class DnsServer {
  readonly #options: DnsServerOptions;
  readonly #connections = new Set<Socket>();
  #static: readonly ZoneRecord[] = [];
  #fromFile: readonly ZoneRecord[] = [];
  #zone: DnsZone = makeDnsZone([]);
  #fileState = '';
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;

  constructor(options: DnsServerOptions) {
    this.#options = options;
    this.#rebuild();
  }

  /**
   * Starts to listen. Throws FailureError: ZONE_FILE_UNREADABLE, ZONE_FILE_LINE, or why the port cannot be opened.
   */
  async start(): Promise<{ host: string; port: number }> {
    const problem = this.#readZoneFile();
    if (problem !== undefined) throw new FailureError(problem);
    const { host, port } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#listen(host, port);
      } catch (cause) {
        await this.close();
        // A free UDP port may be taken for TCP.
        if (port === 0 && attempt < freePortTries) continue;
        throw new FailureError(listenFailure(cause as NodeJS.ErrnoException, host, port));
      }
    }
  }

  /** Replaces the records set by the lab; those of the zone file stay. */
  setRecords(records: readonly ZoneRecord[]): void {
    this.#static = records;
    this.#rebuild();
  }

  /** Stops listening and ends open connections. */
  async close(): Promise<void> {
    const udp = this.#udp;
    const tcp = this.#tcp;
    this.#udp = undefined;
    this.#tcp = undefined;
    for (const connection of this.#connections) connection.destroy();
    await Promise.all([
      udp === undefined ? undefined : new Promise<void>(resolve => udp.close(resolve)),
      tcp?.listening === true ? new Promise(resolve => tcp.close(resolve)) : undefined,
    ]);
  }

  async #listen(host: string, port: number): Promise<{ host: string; port: number }> {
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    this.#udp = udp;
    udp.bind(port, host);
    await once(udp, 'listening');
    const bound = udp.address().port;
    const tcp = createServer(connection => this.#serve(connection));
    tcp.maxConnections = maxTcpConnections;
    this.#tcp = tcp;
    tcp.listen(bound, host);
    await once(tcp, 'listening');
    udp.on('message', (message, from) => {
      const answer = this.#answer(message, maxUdpBytes);
      if (answer !== undefined) udp.send(answer, from.port, from.address);
    });
    // Late errors of a socket (a peer's unreachable port) concern one answer, not the server.
    udp.on('error', () => {});
    return { host, port: bound };
  }

  /** `rfc1035 4.2.2`: over TCP every message has its length in two bytes before it. */
  #serve(connection: Socket): void {
    let pending = Buffer.alloc(0);
    this.#connections.add(connection);
    connection.on('close', () => this.#connections.delete(connection));
    connection.on('error', () => connection.destroy());
    connection.on('data', chunk => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const answer = this.#answer(pending.subarray(2, end), 65_535);
        pending = pending.subarray(end);
        if (answer === undefined) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        connection.write(Buffer.concat([length, answer]));
      }
    });
  }

  /** The answer to one message, or undefined where none is to be given. */
  #answer(message: Buffer, maxBytes: number): Buffer | undefined {
    let query: dnsPacket.DecodedPacket;
    try {
      query = dnsPacket.decode(message);
    } catch {
      return message.length < 12 ? undefined : errorReply(message.readUInt16BE(0), rcode.formatError);
    }
    if (query.flag_qr) return undefined;
    const id = query.id ?? 0;
    const [question] = query.questions ?? [];
    if ((message.readUInt16BE(2) & 0x7800) !== 0) return errorReply(id, rcode.notImplemented);
    if (question === undefined) return errorReply(id, rcode.formatError);
    this.#refresh();
    const found = answerFromZone(this.#zone, question.name, question.type);
    if (found.kind === 'timeout') return undefined;
    return encodeReply(query, question, found, maxBytes);
  }

  #refresh(): void {
    const nowMs = this.#options.clock.monotonic();
    if (this.#options.zoneFile === undefined || nowMs - this.#checkedAtMs < zoneCheckMs) return;
    this.#checkedAtMs = nowMs;
    const problem = this.#readZoneFile();
    if (problem !== undefined) this.#options.onZoneProblem?.(problem);
  }

  /** Reads the zone file if it changed; returns what is wrong with it, once per change. */
  #readZoneFile(): Failure | undefined {
    const file = this.#options.zoneFile;
    if (file === undefined) return undefined;
    const state = fileState(file);
    if (state === this.#fileState) return undefined;
    this.#fileState = state;
    const records = readRecords(file);
    if (!records.ok) return records.error;
    this.#fromFile = records.value;
    this.#rebuild();
    return undefined;
  }

  #rebuild(): void {
    const ownName = hostname().toLowerCase();
    const own: ZoneRecord = { type: 'A', name: ownName, data: '127.0.0.1' };
    const records = [...this.#static, ...this.#fromFile];
    const known = records.some(record => record.name === ownName);
    this.#zone = makeDnsZone(known ? records : [own, ...records]);
  }
}

function fileState(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'missing' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

function readRecords(file: string): Result<readonly ZoneRecord[]> {
  try {
    return parseZoneFile(readFileSync(file, 'utf8'), file);
  } catch (cause) {
    return err(failure('ZONE_FILE_UNREADABLE', { file, problem: fileProblem(cause) }, cause));
  }
}

/** Negative answers carry a SOA: resolvers take a bare empty answer for a broken server (`rfc2308 2.2`). */
const authority: dnsPacket.Answer = {
  type: 'SOA',
  name: '.',
  ttl: 1,
  class: 'IN',
  data: { mname: 'dns.lab', rname: 'admin.lab', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 1 },
};

type Reply = Exclude<ZoneAnswer, { readonly kind: 'timeout' }>;

function encodeReply(query: dnsPacket.DecodedPacket, question: dnsPacket.Question, found: Reply, maxBytes: number): Buffer {
  const code = { answer: rcode.noError, nodata: rcode.noError, nxdomain: rcode.nameError, servfail: rcode.serverFailure }[
    found.kind
  ];
  const recursionDesired = query.flag_rd ? dnsPacket.RECURSION_DESIRED : 0;
  const opt = query.additionals?.find(record => record.type === 'OPT');
  const reply: dnsPacket.Packet = {
    type: 'response',
    id: query.id,
    flags: code | dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_AVAILABLE | recursionDesired,
    questions: [question],
    answers: found.kind === 'servfail' ? [] : [...found.answers],
    authorities: found.kind === 'nodata' || found.kind === 'nxdomain' ? [authority] : [],
    additionals: opt === undefined ? [] : [plainOpt],
  };
  const bytes = dnsPacket.encode(reply);
  const limit =
    maxBytes === maxUdpBytes && opt?.type === 'OPT' ? Math.max(maxUdpBytes, Math.min(opt.udpPayloadSize, 4096)) : maxBytes;
  if (bytes.length <= limit) return bytes;
  const truncated = { ...reply, flags: (reply.flags ?? 0) | dnsPacket.TRUNCATED_RESPONSE, answers: [], authorities: [] };
  return dnsPacket.encode(truncated);
}

const plainOpt: dnsPacket.OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

function errorReply(id: number, code: number): Buffer {
  return dnsPacket.encode({ type: 'response', id, flags: code });
}
