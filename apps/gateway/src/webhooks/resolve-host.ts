import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';

/** Patience with a name server, and how often it is asked. */
const resolverOptions = { timeout: 2_000, tries: 2 };

/** This machine's own names stand for itself, and are no name server's to resolve (RFC 6761, section 6.3). */
const ownName = /(^|\.)localhost\.?$/i;

/** What name servers answer when there is no such name, or none with an address of the kind that was asked for. */
const absent = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Resolves a host by the DNS.
 *
 * Node's usual way, the system's `getaddrinfo`, takes one of four threads for as long as it lasts: a tenant with slow name servers
 * could hold up all that needs files.
 *
 * @throws {Error} Thrown with the code `ENOTFOUND` when there is no such host, with another when no name server could say.
 */
export async function resolveHost(host: string, resolver = new Resolver(resolverOptions)): Promise<LookupAddress[]> {
  if (ownName.test(host)) {
    return [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
  }
  const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = [...addressesOf(ipv4, 4), ...addressesOf(ipv6, 6)];
  if (found.length > 0) return found;
  const failures = [ipv4, ipv6].flatMap((result) =>
    result.status === 'rejected' ? [result.reason as NodeJS.ErrnoException] : [],
  );
  throw failures.find(({ code = '' }) => !absent.has(code)) ?? Object.assign(new Error('no such host'), { code: 'ENOTFOUND' });
}

function addressesOf(result: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return result.status === 'fulfilled' ? result.value.map((address) => ({ address, family })) : [];
}
