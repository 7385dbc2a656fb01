import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';

/** Where a policy or settings object applies. */
export type Scope =
  | { readonly kind: 'global' }
  | { readonly kind: 'site'; readonly site: string }
  | { readonly kind: 'user'; readonly name: string };

/** Reads `global`, `site:NAME`, `tag:NAME` or a bare user policy name. Fails with SCOPE_INVALID. */
export function parseScope(identity: string): Result<Scope> {
  const text = identity.trim();
  if (text.toLowerCase() === 'global') return ok({ kind: 'global' });
  const match = /^(?:(site|tag):)?([\w .-]{1,128})$/i.exec(text);
  if (!match?.[2]) return err(failure('SCOPE_INVALID', { identity }));
  return ok(match[1]?.toLowerCase() === 'site' ? { kind: 'site', site: match[2] } : { kind: 'user', name: match[2] });
}

/** The identity an object of that scope has: `global`, `site:NAME` or `tag:NAME`. */
export function scopeIdentity(scope: Scope): string {
  if (scope.kind === 'global') return 'global';
  return scope.kind === 'site' ? `site:${scope.site}` : `tag:${scope.name}`;
}
