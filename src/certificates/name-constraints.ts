import { type DerElement, DerError, readDerList, readSequence } from './der.ts';

/** One base of a subtree: the form of the name and its bytes. */
interface Subtree {
  readonly form: number;
  readonly base: Buffer;
}

/** What a CA may issue for, and what not (`rfc5280 4.2.1.10`). */
export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

/** The names of a certificate that constraints look at. */
export interface SubjectNames {
  /** dNSName entries that are host names, lower case. */
  readonly names: readonly string[];
  /** dNSName entries that start with `*.`, lower case: reported, never matched. */
  readonly wildcardNames: readonly string[];
  /** iPAddress entries as bytes. */
  readonly addresses: readonly Buffer[];
  /** Tag numbers of the other general names in subjectAltName (`rfc5280 4.2.1.6`). */
  readonly otherNameForms: readonly number[];
  readonly subjectDer: Buffer;
}

const dnsForm = 2;
const directoryForm = 4;
const addressForm = 7;

/** Decodes the extension. Throws DerError on subtrees with a minimum or maximum, which `rfc5280 4.2.1.10` forbids. */
export function readNameConstraints(value: DerElement): NameConstraints {
  const parts = readSequence(value);
  const subtrees = (tag: number): Subtree[] => {
    const list = parts.find(part => part.tag === tag);
    return list === undefined ? [] : readDerList(list.content).map(readSubtree);
  };
  return { permitted: subtrees(0xa0), excluded: subtrees(0xa1) };
}

/**
 * The first name of `subject` that the constraints do not allow, or undefined if all are allowed.
 * DNS names and addresses are compared. Any other form that is both constrained and present counts as not allowed:
 * the standard demands to process the constraint or to reject.
 */
export function constrainedName(constraints: NameConstraints, subject: SubjectNames): string | undefined {
  const dnsNames = [...subject.names, ...subject.wildcardNames];
  const badName = dnsNames.find(
    name => !isAllowed(constraints, dnsForm, base => withinDnsSubtree(name.replace(/^\*\./, ''), base)),
  );
  if (badName !== undefined) return badName;
  const badAddress = subject.addresses.find(
    address => !isAllowed(constraints, addressForm, base => withinAddressSubtree(address, base)),
  );
  if (badAddress !== undefined) return `address ${badAddress.toString('hex')}`;
  const present = new Set(subject.otherNameForms);
  if (subject.subjectDer.length > 2) present.add(directoryForm);
  const unprocessed = [...constraints.permitted, ...constraints.excluded].find(
    subtree => subtree.form !== dnsForm && subtree.form !== addressForm && present.has(subtree.form),
  );
  return unprocessed === undefined ? undefined : `of form ${unprocessed.form}`;
}

function readSubtree(element: DerElement): Subtree {
  const [base, ...limits] = readSequence(element);
  if (base === undefined || limits.length > 0) throw new DerError('a name constraint is malformed');
  return { form: base.tag & 0x1f, base: base.content };
}

function isAllowed(constraints: NameConstraints, form: number, within: (base: Buffer) => boolean): boolean {
  if (constraints.excluded.some(subtree => subtree.form === form && within(subtree.base))) return false;
  const permitted = constraints.permitted.filter(subtree => subtree.form === form);
  return permitted.length === 0 || permitted.some(subtree => within(subtree.base));
}

function withinDnsSubtree(name: string, base: Buffer): boolean {
  const domain = base.toString('latin1').toLowerCase();
  // A leading dot is not in the standard, but CAs write it and mean the names below, without the domain itself.
  if (domain === '' || domain.startsWith('.')) return name.endsWith(domain);
  return name === domain || name.endsWith(`.${domain}`);
}

function withinAddressSubtree(address: Buffer, base: Buffer): boolean {
  if (base.length !== address.length * 2) return false;
  return address.every(
    (byte, i) => (byte & (base[address.length + i] as number)) === ((base[i] as number) & (base[address.length + i] as number)),
  );
}
