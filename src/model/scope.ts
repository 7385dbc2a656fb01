import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { canonicalName } from './names.ts';

/** Where an object may apply: everywhere, to the users of a site, to those of a pool, or to users it is granted to. */
export type ScopeKind = 'global' | 'site' | 'service' | 'tag';

/** Where a policy or settings object applies. */
export type Scope =
  | { readonly kind: 'global' }
  | { readonly kind: 'site'; readonly site: string }
  /** The registrar of a pool. */
  | { readonly kind: 'service'; readonly pool: string }
  | { readonly kind: 'tag'; readonly name: string };

const words: Readonly<Record<ScopeKind, string>> = {
  global: 'Global',
  site: 'site:NAME',
  service: 'service:Registrar:POOL',
  tag: 'the name of a user policy',
};

/** What an identity of these scopes looks like: `Global, site:NAME, or the name of a user policy`. */
export function scopesText(scopes: readonly ScopeKind[]): string {
  const texts = scopes.map(scope => words[scope]);
  const last = texts.pop() ?? '';
  return texts.length === 0 ? last : `${texts.join(', ')}${texts.length > 1 ? ',' : ''} or ${last}`;
}

/** Reads the identity of an object that may have these scopes; a bare name is that of a user policy. Fails with SCOPE_INVALID. */
export function parseScope(identity: string, scopes: readonly ScopeKind[]): Result<Scope> {
  const scope = readScope(identity.trim());
  if (scope && scopes.includes(scope.kind)) return ok(scope);
  return err(failure('SCOPE_INVALID', { identity, scopes: scopesText(scopes) }));
}

function readScope(text: string): Scope | undefined {
  if (text.toLowerCase() === 'global') return { kind: 'global' };
  const service = /^service:registrar:([\w.-]{1,256})$/i.exec(text)?.[1];
  if (service !== undefined) return { kind: 'service', pool: canonicalName(service) };
  const match = /^(?:(site|tag):)?([\w .-]{1,128})$/i.exec(text);
  if (!match?.[2]) return undefined;
  return match[1]?.toLowerCase() === 'site' ? { kind: 'site', site: match[2] } : { kind: 'tag', name: match[2] };
}

/** The identity an object of that scope has: `global`, `site:NAME`, `service:Registrar:POOL` or `tag:NAME`. */
export function scopeIdentity(scope: Scope): string {
  switch (scope.kind) {
    case 'global':
      return 'global';
    case 'site':
      return `site:${scope.site}`;
    case 'service':
      return `service:Registrar:${scope.pool}`;
    case 'tag':
      return `tag:${scope.name}`;
  }
}
