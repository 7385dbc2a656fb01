import { z } from 'zod';
import { latin1FromUtf8 } from '../base/bytes.ts';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Aor, domainOfAor, type UserId } from '../model/names.ts';
import { computeHa1, type DigestAlgorithm } from './digest.ts';
import { loginForms } from './login-forms.ts';
import type { SealedBox, SealKeys } from './seal-keys.ts';

const Secrets = z.object({ MD5: z.record(z.string(), z.string()), 'SHA-256': z.record(z.string(), z.string()) });

/** H(A1) by algorithm and login form; good for digest only, and still secret: whoever has it can sign in. */
export type DigestSecrets = Readonly<z.infer<typeof Secrets>>;

const nobody = 'nobody' as UserId;

/** Seals what remains of a password, and opens it again for checking. */
export class CredentialSealer {
  readonly #keys: SealKeys;
  readonly #nothing: SealedBox;

  constructor(keys: SealKeys) {
    this.#keys = keys;
    this.#nothing = this.seal({ id: nobody, aor: 'nobody@nowhere.invalid' as Aor }, '');
  }

  /** Seals H(A1) for both algorithms and all login forms, realm = the SIP domain (D4). */
  seal(user: { readonly id: UserId; readonly aor: Aor }, password: string): SealedBox {
    const realm = domainOfAor(user.aor);
    const clear = latin1FromUtf8(password);
    const table = (algorithm: DigestAlgorithm) =>
      Object.fromEntries(loginForms(user.aor).map(form => [form, computeHa1(algorithm, latin1FromUtf8(form), realm, clear)]));
    const secrets: DigestSecrets = { MD5: table('MD5'), 'SHA-256': table('SHA-256') };
    return this.#keys.seal(Buffer.from(JSON.stringify(secrets)), user.id);
  }

  /** Opens a user's sealed credential. Fails with SEAL_BROKEN. */
  unseal(user: UserId, sealed: SealedBox): Result<DigestSecrets> {
    const clear = this.#keys.unseal(sealed, user);
    if (!clear.ok) return clear;
    const secrets = Secrets.safeParse(JSON.parse(Buffer.from(clear.value).toString('utf8')));
    return secrets.success ? ok(secrets.data) : err(failure('SEAL_BROKEN', { keyId: sealed.keyId }));
  }

  /** The work of opening a credential for somebody who has none, so that having none takes no less time. */
  unsealNothing(): undefined {
    this.unseal(nobody, this.#nothing);
  }
}
