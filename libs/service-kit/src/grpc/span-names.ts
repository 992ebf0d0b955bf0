/** What names a method. */
interface Method {
  readonly path: string;
}

/** Names the spans of a method's calls as OpenTelemetry's conventions do: `package.Service/Method`. */
export function spanName({ path }: Method): string {
  return path.slice(1);
}

/** Says of a span that it is a gRPC call, and of which method. */
export function spanAttributes(method: Method) {
  return { 'rpc.system.name': 'grpc', 'rpc.method': spanName(method) };
}
