import { z } from 'zod';
import type { Route } from '../route.js';

/** Images by their signed addresses. */
export const fileRoutes: readonly Route[] = [
  {
    method: 'get',
    path: '/v1/files/generations/{generation}/{file}',
    id: 'downloadImage',
    tag: 'files',
    summary: 'Fetch an image by its signed address',
    description: 'The addresses come with the images and need no key.',
    key: 'none',
    params: z.object({
      generation: z.string().meta({ description: 'Id of a generation.' }),
      file: z.string().meta({ description: 'Name of one of its images.' }),
    }),
    query: z.object({
      expires: z.string().meta({ description: 'Unix seconds.' }),
      signature: z.string().meta({ description: 'What makes the address work until then.' }),
    }),
    answers: {
      200: {
        description: 'The image.',
        content: { 'image/png': undefined, 'image/jpeg': undefined, 'image/webp': undefined },
      },
    },
    errors: ['permission_denied', 'not_found'],
  },
];
