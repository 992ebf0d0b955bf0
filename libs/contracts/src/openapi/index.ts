export { type OpenApiDocument, openApiDocument } from './document.js';
export type { Answer, Route } from './route.js';
export { routes } from './routes.js';
