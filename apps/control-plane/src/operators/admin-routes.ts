import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { type AuditRule, auditRuleOf, isReading, type Need, needOf } from './route-rules.js';

/** A route of the admin API, and what is asked of who uses it. */
export interface AdminRoute {
  readonly method: string;
  /** With parameters as `:id`. */
  readonly path: string;
  readonly need: Need | undefined;
  readonly audit: AuditRule | undefined;
}

/** Knows every route of the service, and refuses to start with one that nobody has said the rules of. */
@Injectable()
export class AdminRoutes implements OnModuleInit {
  private readonly discovery: DiscoveryService;
  private readonly scanner: MetadataScanner;

  constructor(discovery: DiscoveryService, scanner: MetadataScanner) {
    this.discovery = discovery;
    this.scanner = scanner;
  }

  onModuleInit(): void {
    for (const { method, path, need, audit } of this.list()) {
      if (need === undefined) throw new Error(`${method} ${path} has no @Needs: say which permission it needs`);
      // Who signs in is no operator yet, so those routes tell the log themselves.
      if (audit === undefined && need !== 'nothing' && !isReading(method))
        throw new Error(`${method} ${path} has no @Audited: it changes something`);
    }
  }

  /** Lists the routes of all controllers. */
  list(): AdminRoute[] {
    return this.discovery.getControllers().flatMap(({ metatype }) => {
      if (metatype === null || metatype === undefined) return [];
      const base = Reflect.getMetadata(PATH_METADATA, metatype) as string;
      const { prototype } = metatype as { prototype: Record<string, object> };
      return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name];
        const path = handler && (Reflect.getMetadata(PATH_METADATA, handler) as string | undefined);
        if (handler === undefined || path === undefined) return [];
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
        return [{ method, path: joined(base, path), need: needOf(handler), audit: auditRuleOf(handler) }];
      });
    });
  }
}

function joined(...parts: readonly string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter((part) => part !== '')
    .join('/')}`;
}
