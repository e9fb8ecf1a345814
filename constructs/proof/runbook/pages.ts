import { remember } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import { at, fields, items, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import type { Service } from '../model/services.ts';
import { containersOf } from '../model/spans/containers.ts';
import { selects, type Workload } from '../model/workloads.ts';
import { chartReleases } from '../read/charts.ts';

/** A page that people look at, of a program that is known. */
export interface Page {
  readonly is: PageKind;
  readonly namespace: string;
  /** Where it begins: '', '/kiali'. */
  readonly path: string;
  /** The Services and ports that lead to it; never empty. */
  readonly at: readonly { readonly service: Service; readonly port: number }[];
  /** Whether its pods carry the labels that `istioctl dashboard` looks for (Istio 1.30). */
  readonly hasDashboard: boolean;
  /** How one gets in; undefined where nobody is asked. */
  readonly login: Login | undefined;
}

/** The programs whose pages are known, as `istioctl dashboard` calls them. */
export type PageKind = 'grafana' | 'jaeger' | 'kiali' | 'prometheus' | 'skywalking' | 'zipkin';

/** What a page asks for. */
export interface Login {
  readonly words: string;
  /** The command that prints it. */
  readonly ask: string;
}

interface Known {
  readonly is: PageKind;
  /** The last part of its image's name. */
  readonly image: string;
  /** Its container port, unless told otherwise. */
  readonly port: number;
  /** The label by which `istioctl dashboard` finds its pods. */
  readonly label: readonly [string, string];
}

const KNOWN: readonly Known[] = [
  { is: 'grafana', image: 'grafana', port: 3000, label: ['app.kubernetes.io/name', 'grafana'] },
  { is: 'jaeger', image: 'jaeger', port: 16686, label: ['app', 'jaeger'] },
  { is: 'kiali', image: 'kiali', port: 20001, label: ['app', 'kiali'] },
  { is: 'prometheus', image: 'prometheus', port: 9090, label: ['app.kubernetes.io/name', 'prometheus'] },
  { is: 'skywalking', image: 'skywalking-ui', port: 8080, label: ['app', 'skywalking-ui'] },
  { is: 'zipkin', image: 'zipkin', port: 9411, label: ['app', 'zipkin'] },
];

/** The pages of the known programs, by workload, chart and custom resource. */
export const pagesOf: (model: Model) => readonly Page[] = remember((model) => [
  ...model.workloads.flatMap((workload) => ofWorkload(model, workload)),
  ...ofStack(model),
  ...ofKialiResource(model),
]);

/** The page at a Service's port, or at any of its ports where none is said. */
export function pageAt(model: Model, service: Service, port: number | undefined): Page | undefined {
  return pagesOf(model).find((page) =>
    page.at.some((one) => one.service === service && (port === undefined || one.port === port)),
  );
}

/** The first page of a kind. */
export function pageOf(model: Model, is: PageKind): Page | undefined {
  return pagesOf(model).find((page) => page.is === is);
}

function ofWorkload(model: Model, workload: Workload): Page[] {
  if (!workload.podSpec) return [];
  const images = containersOf(workload).flatMap(({ image }) => image?.repository.split('/').at(-1) ?? []);
  const known = KNOWN.find(({ image }) => images.includes(image));
  if (!known) return [];
  const { is, label } = known;
  const { namespace } = workload;
  const kiali = is === 'kiali' ? model.kialis.find((one) => one.namespace === namespace) : undefined;
  const port = numberOf(kiali && at(kiali.config.value, 'server', 'port')) ?? known.port;
  const leads = (target: number | string) =>
    target === port || workload.ports.some((one) => one.name === target && one.number === port);
  const places = model.services.inNamespace(namespace).flatMap((service) => {
    if (service.created || service.ports === 'unknown' || service.selector.size === 0) return [];
    if (!selects(service.selector, workload.labels)) return [];
    return service.ports.filter(({ target }) => leads(target)).map((one) => ({ service, port: one.number }));
  });
  if (places.length === 0) return [];
  const hasDashboard = workload.labels.get(label[0]) === label[1];
  return [{ is, namespace, path: pathOf(model, is, workload), at: places, hasDashboard, login: loginOf(model, is, workload) }];
}

function pathOf(model: Model, is: PageKind, workload: Workload): string {
  const { object, namespace } = workload;
  if (is === 'zipkin') return '/zipkin/';
  if (is === 'prometheus') return model.prometheuses.all.find((one) => one.workload === workload)?.prefix ?? '';
  if (is === 'grafana') {
    const variable = (name: string) => containersOf(workload).flatMap(({ env }) => env.get(`GF_SERVER_${name}`)?.value ?? [])[0];
    return subPath(variable('ROOT_URL'), variable('SERVE_FROM_SUB_PATH') === 'true');
  }
  if (is === 'kiali') return webRoot(model.kialis.find((one) => one.namespace === namespace)?.config.value);
  const base = at(
    model.programs.all.find((one) => one.object === object)?.config?.value,
    'extensions',
    'jaeger_query',
    'base_path',
  );
  return is === 'jaeger' && typeof base === 'string' && base !== '/' ? base : '';
}

function loginOf(model: Model, is: PageKind, { object, podSpec = [], namespace }: Workload): Login | undefined {
  if (is === 'grafana') {
    const env = items(object.json, ...podSpec, 'containers').flatMap((container) => items(container, 'env'));
    const find = (name: string) => env.find((one) => text(one, 'name') === name);
    const secret = fields(find('GF_SECURITY_ADMIN_PASSWORD'), 'valueFrom', 'secretKeyRef');
    const open = text(find('GF_AUTH_ANONYMOUS_ENABLED'), 'value') === 'true';
    const user = text(find('GF_SECURITY_ADMIN_USER'), 'value') ?? 'admin';
    return grafanaLogin(namespace, text(secret, 'name'), text(secret, 'key'), user, open);
  }
  if (is !== 'kiali') return undefined;
  const config = model.kialis.find((one) => one.namespace === namespace)?.config.value;
  return kialiLogin(
    text(config, 'auth', 'strategy'),
    namespace,
    text(object.json, ...podSpec, 'serviceAccountName') ?? 'default',
  );
}

/** Grafana and Prometheus of kube-prometheus-stack (chart 88, sub-chart grafana 12: an admin's Secret, unless one is named). */
function ofStack(model: Model): Page[] {
  const releases = chartReleases(model.objects).filter(({ chart }) => chart === 'kube-prometheus-stack');
  return releases.flatMap(({ object }) => {
    const made = model.services.all.filter((one) => one.object === object);
    const values = fields(object.json, 'spec', 'values', 'grafana');
    const ini = (key: string) => at(values, 'grafana.ini', 'server', key);
    const served = at(values, 'env', 'GF_SERVER_SERVE_FROM_SUB_PATH') ?? ini('serve_from_sub_path');
    const rootUrl = at(values, 'env', 'GF_SERVER_ROOT_URL') ?? ini('root_url');
    const grafanaPath = subPath(typeof rootUrl === 'string' ? rootUrl : undefined, `${served}` === 'true');
    return (['grafana', 'prometheus'] as const).flatMap((is): Page[] => {
      const service = made.find(({ name }) => name.endsWith(is));
      const port = service && service.ports !== 'unknown' ? service.ports[0]?.number : undefined;
      if (!service || port === undefined) return [];
      const { namespace } = service;
      return [
        {
          is,
          namespace,
          path: is === 'grafana' ? grafanaPath : '',
          at: [{ service, port }],
          hasDashboard: true,
          login: is === 'grafana' ? login(service) : undefined,
        },
      ];
    });
    function login({ namespace, name }: Service): Login | undefined {
      const grafana = fields(object.json, 'spec', 'values', 'grafana');
      const ini = at(grafana, 'grafana.ini', 'auth.anonymous', 'enabled');
      const open = text(grafana, 'env', 'GF_AUTH_ANONYMOUS_ENABLED') === 'true' || ini === true;
      const user = text(grafana, 'env', 'GF_SECURITY_ADMIN_USER') ?? text(grafana, 'adminUser') ?? 'admin';
      const secret = text(grafana, 'admin', 'existingSecret') ?? name;
      return grafanaLogin(namespace, secret, text(grafana, 'admin', 'passwordKey') ?? 'admin-password', user, open);
    }
  });
}

/** What the operator makes of a Kiali resource (operator 2.29: the ServiceAccount is named after the instance). */
function ofKialiResource(model: Model): Page[] {
  const byObject = groupBy(model.services.all, ({ object }) => object);
  return model.kialis.flatMap(({ config }): Page[] => {
    if (config.object.kind !== 'Kiali') return [];
    const [service] = byObject.get(config.object) ?? [];
    const port = service && service.ports !== 'unknown' ? service.ports[0]?.number : undefined;
    if (!service || port === undefined) return [];
    const { namespace, name } = service;
    const login = kialiLogin(text(config.value, 'auth', 'strategy'), namespace, `${name}-service-account`);
    return [
      { is: 'kiali', namespace, path: webRoot(config.value), at: [{ service, port }], hasDashboard: name === 'kiali', login },
    ];
  });
}

function grafanaLogin(
  namespace: string,
  secret: string | undefined,
  key: string | undefined,
  user: string,
  open: boolean,
): Login | undefined {
  if (secret === undefined || key === undefined) return undefined;
  const words = `Grafana ${open ? 'may be read by everybody. To change something, log in as' : 'asks for a login: user'} \`${user}\`, and the password that this prints:`;
  return {
    words,
    ask: `kubectl -n ${namespace} get secret ${secret} -o jsonpath='{.data.${key.replaceAll('.', '\\.')}}' | base64 -d; echo`,
  };
}

/** Kiali takes tokens unless told otherwise (Kiali 2.29, `auth.strategy`). */
function kialiLogin(strategy: string | undefined, namespace: string, account: string): Login | undefined {
  if ((strategy ?? 'token') !== 'token') return undefined;
  return {
    words: 'Kiali asks for a token. One of its own account, which sees what Kiali sees, for an hour:',
    ask: `kubectl -n ${namespace} create token ${account}`,
  };
}

/** Where a Grafana answers (Grafana 13, serve_from_sub_path): it redirects what is asked elsewhere. */
function subPath(rootUrl: string | undefined, served: boolean): string {
  if (!served || rootUrl === undefined || !URL.canParse(rootUrl)) return '';
  return new URL(rootUrl).pathname.replace(/\/+$/, '');
}

function webRoot(config: Parameters<typeof text>[0]): string {
  const root = text(config, 'server', 'web_root') ?? '/kiali';
  return root === '/' ? '' : root;
}

function numberOf(json: ReturnType<typeof at>): number | undefined {
  return typeof json === 'number' ? json : undefined;
}
