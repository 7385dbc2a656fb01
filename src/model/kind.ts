import { z } from 'zod';
import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import { type ScopeKind, scopesText } from './scope.ts';
import type { User } from './user.ts';

/** An object as the rules of other kinds see it: attributes by name. */
export interface AnyObject {
  readonly owner: string;
  readonly identity: string;
  readonly version: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What rules between objects may look at: the state that a change is validated against. */
export interface RuleState {
  readonly configuration: {
    /** Letter case of the identity does not count. */
    find(kind: string, owner: string, identity: string): AnyObject | undefined;
    /** All of one owner, or of all owners, in the order of their identities. */
    list(kind: string, owner?: string): readonly AnyObject[];
  };
  readonly users: { all(): Iterable<User> };
}

/** An object as it would be after a change. */
export interface ObjectDraft<B> {
  readonly owner: string;
  readonly identity: string;
  readonly body: B;
  /** The body before; absent when the object is new. */
  readonly before?: B;
  /** Names of the attributes that the caller gave. */
  readonly given: ReadonlySet<string>;
}

/** What a rule adds to an accepted change. */
export interface RuleOutcome<B> {
  /** Consequences that an admin should know of, one sentence each. */
  readonly notices?: readonly string[];
  /** The body in place of the one drafted. */
  readonly body?: B;
  /** Further objects of the same kind and owner that change in the same revision. */
  readonly also?: readonly { readonly identity: string; readonly version: number; readonly body: B }[];
}

/** An attribute that names an object of another kind, by its identity. */
export interface Reference {
  readonly kind: string;
  /** There is no object of that identity. */
  readonly missing: (identity: string) => Failure;
  /** Why the object referred to cannot be removed: `the pool fe.contoso.com stands there`. */
  readonly use: (identity: string) => string;
}

/** What a new object may need that nobody types. */
export interface NewObjectFacts {
  /** It is of the organisation that an on-premises deployment is for (D18). */
  readonly isOwnOrganisation: boolean;
  /** A secret that nobody can guess. */
  token(): string;
}

/** Commands that every kind may have; which ones is written nowhere but in its definition. */
export type KindVerb = 'New' | 'Set' | 'Get' | 'Remove' | 'Grant' | 'Enable' | 'Disable';

/** The whole of what is known about a configuration kind. Its type parameters are the literal values, so that other types follow from them. */
export interface Kind<
  N extends string = string,
  O extends 'tenant' | 'deployment' = 'tenant' | 'deployment',
  F extends string = string,
  I extends z.ZodType<string> = z.ZodType<string>,
  S extends z.ZodObject = z.ZodObject,
  G extends readonly ScopeKind[] = readonly ScopeKind[],
> {
  /** The Lync noun, `CsAllowedDomain`: also the kind of its stored objects. */
  readonly name: N;
  /** For sentences: `allowed domain`. */
  readonly title: string;
  /** What it is for, in a sentence or two of the reference. */
  readonly about: string;
  /** Tenants have their own, or the deployment has them once. */
  readonly owner: O;
  /** Whether an Edge gets it with its signed copy (D25). */
  readonly edge: boolean;
  /** Name of its table in the compiled configuration; a kind that is only global is there as one body. */
  readonly field: F;
  readonly schema: S;
  /** Scopes that its objects may have. Empty: they have names of their own, which `identity` reads. */
  readonly scopes: G;
  /** Body of the global object until somebody sets it; there is one where there are scopes. */
  readonly defaults?: Readonly<z.output<S>>;
  /** Schema of the identity as typed; its output is canonical. */
  readonly identity: I;
  readonly identityHelp: string;
  /** Commands that are made of this definition; others may be written by hand in `management/nouns/`. */
  readonly verbs: readonly KindVerb[];
  /** Attributes that only the server sets. */
  readonly computed: readonly string[];
  /** Attributes that stay as they were made. */
  readonly immutable: readonly string[];
  /** Attributes that name objects of other kinds: they have to be there, and stay while they are named. */
  readonly references: Readonly<Record<string, Reference>>;
  /** Other names of parameters, lower-case, as runbooks of the original product have them. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Parameters that look different from the attribute they become. */
  readonly parameters: Readonly<Record<string, z.ZodType>>;
  /** Switches of the original product and the attributes they stand for. */
  readonly switches: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Parameters of an example of New, or of Set where there is no New; PowerShell style. */
  readonly example: string;
  /** Parameters of an example of Set, where that of New would not do. */
  readonly exampleOfSet: string;
  /** What an object claims for itself alone: the store refuses a second claim of the same key in the transaction that writes the object. */
  uniqueKeys?(object: Pick<AnyObject, 'owner' | 'identity' | 'body'>): readonly string[];
  /** The failure for a key that another object, of the kind `holderKind`, has already. */
  taken?(key: string, object: Pick<AnyObject, 'identity' | 'body'>, holder: AnyObject & { readonly kind: string }): Failure;
  /** Values of computed attributes of a new object. */
  fill?(facts: NewObjectFacts): Partial<z.output<S>>;
  /** Checks between objects, on New and Set. */
  rules?(state: RuleState, draft: ObjectDraft<Readonly<z.output<S>>>): Result<RuleOutcome<Readonly<z.output<S>>>>;
  /** Checks before Remove; what refers to the object is found without them. */
  removalRules?(
    state: RuleState,
    object: Pick<ObjectDraft<Readonly<z.output<S>>>, 'owner' | 'identity' | 'body'>,
  ): Result<{ readonly notices?: readonly string[] }>;
}

type LeftOut = 'verbs' | 'computed' | 'immutable' | 'references' | 'aliases' | 'parameters' | 'switches' | 'exampleOfSet';

/** A kind as its file writes it: what is left out has nothing in it. */
type Written<K extends Kind> = Omit<K, LeftOut> & Partial<Pick<K, LeftOut>>;

/** A kind whose objects belong to a scope. */
export type ScopedKind<
  N extends string = string,
  O extends 'tenant' | 'deployment' = 'tenant' | 'deployment',
  F extends string = string,
  S extends z.ZodObject = z.ZodObject,
  G extends readonly ScopeKind[] = readonly ScopeKind[],
> = Kind<N, O, F, z.ZodType<string>, S, G> & { readonly defaults: Readonly<z.output<S>> };

const nothing = { computed: [], immutable: [], references: {}, aliases: {}, parameters: {}, switches: {} } as const;

/** Completes the definition of a kind whose objects have names of their own. */
export function namedKind<
  const N extends string,
  const O extends 'tenant' | 'deployment',
  const F extends string,
  I extends z.ZodType<string>,
  S extends z.ZodObject,
>(kind: Omit<Written<Kind<N, O, F, I, S, readonly []>>, 'scopes'>): Kind<N, O, F, I, S, readonly []> {
  return { ...nothing, scopes: [], verbs: ['New', 'Set', 'Get', 'Remove'], exampleOfSet: kind.example, ...kind };
}

/**
 * Completes the definition of a kind whose objects belong to a scope; the global one exists always, with its defaults until somebody sets it.
 * With the scope `tag` it is a user policy, which can be granted.
 */
export function scopedKind<
  const N extends string,
  const O extends 'tenant' | 'deployment',
  const F extends string,
  S extends z.ZodObject,
  const G extends readonly ['global', ...ScopeKind[]],
>(
  kind: Omit<Written<Kind<N, O, F, z.ZodType<string>, S, G>>, 'identity' | 'identityHelp' | 'defaults'>,
): ScopedKind<N, O, F, S, G> {
  const verbs: KindVerb[] = kind.scopes.length > 1 ? ['New', 'Set', 'Get', 'Remove'] : ['Set', 'Get', 'Remove'];
  if (kind.scopes.includes('tag')) verbs.push('Grant');
  const identity: z.ZodType<string> = z.string().trim().min(1).max(300);
  const defaults = kind.schema.parse({}) as Readonly<z.output<S>>;
  const complete = { ...nothing, verbs, exampleOfSet: kind.example, ...kind };
  return { ...complete, identity, identityHelp: scopesText(kind.scopes), defaults };
}
