/** Node's codes of a certificate that is not trusted (TLS: X509 certificate error codes). */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Codes of a connection whose encryption failed for any reason. */
export const TLS_CODES = /^(?:CERT_|DEPTH_ZERO_|ERR_SSL_|ERR_TLS_|EPROTO$|HOSTNAME_|SELF_SIGNED_|UNABLE_TO_)/;

/** What failed and what to do about it, without a full stop: `the connection failed: ECONNREFUSED`. */
export function connectionFailure(code: string): string {
  const failed = `the connection failed: ${code}`;
  if (code === 'EPROTO') return `${failed}. Nothing there speaks TLS: is it plain http, or another port`;
  if (!UNTRUSTED.has(code)) return failed;
  return `${failed}. The certificate is of a CA that is not trusted here: where it is your company's, name its file in NODE_EXTRA_CA_CERTS`;
}
