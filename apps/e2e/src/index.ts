export { TestPlatform } from './platform.js';
