/** The page that shows the OpenAPI document; its addresses are relative, since it may be served below any path. */
export const docsPage = (version: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <title>Darkroom: the HTTP API</title>
    <link rel="icon" href="icon.svg">
    <link rel="stylesheet" href="docs/${version}/swagger-ui.css">
    <script src="docs/${version}/swagger-ui-bundle.js" defer></script>
    <script src="docs/${version}/start.js" defer></script>
  </head>
  <body>
    <div id="api"></div>
    <noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> has all that it shows.</noscript>
  </body>
</html>
`;

/** Starts Swagger UI, in the colours that the reader prefers. */
export const startScript = `const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', paint);
paint();
SwaggerUIBundle({ url: 'openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null, defaultModelsExpandDepth: 0 });
`;
