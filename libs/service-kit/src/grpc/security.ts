import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type ChannelCredentials,
  credentials,
  experimental,
  type Metadata,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import { ConfigError } from '../config/config.js';
import { checkCertificates } from './certificate-files.js';

/** How often certificates are read again: what replaces them in time does so hours before they expire. */
const REFRESH_MS = 10_000;

/** The values of the variables that secure gRPC. */
export interface GrpcSecurityConfig {
  readonly grpcTlsCert?: string | undefined;
  readonly grpcTlsKey?: string | undefined;
  readonly grpcTlsCa?: string | undefined;
  readonly grpcToken?: string | undefined;
}

/**
 * How services know each other over gRPC: by certificates of one authority at both ends, by a token that all of them share, by both, or
 * not at all, where the network lets nobody else in.
 */
export class GrpcSecurity {
  private readonly certificates: experimental.FileWatcherCertificateProvider | undefined;
  private readonly token: string | undefined;

  private constructor(certificates: experimental.FileWatcherCertificateProvider | undefined, token: string | undefined) {
    this.certificates = certificates;
    this.token = token;
  }

  /** Everybody may call, and read what is said. */
  static readonly none: GrpcSecurity = new GrpcSecurity(undefined, undefined);

  /**
   * Reads how gRPC is secured. Files that change later are read again, for connections that are made from then on.
   *
   * @throws {ConfigError} Thrown when only some of the files are named, or one is wrong.
   */
  static open(config: GrpcSecurityConfig, refreshIntervalMs = REFRESH_MS): GrpcSecurity {
    const { grpcTlsCert: certificate, grpcTlsKey: key, grpcTlsCa: authority, grpcToken } = config;
    if (certificate === undefined || key === undefined || authority === undefined) {
      if ([certificate, key, authority].every((file) => file === undefined)) return new GrpcSecurity(undefined, grpcToken);
      throw new ConfigError('GRPC_TLS_CERT, GRPC_TLS_KEY and GRPC_TLS_CA go together: set all three, or none');
    }
    checkCertificates({ certificate, key, authority });
    const provider = new experimental.FileWatcherCertificateProvider({
      certificateFile: certificate,
      privateKeyFile: key,
      caCertificateFile: authority,
      refreshIntervalMs,
    });
    return new GrpcSecurity(provider, grpcToken);
  }

  /** Credentials of a server: with certificates, it takes only clients that have one. */
  get server(): ServerCredentials {
    if (this.certificates === undefined) return ServerCredentials.createInsecure();
    return experimental.createCertificateProviderServerCredentials(this.certificates, this.certificates, true);
  }

  /** Credentials of a client. */
  get client(): ChannelCredentials {
    if (this.certificates === undefined) return credentials.createInsecure();
    return experimental.createCertificateProviderChannelCredentials(this.certificates, this.certificates);
  }

  /** Adds the token to what a call is sent with. */
  authorize(metadata: Metadata): void {
    if (this.token !== undefined) metadata.set('authorization', `Bearer ${this.token}`);
  }

  /** What a server puts before all its methods: it turns away calls without the token, before their requests are read. */
  get interceptors(): ServerInterceptor[] {
    if (this.token === undefined) return [];
    const wanted = digest(`Bearer ${this.token}`);
    const isAuthorized = (metadata: Metadata) => timingSafeEqual(digest(String(metadata.get('authorization')[0] ?? '')), wanted);
    return [
      (_method, call) =>
        new ServerInterceptingCall(call, {
          start: (next) =>
            next(
              new ServerListenerBuilder()
                .withOnReceiveMetadata((metadata, pass) => {
                  if (isAuthorized(metadata)) pass(metadata);
                  else call.sendStatus({ code: status.UNAUTHENTICATED, details: 'the call has not the token of GRPC_TOKEN' });
                })
                .build(),
            ),
        }),
    ];
  }
}

function digest(text: string): Buffer {
  // Digests have one length, so the comparison takes the same time whatever was sent.
  return createHash('sha256').update(text).digest();
}
