import type { Configuration } from '../model/configuration.ts';
import type { Aor } from '../model/names.ts';
import type { User } from '../model/user.ts';
import type { DomainClassifier } from '../routing/domain-classifier.ts';

/** What decides about users: the configuration, the users, and what other domains are. */
export interface DecisionParts {
  readonly configuration: { readonly current: Configuration };
  readonly directory: { find(aor: Aor): User | undefined };
  readonly classifier: DomainClassifier;
}
