/** What a layer may import: other layers, and packages from outside. */
export interface Layer {
  /** Layers that its packages may import; its own is not among them unless named. */
  readonly mayUse: readonly string[];
  /** The only packages from outside that may be imported; absent where any declared one may. */
  readonly packages?: readonly string[];
}

/**
 * The layers of the house, from the ground up; a package's layer is its `layer:` tag.
 *
 * Apps are the layers `edge` and `model`, and no layer may use them: processes talk through gRPC, HTTP and the queue.
 */
export const layers: Readonly<Record<string, Layer>> = {
  base: { mayUse: [], packages: [] },
  math: { mayUse: ['base'], packages: [] },
  engine: { mayUse: ['math', 'base'], packages: ['onnxruntime-node', 'onnxruntime-common', '@huggingface/tokenizers'] },
  contract: { mayUse: ['base'] },
  // Decisions as pure code: what is done about harm, what the queue lets in, how many replicas there should be. They can be run again
  // elsewhere: by the control plane on stored findings, by a simulator on a virtual clock.
  policy: { mayUse: ['contract', 'base'], packages: ['zod'] },
  // Pictures' origin: pixels, files and certificates in, the same out; it knows no service.
  provenance: {
    mayUse: ['contract', 'base'],
    packages: [
      '@contentauth/c2pa-node',
      '@aws-sdk/client-kms',
      '@peculiar/asn1-ecc',
      '@peculiar/asn1-schema',
      '@peculiar/x509',
      'reflect-metadata',
    ],
  },
  kit: { mayUse: ['contract', 'base'] },
  serving: { mayUse: ['kit', 'contract', 'engine', 'math', 'base'] },
  edge: { mayUse: ['kit', 'policy', 'contract', 'base'] },
  model: { mayUse: ['serving', 'provenance', 'kit', 'policy', 'contract', 'engine', 'math', 'base'] },
  // Generated from the API's document, it knows nothing else of the house and runs in browsers; specs of any layer may use it.
  client: { mayUse: [], packages: ['openapi-fetch', 'eventsource-parser'] },
  // Pages in a browser are ordinary clients: of the contract they see what is HTTP, see `webImports`.
  web: { mayUse: ['client', 'contract'] },
  // Suites and fixtures know no technology, or specs of the kit could not use them.
  testing: { mayUse: ['testing', 'tool', 'client', 'contract', 'base'] },
  tool: { mayUse: ['tool', 'testing', 'client', 'serving', 'provenance', 'kit', 'policy', 'contract', 'engine', 'math', 'base'] },
};

/** A package from outside that has one home. */
export interface Home {
  /** Package name. */
  readonly package: string;
  /** Folders that may import it. */
  readonly folders: readonly string[];
}

/** Packages from outside that only a few folders may import. Tools run on a developer's machine and are free. */
export const homes: readonly Home[] = [
  { package: 'onnxruntime-node', folders: ['libs/onnx-pipeline', 'tools/'] },
  { package: '@kubernetes/client-node', folders: ['libs/cluster', 'tools/'] },
  { package: '@electric-sql/pglite', folders: ['apps/control-plane', 'libs/testing', 'tools/'] },
  { package: 'drizzle-orm', folders: ['apps/control-plane', 'tools/'] },
  { package: '@aws-sdk/client-s3', folders: ['libs/service-kit', 'tools/'] },
  { package: '@contentauth/c2pa-node', folders: ['libs/provenance'] },
  { package: '@opentelemetry/api', folders: ['libs/service-kit'] },
  // It is large, so only what is loaded for a configured collector may bring it along.
  { package: '@opentelemetry/sdk-trace', folders: ['libs/service-kit/src/telemetry/'] },
];

/** Files of `@darkroom/contracts/http`, `@darkroom/contracts/admin` and what it stands on: they run in browsers too. */
export const browserFiles = '^libs/contracts/src/(http/|safety/|scopes\\.ts|error/(darkroom-error|http)\\.ts$)';
