import { DarkroomError } from '@darkroom/contracts';
import multipart from '@fastify/multipart';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type EditForm, formLimits, maxFormBytes, readEditForm } from './edit-form.js';
import { UploadBudget } from './upload-budget.js';

/** Routes that take forms. */
const FORM_ROUTES: ReadonlySet<string> = new Set(['/v1/images/edits', '/v1/generations', '/v1/provenance/verify']);

/** Lets clients send pictures, as forms, to the routes that edit them or tell where they are from. */
@Injectable()
export class EditForms implements OnModuleInit {
  private readonly host: HttpAdapterHost;
  private readonly budget: UploadBudget;

  constructor(host: HttpAdapterHost, budget: UploadBudget) {
    this.host = host;
    this.budget = budget;
  }

  onModuleInit(): void {
    const http = this.host.httpAdapter.getInstance<FastifyInstance>();
    // Not awaited: that would start Fastify before Nest has given it its routes and error handler.
    void http.register(multipart, { limits: formLimits, throwFileSizeLimit: false });
    http.addHook('preParsing', async (request) => {
      if (isForm(request)) refuse(request);
    });
  }

  /**
   * Reads a request's form and does work with it; its files are counted as held until the work is done.
   *
   * @throws {DarkroomError} Thrown as {@link readEditForm} throws it, with `invalid_argument` when it is no form, and whatever the work throws.
   */
  async read<Result>(request: FastifyRequest, work: (form: EditForm) => Promise<Result>): Promise<Result> {
    if (!isForm(request)) throw notTaken('a form, with the header Content-Type: multipart/form-data');
    const held = this.budget.open();
    try {
      return await work(await readEditForm(request, held));
    } finally {
      held.release();
    }
  }
}

/** Tells whether a request's body is a form. */
export function isForm({ headers }: FastifyRequest): boolean {
  return /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');
}

function refuse({ routeOptions, headers }: FastifyRequest): void {
  if (!FORM_ROUTES.has(routeOptions.url ?? '')) throw notTaken('JSON, with the header Content-Type: application/json');
  if (Number(headers['content-length'] ?? 0) > maxFormBytes) {
    const message = `the form is too large; the limit is ${maxFormBytes} bytes`;
    throw new DarkroomError({ code: 'payload_too_large', message, param: 'body' });
  }
}

function notTaken(expected: string): DarkroomError {
  return new DarkroomError({ code: 'invalid_argument', message: `the request body must be ${expected}`, param: 'body' });
}
