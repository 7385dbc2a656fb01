import { defineErrors, type SipMapping } from './definition.ts';

/** What every certificate fault of a federation peer turns into: the reason stays inside, a stranger gets a bare answer. */
const noTrust: SipMapping = {
  insideStatus: 504,
  diagnosticsId: 1010,
  diagnosticsReason: 'Certificate trust with another server could not be established',
  outsideStatus: 504,
};

/** Failures of certificates: of a peer's presented path, and of our own certificate, key and trust files. */
export const certificateErrors = defineErrors({
  CERTIFICATE_MISSING: {
    text: 'The peer presented no certificate.',
    fix: 'Ask the partner to present the certificate of its Access Edge also where it connects to us as a TLS client.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_MALFORMED: {
    text: 'A certificate cannot be decoded: {problem}.',
    fix: 'Ask the issuer for a new certificate that follows RFC 5280.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_EXPIRED: {
    text: 'The certificate "{subject}" expired on {notAfter}.',
    fix: 'Renew the certificate of "{subject}", and check the clock of this machine.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_NOT_YET_VALID: {
    text: 'The certificate "{subject}" is valid only from {notBefore}.',
    fix: 'Check the clock of this machine and of the issuer, or wait until that time.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_SELF_SIGNED: {
    text: 'The peer presented the self-signed certificate "{subject}", which is not in the trust store.',
    fix: 'Ask the partner for a certificate of a public CA, or add this very certificate to the trusted ones (federationTrustFiles) after checking its fingerprint {fingerprint}.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_ISSUER_UNKNOWN: {
    text: 'The path of the certificate "{leaf}" ends at "{subject}", which is not in the trust store.',
    fix: 'If you trust that CA, add its root to the trusted ones (federationTrustFiles for partners, authorityFile for our own servers); a root that the peer sends along never counts.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_CHAIN_INCOMPLETE: {
    text: 'The issuer "{issuer}" of the certificate "{subject}" was neither sent by the peer nor is it in the trust store.',
    fix: 'Ask the partner to send its intermediate certificates with its own, or add that issuer to the trusted ones (federationTrustFiles) if you trust it.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_CHAIN_TOO_LONG: {
    text: 'No path of at most {maxCertificates} certificates leads from "{leaf}" to the trust store.',
    fix: 'Ask the partner to present only its own certificate and the intermediates of it.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_NOT_A_CA: {
    text: 'The certificate "{subject}" issued another one without being allowed to sign certificates.',
    fix: 'Treat this as an attempted forgery unless the partner can explain it; it needs a certificate from a real CA.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_PATH_LENGTH: {
    text: 'The CA "{subject}" allows {pathLength} intermediate certificates below it, the path of "{leaf}" has {intermediates}.',
    fix: 'The partner needs a certificate from a CA that stays within its path length.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_PURPOSE: {
    text: 'The certificate "{subject}" is not meant for TLS servers, TLS clients or SIP domains.',
    fix: 'The partner needs a certificate with the purpose serverAuth, clientAuth or both.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_SIGNATURE: {
    text: 'The signature on the certificate "{subject}" was not made by the key of "{issuer}".',
    fix: 'Treat this as an attempted forgery unless the issuer has two keys under one name; then add the missing one to the trust store.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_WEAK: {
    text: 'The certificate "{subject}" is too weak: {weakness}.',
    fix: 'It must be replaced by one with RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519, signed with SHA-256 or better.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_CRITICAL_EXTENSION: {
    text: 'The certificate "{subject}" holds the critical extension {oid}, which is not understood here.',
    fix: 'The partner needs a certificate without that extension.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_NAME_CONSTRAINTS: {
    text: 'The CA "{issuer}" may not issue for the name {name} of the certificate "{subject}".',
    fix: 'The partner needs a certificate from a CA that may issue for its name.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_NAME_MISMATCH: {
    text: 'The certificate of the peer bears the names {names}, but {expected} was expected.',
    fix: 'The certificate must bear that FQDN as a DNS name in subjectAltName; the common name and wildcards do not count.',
    severity: 'warning',
    sip: noTrust,
  },
  CERTIFICATE_FILE_UNREADABLE: {
    text: 'The {what} file {file} cannot be read: {problem}.',
    fix: 'Check the path in the configuration and that the account of this server may read the file.',
    severity: 'error',
  },
  CERTIFICATE_FILE_NOT_PEM: {
    text: 'The {what} file {file} holds no usable PEM block of the kind {label}: {problem}.',
    fix: 'Convert it to PEM, for example with "openssl x509 -inform der" for certificates and "openssl pkey" for keys.',
    severity: 'error',
  },
  CERTIFICATE_KEY_MISMATCH: {
    text: 'The key in {keyFile} does not belong to the first certificate in {certificateFile}.',
    fix: 'Put the certificate of this key first in the certificate file, followed by its intermediates, or name the matching key file.',
    severity: 'error',
  },
  CERTIFICATE_NAME_LACKING: {
    text: 'The certificate in {certificateFile} lacks the name {missing}; it bears {names}.',
    fix: 'Request a certificate that bears every needed FQDN as a DNS name in subjectAltName.',
    severity: 'error',
  },
  CERTIFICATE_FILE_EXPIRED: {
    text: 'The certificate in {certificateFile} expired on {notAfter}.',
    fix: 'Renew it, replace the file and restart this server.',
    severity: 'error',
  },
  CERTIFICATE_FILE_NOT_YET_VALID: {
    text: 'The certificate in {certificateFile} is valid only from {notBefore}.',
    fix: 'Check the clock of this machine, or use the previous certificate until then.',
    severity: 'error',
  },
  CERTIFICATE_TRUST_EMPTY: {
    text: 'The trust store has no certificates, so no peer can be trusted.',
    fix: 'Name at least one file with CA certificates: federationTrustFiles in the configuration of the Edge.',
    severity: 'error',
  },
});
