import type { User } from '../../model/user.ts';

/** Whose state is watched. */
export type WatchedUser = Pick<User, 'tenant' | 'aor'>;
