import { type Container, containersOf, isWorkload, type KubernetesObject, nameOf, podOf } from './kubernetes-object.js';

/** Reports what an object does that nothing of the platform's may: run as root, write to its image, run without bounds, and the like. */
export function policyFindings(object: KubernetesObject): readonly string[] {
  if (!isWorkload(object)) return [];
  const findings: string[] = [];
  const require = (isSo: boolean, what: string) => {
    if (!isSo) findings.push(`${nameOf(object)}: ${what}`);
  };
  const pod = podOf(object);
  const { securityContext = {} } = pod;
  require(securityContext.runAsNonRoot === true &&
    securityContext.runAsUser > 0 &&
    securityContext.runAsGroup > 0, 'may run as root');
  require(securityContext.seccompProfile?.type === 'RuntimeDefault', 'may make any system call');
  require(pod.hostNetwork !== true && pod.hostPID !== true && pod.hostIPC !== true, 'shares namespaces of its node');
  require(pod.terminationGracePeriodSeconds > 0, 'is given no time to stop');
  for (const container of containersOf(object)) containerPolicies(container, require);
  // What ends by itself has a deadline instead.
  if (object.kind === 'CronJob') {
    require(object['spec'].jobTemplate.spec.activeDeadlineSeconds > 0, 'may go on for ever');
    return findings;
  }
  for (const container of pod.containers as Container[]) {
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      require(container[probe] !== undefined, `${container.name} has no ${probe}`);
    }
  }
  return findings;
}

function containerPolicies(container: Container, require: (isSo: boolean, what: string) => void): void {
  const { name, image, securityContext = {}, resources = {} } = container;
  require(securityContext.readOnlyRootFilesystem === true, `${name} can write to its image`);
  require(securityContext.allowPrivilegeEscalation === false, `${name} may gain privileges`);
  require(securityContext.privileged !== true, `${name} is privileged`);
  require(securityContext.capabilities?.drop?.includes('ALL') === true, `${name} has capabilities`);
  require((securityContext.runAsUser ?? 1) > 0, `${name} runs as root`);
  for (const bound of ['requests', 'limits']) {
    for (const resource of ['cpu', 'memory'])
      require(resources[bound]?.[resource] !== undefined, `${name} has no ${bound} of ${resource}`);
  }
  // A tag that moves has no number in it.
  require(/@sha256:[0-9a-f]{64}$|:[^/:@]*\d[^/:@]*$/.test(image) &&
    !image.endsWith(':latest'), `${name} has an image that is not pinned: ${image}`);
  for (const { name: variable, value } of container.env ?? []) {
    // What begins with a slash is where a file with the secret lies.
    const isPlain = value !== undefined && !value.startsWith('/');
    require(!(isPlain && /SECRET|TOKEN|PASSWORD|_KEY$/.test(variable)), `${name} has the secret ${variable} in the clear`);
  }
}
