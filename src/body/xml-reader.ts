import { SaxesParser } from 'saxes';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** An element with its namespace resolved. */
export interface XmlElement {
  readonly kind: 'element';
  /** Local name. */
  readonly name: string;
  /** Namespace URI; `''` where there is none. */
  readonly namespace: string;
  /** By local name; an attribute that has a namespace is found under `{namespace}name`. Namespace declarations are left out. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Elements and texts in order; comments and processing instructions are left out. */
  readonly children: readonly XmlNode[];
}

/** An element or a piece of text. */
export type XmlNode = XmlElement | string;

/** Limits that hold while a document is read. */
export interface XmlLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Per element, namespace declarations included. */
  readonly maxAttributes: number;
  readonly maxElements: number;
}

/** 128 KB, 64 levels, 64 attributes an element (D36), 8,192 elements. */
export const xmlLimits: XmlLimits = { maxBytes: 131_072, maxDepth: 64, maxAttributes: 64, maxElements: 8192 };

/** Namespace of `xml:lang`, `xml:space` … */
export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const declarationNamespace = 'http://www.w3.org/2000/xmlns/';

interface OpenElement extends XmlElement {
  readonly children: XmlNode[];
}

/** Why reading stopped; the parser can be stopped by a throw only. */
class Stop extends Error {
  readonly code: 'BODY_XML_REFUSED' | 'BODY_MALFORMED';

  constructor(code: 'BODY_XML_REFUSED' | 'BODY_MALFORMED', detail: string) {
    super(detail);
    this.code = code;
  }
}

/**
 * Reads a document into a tree. Document types are refused, so there are no entities but the five of XML and nothing is fetched.
 * Fails with BODY_XML_REFUSED (document type, a limit, an encoding other than UTF-8) or BODY_MALFORMED (not well formed).
 */
export function readXml(body: Uint8Array, limits: XmlLimits = xmlLimits): Result<XmlElement> {
  try {
    return ok(readTree(body, limits));
  } catch (cause) {
    if (cause instanceof Stop) return err(failure(cause.code, { detail: cause.message }));
    throw cause;
  }
}

function readTree(body: Uint8Array, limits: XmlLimits): XmlElement {
  if (body.length > limits.maxBytes) throw new Stop('BODY_XML_REFUSED', `it is longer than ${limits.maxBytes} bytes`);
  const text = decode(body);
  // version 1.1 would allow control characters
  const parser = new SaxesParser({ xmlns: true, position: false, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let attributes = 0;
  const addText = (piece: string): void => {
    open.at(-1)?.children.push(piece);
  };
  parser.on('error', error => {
    throw new Stop('BODY_MALFORMED', `the XML is not well formed (${error.message.slice(0, 120)})`);
  });
  parser.on('doctype', () => {
    throw new Stop('BODY_XML_REFUSED', 'it has a document type');
  });
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding)) {
      throw new Stop('BODY_XML_REFUSED', 'its encoding is not UTF-8');
    }
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    // before the attributes are read: neither depth nor number may cost anything
    if (open.length >= limits.maxDepth) throw new Stop('BODY_XML_REFUSED', `it is nested deeper than ${limits.maxDepth}`);
    if (++elements > limits.maxElements) throw new Stop('BODY_XML_REFUSED', `it has more than ${limits.maxElements} elements`);
  });
  parser.on('attribute', () => {
    if (++attributes > limits.maxAttributes) {
      throw new Stop('BODY_XML_REFUSED', `an element has more than ${limits.maxAttributes} attributes`);
    }
  });
  parser.on('opentag', tag => {
    const element: OpenElement = {
      kind: 'element',
      name: tag.local,
      namespace: tag.uri,
      attributes: attributesOf(Object.values(tag.attributes)),
      children: [],
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(text).close();
  if (root === undefined) throw new Stop('BODY_MALFORMED', 'there is no element in it');
  return root;
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Stop('BODY_MALFORMED', 'it is not UTF-8');
  }
}

const noAttributes: ReadonlyMap<string, string> = new Map();

function attributesOf(
  found: readonly { readonly local: string; readonly uri: string; readonly value: string }[],
): ReadonlyMap<string, string> {
  if (found.length === 0) return noAttributes;
  const attributes = new Map<string, string>();
  for (const { local, uri, value } of found) {
    if (uri !== declarationNamespace) attributes.set(uri === '' ? local : `{${uri}}${local}`, value);
  }
  return attributes;
}

/** The child elements of that namespace and name. */
export function childElements(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  const found: XmlElement[] = [];
  for (const child of parent.children) {
    if (typeof child !== 'string' && child.name === name && child.namespace === namespace) found.push(child);
  }
  return found;
}

/** The first child element of that namespace and name. */
export function childElement(parent: XmlElement, namespace: string, name: string): XmlElement | undefined {
  for (const child of parent.children) {
    if (typeof child !== 'string' && child.name === name && child.namespace === namespace) return child;
  }
  return undefined;
}

/** The text directly in the element, trimmed. */
export function textOf(element: XmlElement): string {
  let text = '';
  for (const child of element.children) if (typeof child === 'string') text += child;
  return text.trim();
}
