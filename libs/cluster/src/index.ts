export { AppsV1Api, CoreV1Api, CustomObjectsApi, type KubeConfig, type V1Node, type V1Pod, Watch } from '@kubernetes/client-node';
export { connectCluster } from './connect-cluster.js';
export {
  pauseAnnotation,
  type Resources,
  type ScaledObject,
  type SeenDeployment,
  type SeenNode,
  type SeenPod,
  type SeenScaledObject,
  seenDeployment,
  seenNode,
  seenPod,
  seenScaledObject,
} from './objects.js';
export { statusOf, WatchedList, type WatchedListOptions, within } from './watched-list.js';
