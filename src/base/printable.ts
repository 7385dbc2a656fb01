/**
 * What steers a terminal in a text from somebody else: control characters of both sets (C0, DEL and C1), line and paragraph separators, marks that
 * turn the direction of writing. Line ends, tabs, the looks that our own output has and the clearing of a line are told apart.
 */
const steering = /\u001b\[(?:[0-9]{1,2}m|K)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** The same without the first set, which JSON escapes by itself. */
const steeringInJson = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Output of ours for a terminal: line ends, tabs and our own looks stay, all else that steers is written `\uXXXX`, as JSON has it. */
export function printableOutput(text: string): string {
  return text.replace(steering, piece => (piece.length > 1 ? piece : escaped(piece)));
}

/** A text of JSON that means the same and holds nothing that steers the terminal it may be shown on. */
export function printableJson(json: string): string {
  return json.replace(steeringInJson, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
