/** Services of one namespace whose selectors are one letter off the labels of the Deployments beside them, as one text. */
export function unservedWorld(services: number, round: number): string {
  const namespace = `shop-${round}`;
  const pairs = Array.from({ length: services }, (_, i) => service(`svc-${i}`, namespace) + deployment(`sv-${i}`, namespace));
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${namespace}}\n${pairs.join('')}`;
}

function service(name: string, namespace: string): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
`;
}

function deployment(name: string, namespace: string): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: app, image: "example.test/${name}:1.0.0"}]}
`;
}
