import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { DarkroomError } from '@darkroom/contracts';
import ipaddr from 'ipaddr.js';
import { resolveHost } from './resolve-host.js';

type Address = ReturnType<typeof ipaddr.parse>;

/** Resolves a host to all its addresses. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

/** What operators decide about addresses. */
export interface AddressSettings {
  readonly webhookAllowHttp: boolean;
  /** Networks in CIDR notation that may be reached although they are not public. */
  readonly webhookAllowedNetworks: readonly string[] | undefined;
}

/** Where unicast addresses of IPv6 are given out (IANA); all others lead to something special, also through a translator. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** Public by its range, but Azure's machines reach their platform's services there. */
const platformAddresses = new Set(['168.63.129.16']);

/** Thrown for an address that webhooks may not lead to, or that leads nowhere; the message goes to the webhook's owner. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

/** Decides which addresses webhooks may lead to, so that nobody can use them to reach what is inside (server-side request forgery). */
export class AddressPolicy {
  private readonly allowHttp: boolean;
  private readonly allowed: readonly ReturnType<typeof ipaddr.parseCIDR>[];
  private readonly resolve: Resolve;

  /** @param resolve how hosts are resolved; by the DNS unless a spec gives another way. */
  constructor({ webhookAllowHttp, webhookAllowedNetworks = [] }: AddressSettings, resolve: Resolve = resolveHost) {
    this.allowHttp = webhookAllowHttp;
    this.allowed = webhookAllowedNetworks.map((network) => ipaddr.parseCIDR(network));
    this.resolve = resolve;
  }

  /**
   * Checks the address of a webhook when it is entered, its host's addresses included.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` when it may not be used, or its host is not found.
   */
  async assertAllowed(address: string): Promise<void> {
    try {
      const url = this.parse(address);
      if (literalOf(url) === undefined) await this.addressesOf(url.hostname);
    } catch (error) {
      if (!(error instanceof RefusedAddress)) throw error;
      throw new DarkroomError({
        code: 'invalid_argument',
        message: `\`url\` must be a public address that webhooks can be posted to: ${error.message}`,
        param: 'url',
      });
    }
  }

  /**
   * Reads the address of a webhook; of its host it checks what needs no resolving.
   *
   * @throws {RefusedAddress} Thrown when webhooks may not lead there.
   */
  parse(address: string): URL {
    // The standard's parser also sees through other ways to write an IPv4 address, such as 0x7f.1 or 2130706433.
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined) throw new RefusedAddress('it is no absolute address');
    const schemes = this.allowHttp ? ['https:', 'http:'] : ['https:'];
    if (!schemes.includes(url.protocol)) throw new RefusedAddress(this.allowHttp ? 'it is not http or https' : 'it is not https');
    if (url.username !== '' || url.password !== '') throw new RefusedAddress('it carries credentials');
    if (url.hash !== '' || address.endsWith('#')) throw new RefusedAddress('it has a fragment, which is never sent');
    const literal = literalOf(url);
    if (literal !== undefined) this.assertPublic(literal);
    return url;
  }

  /** Resolves the host of a connection that is being made, and fails unless it may go there: what is checked is what is connected to. */
  readonly lookup: LookupFunction = (host, { all = false }, callback) => {
    this.addressesOf(host).then(
      (addresses) => {
        const [{ address, family }] = addresses;
        if (all) callback(null, addresses);
        else callback(null, address, family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

  private async addressesOf(host: string): Promise<[LookupAddress, ...LookupAddress[]]> {
    const [first, ...more] = await this.resolve(host).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTFOUND') return [];
      throw new RefusedAddress('its host could not be resolved');
    });
    if (first === undefined) throw new RefusedAddress('its host is not found');
    // One bad address among good ones is no accident.
    for (const { address } of [first, ...more]) this.assertPublic(address);
    return [first, ...more];
  }

  private assertPublic(address: string): void {
    // An IPv4 address in IPv6's clothes is judged as what it is.
    const parsed = ipaddr.isValid(address) ? ipaddr.process(address) : undefined;
    if (parsed === undefined || !(this.isAllowed(parsed) || isPublic(parsed))) {
      throw new RefusedAddress('its host leads to an address that is private, local or reserved');
    }
  }

  private isAllowed(address: Address): boolean {
    return this.allowed.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  }
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || platformAddresses.has(address.toString())) return false;
  return address.kind() === 'ipv4' || address.match(...globalUnicast);
}

/** Returns the address that a URL names instead of a host; undefined when it names a host. */
function literalOf({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(bare) ? bare : undefined;
}
