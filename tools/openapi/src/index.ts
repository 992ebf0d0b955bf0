export { type GeneratedFile, generatedFiles } from './generated-files.js';
