import { KubeConfig } from '@kubernetes/client-node';

/** Tells the client where the API server is: `in-cluster`, or the address of one or of `kubectl proxy`. */
export function connectCluster(address: string): KubeConfig {
  const config = new KubeConfig();
  if (address === 'in-cluster') {
    config.loadFromCluster();
  } else {
    // The client refuses plain http unless certificates are not to be verified, of which http has none.
    const skipTLSVerify = address.startsWith('http:');
    config.loadFromClusterAndUser({ name: 'configured', server: address, skipTLSVerify }, { name: 'none' });
  }
  return config;
}
