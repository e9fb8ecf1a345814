/** Ways in where everything fits: addresses, an Ingress, certificates, a gateway. The tests break one thing at a time. */
export const goodExposure = `
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: charts, namespace: flux-system}
spec: {interval: 24h, url: 'https://charts.site.example'}
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: ip-pool, namespace: metallb-system, labels: {zone: front}}
spec: {addresses: [10.34.124.115/32]}
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: others, namespace: metallb-system}
spec: {autoAssign: false, addresses: [10.34.124.120-10.34.124.129, 'fc00:f853:ccd:e793::/124']}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: l2advertise, namespace: metallb-system}
spec: {ipAddressPools: [ip-pool, others]}
---
apiVersion: v1
kind: Namespace
metadata: {name: metallb-system, labels: {pod-security.kubernetes.io/enforce: privileged}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: metallb, namespace: metallb-system}
spec: {interval: 1h, chart: {spec: {chart: metallb, version: 0.16.1, sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: istio-ingressgateway, namespace: istio-ingress}
spec:
  interval: 1h
  chart: {spec: {chart: gateway, version: 1.30.3, sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}}}
  values: {service: {type: LoadBalancer, annotations: {metallb.io/loadBalancerIPs: 10.34.124.115}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080, nodePort: 30080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'registry.site.example/web:1', ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: traefik}
spec: {controller: traefik.io/ingress-controller}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {meshwright.dev/address: 10.34.124.114}}
spec:
  ingressClassName: traefik
  tls: [{hosts: [shop.site.example], secretName: shop-tls}]
  rules: [{host: shop.site.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}}]
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: site-ca}
spec: {ca: {secretName: site-ca}}
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt}
spec: {acme: {server: 'https://acme.test/directory', privateKeySecretRef: {name: acme}, solvers: [{http01: {ingress: {ingressClassName: traefik}}}]}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: shop, namespace: shop}
spec: {secretName: shop-tls, dnsNames: [shop.site.example], issuerRef: {name: site-ca, kind: ClusterIssuer}}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: mesh, namespace: istio-ingress}
spec: {secretName: mesh-tls, dnsNames: ['*.mesh.example'], issuerRef: {name: site-ca, kind: ClusterIssuer}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: mesh-tls}, hosts: [web.mesh.example]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.mesh.example]
  gateways: [front]
  http: [{route: [{destination: {host: web, port: {number: 80}}}]}]
`;

/** A Service of type LoadBalancer. */
export const balancer = (name: string, annotations: string, more = '') =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop, annotations: {${annotations}}}\nspec: {type: LoadBalancer, ${more}selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}`;

/** A release of a chart by Flux. */
export const release = (chart: string, values = '', namespace = 'ingress') =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${chart}, namespace: ${namespace}}\nspec: {interval: 1h, chart: {spec: {chart: ${chart}, version: 1.2.3, sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}}}, values: {${values}}}`;

/** An Ingress of the Service web. */
export const ingress = (name: string, more: string, metadata = '') =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: ${name}, namespace: shop${metadata}}\nspec:\n  rules: [{host: ${name}.site.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]\n  ${more}`;

/** A Certificate of cert-manager. */
export const certificate = (name: string, spec: string, namespace = 'shop') =>
  `apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}}`;

/** Makes mutual TLS a must in namespace shop. */
export const strict =
  'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: shop}\nspec: {mtls: {mode: STRICT}}';
