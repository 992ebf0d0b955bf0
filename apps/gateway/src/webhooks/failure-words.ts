import { RefusedAddress } from './address-policy.js';

/** Node's codes of what a connection can fail of, in words for a webhook's owner. */
const words = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ECONNRESET', 'the connection was closed before an answer came'],
  ['EPIPE', 'the connection was closed before an answer came'],
  ['EHOSTUNREACH', 'its host is not reachable'],
  ['ENETUNREACH', 'its host is not reachable'],
  ['ETIMEDOUT', 'the connection could not be made in time'],
  ['EPROTO', 'it speaks no TLS'],
]);

/** Says why an answer is no success; undefined when it is one. */
export function failureOfStatus(status: number): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  const isRedirect = status >= 300 && status < 400;
  return isRedirect ? `it answered ${status}, a redirect, which is not followed` : `it answered ${status}`;
}

/** Says why no answer came, without the address, which may hold a secret. */
export function failureOfError(error: unknown): string {
  if (error instanceof RefusedAddress) return error.message;
  const { code = '' } = error as { code?: string };
  if (/CERT|SIGNATURE|ALTNAME/.test(code)) return `its certificate is not accepted: ${code}`;
  if (code.startsWith('HPE_')) return 'its answer is no HTTP';
  return words.get(code) ?? `no answer came${code === '' ? '' : `: ${code}`}`;
}
