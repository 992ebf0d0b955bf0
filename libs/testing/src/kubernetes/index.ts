export { findKubernetes, type KubernetesBinaries, kubernetesPrograms } from './binaries.js';
export { type KubernetesAccess, type KubernetesAnswer, KubernetesClient } from './client.js';
export { type FakeNode, FakeNodes } from './fake-nodes.js';
export { type KubernetesOptions, type KubernetesServer, startKubernetes } from './server.js';
