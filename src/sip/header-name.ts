/**
 * Headers this project knows: canonical name, then the compact form where there is one (rfc3261 7.3.3, the IANA registry).
 * The position in the table is the header's id; the first `singleHeaderCount` may appear only once in a message, and their ids
 * fit in one bit mask.
 */
const headerTable = [
  ['From', 'f'],
  ['To', 't'],
  ['Call-ID', 'i'],
  ['CSeq'],
  ['Max-Forwards'],
  ['Content-Length', 'l'],
  ['Content-Type', 'c'],
  ['Content-Disposition'],
  ['Expires'],
  ['Min-Expires'],
  ['Event', 'o'],
  ['Subscription-State'],
  ['SIP-ETag'],
  ['SIP-If-Match'],
  ['RSeq'],
  ['RAck'],
  ['Session-Expires', 'x'],
  ['Min-SE'],
  ['MIME-Version'],
  ['Refer-To', 'r'],
  ['Referred-By', 'b'],
  ['Replaces'],
  ['Join'],
  ['Retry-After'],
  ['Date'],
  ['Timestamp'],
  ['ms-edge-proxy-message-trust'],
  ['ms-asserted-verification-level'],
  ['Via', 'v'],
  ['Route'],
  ['Record-Route'],
  ['Contact', 'm'],
  ['Path'],
  ['Service-Route'],
  ['Supported', 'k'],
  ['Require'],
  ['Proxy-Require'],
  ['Unsupported'],
  ['Allow'],
  ['Allow-Events', 'u'],
  ['Accept'],
  ['Accept-Encoding'],
  ['Accept-Language'],
  ['Accept-Contact', 'a'],
  ['Reject-Contact', 'j'],
  ['Request-Disposition', 'd'],
  ['Content-Encoding', 'e'],
  ['Content-Language'],
  ['WWW-Authenticate'],
  ['Proxy-Authenticate'],
  ['Authorization'],
  ['Proxy-Authorization'],
  ['Authentication-Info'],
  ['Proxy-Authentication-Info'],
  ['P-Asserted-Identity'],
  ['P-Preferred-Identity'],
  ['Privacy'],
  ['Remote-Party-ID'],
  ['P-Access-Network-Info'],
  ['P-Associated-URI'],
  ['P-Called-Party-ID'],
  ['P-Charging-Vector'],
  ['Server'],
  ['User-Agent'],
  ['Subject', 's'],
  ['Organization'],
  ['Priority'],
  ['Warning'],
  ['Reason'],
  ['Error-Info'],
  ['Alert-Info'],
  ['Call-Info'],
  ['In-Reply-To'],
  ['Reply-To'],
  ['History-Info'],
  ['Diversion'],
  ['Geolocation'],
  ['Flow-Timer'],
  ['Max-Breadth'],
  ['Refer-Sub'],
  ['Target-Dialog'],
  ['Suppress-If-Match'],
  ['Identity', 'y'],
  ['Identity-Info', 'n'],
  ['Security-Client'],
  ['Security-Server'],
  ['Security-Verify'],
  ['ms-diagnostics'],
  ['ms-diagnostics-public'],
  ['ms-client-diagnostics'],
  ['ms-split-domain-info'],
  ['ms-edge-route'],
  ['ms-route-sig'],
  ['ms-archiving'],
  ['ms-user-data'],
  ['ms-user-logon-data'],
  ['ms-keep-alive'],
  ['ms-piggyback-cseq'],
  ['ms-text-format'],
  ['ms-sender'],
  ['ms-subnet'],
  ['ms-endpoint-location-data'],
  ['ms-remote-fqdn'],
  ['ms-source-verified-user'],
  ['ms-correlation-id'],
  ['ms-device-info'],
  ['ms-conversation-id'],
  ['Ms-Conversation-ID-Legacy'],
  ['ms-trunking-peer'],
] as const;

/** How many of the first headers of the table are single-instance; at most 31 so that one mask holds them. */
const singleHeaderCount = 28;

/** Canonical name of a header this project knows. */
export type KnownHeaderName = (typeof headerTable)[number][0];

/** Name of a header: a known one in its canonical spelling is found fastest, any other spelling or name works too. */
export type HeaderName = KnownHeaderName | (string & {});

/** Number of a known header, or `unknownHeaderId`. */
export type HeaderId = number;

/** Id of every header that is not in the table. */
export const unknownHeaderId: HeaderId = 255;

const canonicalNames: readonly string[] = headerTable.map(entry => entry[0]);
const idsByName = new Map<string, HeaderId>();
for (const [id, [name, compact]] of headerTable.entries()) {
  idsByName.set(name, id);
  idsByName.set(name.toLowerCase(), id);
  if (compact !== undefined) {
    idsByName.set(compact, id);
    idsByName.set(compact.toUpperCase(), id);
  }
}

/** The id of a header name in any case, compact forms included; `unknownHeaderId` for headers not in the table. */
export function headerIdOf(name: HeaderName): HeaderId {
  return idsByName.get(name) ?? idsByName.get(name.toLowerCase()) ?? unknownHeaderId;
}

/** The canonical spelling of a known header. */
export function headerNameOf(id: HeaderId): string {
  return canonicalNames[id] ?? '';
}

/** The canonical spelling of a header name where it is known, the name itself otherwise. */
export function canonicalHeaderName(name: string): string {
  const id = headerIdOf(name);
  return id === unknownHeaderId ? name : headerNameOf(id);
}

/** True where a second header of this id makes a message malformed. */
export function isSingleHeader(id: HeaderId): boolean {
  return id < singleHeaderCount;
}

/** For each byte: its lower-case code if it may stand in a token (rfc3261 25.1), otherwise 0. */
export const lowerTokenCodes: Uint8Array = new Uint8Array(256);
for (const character of "abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~") {
  lowerTokenCodes[character.charCodeAt(0)] = character.charCodeAt(0);
}
for (let code = 65; code <= 90; code++) lowerTokenCodes[code] = code + 32;

/** Open hash from (length, first, last character) to header ids; sized so that hardly any two names share a slot. */
const slotCount = 2048;
const slots: Uint8Array = new Uint8Array(slotCount).fill(unknownHeaderId);
const spellings: Uint8Array[] = [];
const spellingIds: number[] = [];

function slotOf(length: number, first: number, middle: number, last: number): number {
  return (Math.imul(length, 401) + Math.imul(first, 31) + Math.imul(middle, 211) + Math.imul(last, 7)) & (slotCount - 1);
}

function addSpelling(spelling: string, id: HeaderId): void {
  const codes = Uint8Array.from(spelling.toLowerCase(), character => character.charCodeAt(0));
  const length = codes.length;
  let slot = slotOf(length, codes[0] as number, codes[length >> 1] as number, codes[length - 1] as number);
  while (slots[slot] !== unknownHeaderId) slot = (slot + 1) & (slotCount - 1);
  slots[slot] = spellings.length;
  spellings.push(codes);
  spellingIds.push(id);
}
for (const [id, [name, compact]] of headerTable.entries()) {
  addSpelling(name, id);
  if (compact !== undefined) addSpelling(compact, id);
}

/**
 * The id of the header whose name stands at `start`…`end` of `bytes`; reads them in place and allocates nothing.
 * The caller has made sure that they are token characters.
 */
export function headerIdAt(bytes: Uint8Array, start: number, end: number): HeaderId {
  const length = end - start;
  let slot = slotOf(
    length,
    lowerTokenCodes[bytes[start] as number] as number,
    lowerTokenCodes[bytes[start + (length >> 1)] as number] as number,
    lowerTokenCodes[bytes[end - 1] as number] as number,
  );
  for (;;) {
    const entry = slots[slot] as number;
    if (entry === unknownHeaderId) return unknownHeaderId;
    const codes = spellings[entry] as Uint8Array;
    if (codes.length === length) {
      let i = 0;
      while (i < length && codes[i] === lowerTokenCodes[bytes[start + i] as number]) i++;
      if (i === length) return spellingIds[entry] as number;
    }
    slot = (slot + 1) & (slotCount - 1);
  }
}
