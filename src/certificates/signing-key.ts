import { createPrivateKey, type webcrypto } from 'node:crypto';

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** How certificates and requests for them are signed. */
export const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** Makes an ECDSA P-256 key. */
export function newKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}

/** A private key as PKCS #8 in PEM. */
export async function keyPemOf({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey));
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Reads a private ECDSA P-256 key in PEM, to sign with. Throws where it is none. */
export function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return crypto.subtle.importKey('pkcs8', der, curve, false, ['sign']);
}
