import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { childElement, childElements, readXml, textOf, type XmlElement, xmlNamespace } from './xml-reader.ts';
import { type Xml, xmlDocument, xmlElement, xmlText } from './xml-writer.ts';

/** Media type of a presence document. */
export const pidfMediaType = 'application/pidf+xml';

/** A text for people. */
export interface PidfNote {
  readonly text: string;
  readonly lang?: string;
}

/** One way to reach the presentity (rfc3863 4.1.2). */
export interface PidfTuple {
  readonly id: string;
  /** Absent: the tuple does not say. */
  readonly basic?: 'open' | 'closed';
  readonly contact?: string;
  /** Of the contact, in thousandths, 0…1000. */
  readonly priority?: number;
  readonly notes: readonly PidfNote[];
  readonly timestampMs?: number;
}

/** What a person does: the name of an rpid activity; `other` has its text (rfc4480 3.2). */
export interface PidfActivity {
  readonly name: string;
  readonly text?: string;
}

/** When something was last done at the device (rfc4480 3.12). */
export interface PidfUserInput {
  readonly idle: boolean;
  readonly lastInputMs?: number;
}

/** A presence document: what is understood of it; mood, place and the like are in the received bytes only. */
export interface PidfDocument {
  /** URI of the presentity. */
  readonly entity: string;
  readonly tuples: readonly PidfTuple[];
  readonly activities: readonly PidfActivity[];
  readonly userInput?: PidfUserInput;
  /** Name of the device: `dm:device` (rfc4479 3.3). */
  readonly device?: string;
  readonly personNotes: readonly PidfNote[];
  readonly notes: readonly PidfNote[];
}

const pidfNamespace = 'urn:ietf:params:xml:ns:pidf';
const dataModelNamespace = 'urn:ietf:params:xml:ns:pidf:data-model';
const rpidNamespace = 'urn:ietf:params:xml:ns:pidf:rpid';
/** Clients written to drafts of rfc4480 use the second. */
const rpidNamespaces = [rpidNamespace, 'urn:ietf:params:xml:ns:pidf:status:rpid'] as const;

/** More of them than anybody shows; what is above is not read. */
const maxTuples = 32;
const maxNotes = 16;
const maxActivities = 16;
const maxNoteLength = 2048;
const maxShortText = 256;

/** Reads a presence document. Fails with BODY_XML_REFUSED or BODY_MALFORMED. */
export function parsePidf(body: Uint8Array): Result<PidfDocument> {
  const xml = readXml(body);
  if (!xml.ok) return xml;
  const root = xml.value;
  if (root.name !== 'presence' || root.namespace !== pidfNamespace) {
    return err(failure('BODY_MALFORMED', { detail: 'it is no presence document' }));
  }
  const tuples = childElements(root, pidfNamespace, 'tuple').slice(0, maxTuples);
  const person = childElement(root, dataModelNamespace, 'person');
  const device = childElement(root, dataModelNamespace, 'device');
  // drafts of rfc4480 had the activities in the tuple or its status
  const places: XmlElement[] = person ? [person] : [];
  for (const tuple of tuples) {
    const status = childElement(tuple, pidfNamespace, 'status');
    places.push(tuple, ...(status ? [status] : []));
  }
  if (device) places.push(device);
  return ok({
    entity: shortText(root.attributes.get('entity') ?? ''),
    tuples: tuples.map(readTuple),
    activities: readActivities(places),
    ...optional('userInput', readUserInput(places)),
    ...optional('device', device && (deviceName(device) || undefined)),
    personNotes: person ? readNotes(person, dataModelNamespace) : [],
    notes: readNotes(root, pidfNamespace),
  });
}

function readTuple(tuple: XmlElement): PidfTuple {
  const status = childElement(tuple, pidfNamespace, 'status');
  const basic = status && childElement(status, pidfNamespace, 'basic');
  const basicText = basic && textOf(basic).toLowerCase();
  const contact = childElement(tuple, pidfNamespace, 'contact');
  const timestamp = childElement(tuple, pidfNamespace, 'timestamp');
  return {
    id: shortText(tuple.attributes.get('id') ?? ''),
    ...optional('basic', basicText === 'open' || basicText === 'closed' ? basicText : undefined),
    ...optional('contact', contact && (shortText(textOf(contact)) || undefined)),
    ...optional('priority', readPriority(contact?.attributes.get('priority'))),
    notes: readNotes(tuple, pidfNamespace),
    ...optional('timestampMs', timestamp && readTime(textOf(timestamp))),
  };
}

function readNotes(parent: XmlElement, namespace: string): readonly PidfNote[] {
  const notes: PidfNote[] = [];
  for (const note of childElements(parent, namespace, 'note').slice(0, maxNotes)) {
    const text = textOf(note).slice(0, maxNoteLength);
    const lang = note.attributes.get(`{${xmlNamespace}}lang`);
    if (text !== '') notes.push({ text, ...optional('lang', lang && /^[a-z0-9-]{1,35}$/i.test(lang) ? lang : undefined) });
  }
  return notes;
}

function readActivities(places: readonly XmlElement[]): readonly PidfActivity[] {
  const activities: PidfActivity[] = [];
  for (const place of places) {
    for (const namespace of rpidNamespaces) {
      for (const list of childElements(place, namespace, 'activities')) {
        for (const child of list.children) {
          if (typeof child === 'string' || child.name === 'note' || activities.length === maxActivities) continue;
          const text = shortText(textOf(child));
          activities.push({ name: shortText(child.name), ...optional('text', text === '' ? undefined : text) });
        }
      }
    }
  }
  return activities;
}

function readUserInput(places: readonly XmlElement[]): PidfUserInput | undefined {
  for (const place of places) {
    for (const namespace of rpidNamespaces) {
      const input = childElement(place, namespace, 'user-input');
      if (!input) continue;
      const last = readTime(input.attributes.get('last-input') ?? '');
      return { idle: textOf(input).toLowerCase() === 'idle', ...optional('lastInputMs', last) };
    }
  }
  return undefined;
}

function deviceName(device: XmlElement): string {
  const id = childElement(device, dataModelNamespace, 'deviceID');
  return shortText((id && textOf(id)) || device.attributes.get('id') || '');
}

function readPriority(text: string | undefined): number | undefined {
  return text !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text.trim()) ? Math.round(Number(text) * 1000) : undefined;
}

/** Milliseconds since 1970 of an rfc3339 time; `undefined` if it is none. */
function readTime(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function shortText(text: string): string {
  return text.slice(0, maxShortText);
}

function optional<K extends string, const V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]?: V });
}

/** The document as UTF-8, elements in the order of the schemas of rfc3863, rfc4479 and rfc4480. */
export function renderPidf(document: PidfDocument): Uint8Array {
  const content = [...document.tuples.map(renderTuple), ...renderNotes('note', document.notes)];
  const person: Xml[] = [];
  if (document.activities.length > 0) person.push(xmlElement('rpid:activities', {}, document.activities.map(renderActivity)));
  if (document.userInput) {
    const { idle, lastInputMs } = document.userInput;
    const attributes = { 'last-input': lastInputMs === undefined ? undefined : renderTime(lastInputMs) };
    person.push(xmlElement('rpid:user-input', attributes, [xmlText(idle ? 'idle' : 'active')]));
  }
  person.push(...renderNotes('dm:note', document.personNotes));
  if (person.length > 0) content.push(xmlElement('dm:person', { id: 'person' }, person));
  if (document.device !== undefined) {
    content.push(xmlElement('dm:device', { id: 'device' }, [xmlElement('dm:deviceID', {}, [xmlText(document.device)])]));
  }
  const namespaces = { xmlns: pidfNamespace, 'xmlns:dm': dataModelNamespace, 'xmlns:rpid': rpidNamespace };
  return xmlDocument(xmlElement('presence', { ...namespaces, entity: document.entity }, content));
}

function renderTuple(tuple: PidfTuple): Xml {
  const content = [xmlElement('status', {}, tuple.basic ? [xmlElement('basic', {}, [xmlText(tuple.basic)])] : [])];
  if (tuple.contact !== undefined) {
    const priority = tuple.priority === undefined ? undefined : (tuple.priority / 1000).toFixed(3);
    content.push(xmlElement('contact', { priority }, [xmlText(tuple.contact)]));
  }
  content.push(...renderNotes('note', tuple.notes));
  if (tuple.timestampMs !== undefined) content.push(xmlElement('timestamp', {}, [xmlText(renderTime(tuple.timestampMs))]));
  return xmlElement('tuple', { id: tuple.id }, content);
}

function renderNotes(name: string, notes: readonly PidfNote[]): Xml[] {
  return notes.map(note => xmlElement(name, { 'xml:lang': note.lang }, [xmlText(note.text)]));
}

/** An activity whose name was not read from a schema of ours is rendered as `other`: it must not make up an element. */
function renderActivity({ name, text }: PidfActivity): Xml {
  if (rpidActivities.has(name)) return xmlElement(`rpid:${name}`, {}, text === undefined ? [] : [xmlText(text)]);
  return xmlElement('rpid:other', {}, [xmlText(text ?? name)]);
}

function renderTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** Activities of rfc4480 3.2. */
export const rpidActivities: ReadonlySet<string> = new Set([
  'appointment',
  'away',
  'breakfast',
  'busy',
  'dinner',
  'holiday',
  'in-transit',
  'looking-for-work',
  'lunch',
  'meal',
  'meeting',
  'on-the-phone',
  'other',
  'performance',
  'permanent-absence',
  'playing',
  'presentation',
  'shopping',
  'sleeping',
  'spectator',
  'steering',
  'travel',
  'tv',
  'unknown',
  'vacation',
  'working',
  'worship',
]);
