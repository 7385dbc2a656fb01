declare const brand: unique symbol;

/** A piece of well-formed XML. Made by the functions here only, so that no text gets into a document unescaped. */
export type Xml = string & { readonly [brand]: 'Xml' };

const replacements: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML 1.0 cannot hold at all: control characters, lone surrogates, the two non-characters. */
const forbidden =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escaped(text: string, special: RegExp): string {
  const allowed = text.replace(forbidden, '');
  return allowed.replace(special, character => replacements[character] ?? `&#${character.charCodeAt(0)};`);
}

/** Text as XML; what XML cannot hold is left out. */
export function xmlText(text: string): Xml {
  // a bare CR would be read as a line feed; control characters of the second set are allowed, but better not seen (xml 2.2)
  return escaped(text, /[&<>\r\x7f-\x9f]/g) as Xml;
}

/** An element. `name` and the attribute names are ours, never a peer's; attributes that are undefined are left out. */
export function xmlElement(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  content: readonly Xml[] = [],
): Xml {
  let tag = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${key}="${escaped(value, /[&<>"\t\n\r\x7f-\x9f]/g)}"`;
  }
  return (content.length === 0 ? `${tag}/>` : `${tag}>${content.join('')}</${name}>`) as Xml;
}

/** The document with this root element, as UTF-8. */
export function xmlDocument(root: Xml): Uint8Array {
  return new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`);
}
