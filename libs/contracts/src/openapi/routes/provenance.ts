import { provenanceForm, provenanceReportBody } from '../../http/index.js';
import { requestIdHeaders } from '../headers.js';
import type { Route } from '../route.js';

/** Where pictures are from. */
export const provenanceRoutes: readonly Route[] = [
  {
    method: 'post',
    path: '/v1/provenance/verify',
    id: 'verifyPicture',
    tag: 'provenance',
    scope: 'read',
    summary: 'Find out whether a picture was made here',
    description: 'Reads its signed C2PA manifest and looks for the invisible mark in its pixels. The picture is not kept.',
    body: { 'multipart/form-data': provenanceForm },
    answers: {
      200: {
        description: 'What was found, also for a picture that is not ours.',
        content: { 'application/json': provenanceReportBody },
        headers: requestIdHeaders,
      },
    },
  },
];
