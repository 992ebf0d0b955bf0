export { seededRandom } from '@darkroom/testing/red-team';
