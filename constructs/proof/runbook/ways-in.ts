import { byCodeUnit } from '../../kit/json.ts';
import { groupBy } from '../group-by.ts';
import { containersOf } from '../model/spans/containers.ts';
import { type Entrance, originOf } from './entrances.ts';
import type { RunbookFacts } from './facts.ts';
import { forward } from './forward.ts';
import { code, listed, table } from './markdown.ts';
import { istiods } from './mesh-parts.ts';
import { type Page, pageAt, pagesOf } from './pages.ts';

/** The section that tells how to open each page: from outside, and by a forwarded port; and what it asks for. */
export function waysInSection(facts: RunbookFacts): string {
  const { model, entrances, stack } = facts;
  const pages = pagesOf(model);
  if (entrances.length === 0 && pages.length === 0) return '';
  const addressed = entrances.some(({ addresses }) => addresses.length > 0);
  const rows = [
    ...entrances.map((one) => ({
      name: nameOf(facts, one),
      cells: [open(facts, one), way(one), one.addresses.join(', '), near(facts, one)],
    })),
    ...pages
      .filter((page) => !page.at.some(({ service }) => entrances.some((one) => one.service === service)))
      .flatMap((page) => unpublished(page)),
  ].sort((a, b) => byCodeUnit(a.name, b.name));
  const cells = rows.map(({ name, cells: [url = '', by = '', address = '', here = ''] }) => [
    name,
    url,
    by,
    ...(addressed ? [address] : []),
    here,
  ]);
  return [
    '## Ways in',
    table(['page', 'open', 'way in', ...(addressed ? ['address'] : []), 'by a forwarded port'], cells),
    ...nodePorts(entrances),
    ...nameless(entrances),
    ...namesLead(entrances, stack),
    ...dashboards(facts, pages),
    ...pageless(facts),
    ...pages.flatMap(({ login }) => (login ? [login.words, code([login.ask])] : [])),
  ].join('\n\n');
}

function nameOf({ model }: RunbookFacts, { service, servicePort }: Entrance): string {
  return pageAt(model, service, servicePort)?.is ?? service.name;
}

function open({ model }: RunbookFacts, one: Entrance): string {
  const url = `${originOf(one)}${pathAt(pageAt(model, one.service, one.servicePort), one.path)}`;
  return /[*]|ADDRESS|NODE|PORT/.test(url) ? `\`${url}\`` : `<${url}>`;
}

/** The page's own path, where all of the host is let in. */
function pathAt(page: Page | undefined, letIn: string): string {
  const path = letIn === '/' || page?.path.startsWith(letIn) ? (page?.path ?? '') : letIn;
  return path === '/' ? '' : path;
}

function way({ by, door }: Entrance): string {
  if (by === 'node-port') return 'a port of every node';
  return by === 'load-balancer' ? 'an address of its own' : `${door.words}${door.onNode ? ', at a port of every node' : ''}`;
}

function near(facts: RunbookFacts, { service, servicePort, path }: Entrance): string {
  const page = pageAt(facts.model, service, servicePort);
  const port = servicePort ?? (service.ports === 'unknown' ? undefined : service.ports[0]?.number);
  return port === undefined ? '' : byHand(service, port, pathAt(page, path));
}

function byHand(service: Parameters<typeof forward>[0], port: number, path: string): string {
  const { command, at } = forward(service, port);
  return `\`${command}\`, <http://${at}${path}>`;
}

function unpublished({ is, path, at: [first] }: Page): { name: string; cells: string[] }[] {
  return first ? [{ name: is, cells: ['not published', '', '', byHand(first.service, first.port, path)] }] : [];
}

function nodePorts(entrances: readonly Entrance[]): string[] {
  const onNodes = entrances.filter(({ door }) => door.onNode);
  if (onNodes.length === 0) return [];
  const unknown = onNodes.filter(({ port }) => port === undefined).map(({ door, service }) => door.service ?? service);
  const ask = [...new Set(unknown)].map(
    ({ namespace, name }) =>
      `kubectl -n ${namespace} get service ${name} -o jsonpath='{.spec.ports[*].nodePort}'   # PORT of ${name}`,
  );
  return ['Ports of every node are asked at the address of any node (NODE):', code(['kubectl get nodes -o wide', ...ask])];
}

/** Where no name leads: the address itself. */
function nameless(entrances: readonly Entrance[]): string[] {
  const asked = entrances.filter(({ host, addresses, door }) => host === '*' && addresses.length === 0 && !door.onNode);
  const lines = asked.map(({ door, service }) => `${door.ask}   # of ${(door.service ?? service).name}`);
  return lines.length > 0 ? ['ADDRESS is what the cluster gave:', code([...new Set(lines)])] : [];
}

/** How the names lead to their addresses. */
function namesLead(entrances: readonly Entrance[], stack: string): string[] {
  const named = entrances.filter(({ host }) => !host.includes('*'));
  const known = groupBy(
    named.flatMap(({ host, addresses: [address] }) => (address === undefined ? [] : [{ host, address }])),
    ({ address }) => address,
  );
  const lines = [...known].map(([address, all]) => `${address} ${hosts(all)}`).sort(byCodeUnit);
  const open = groupBy(
    named.filter(
      ({ addresses, host }) => addresses.length === 0 && !named.some((one) => one.host === host && one.addresses.length > 0),
    ),
    ({ door, by }) => (by === 'ingress' && !door.service ? door.words : door.ask),
  );
  const asked = [...open.values()].flatMap((all) => {
    const [first] = all;
    return first
      ? [`GATEWAY=$(${first.door.ask})`, `echo "\${GATEWAY:?no address yet} ${hosts(all)}" | sudo tee -a /etc/hosts`]
      : [];
  });
  return [
    ...(lines.length > 0
      ? [
          `Names lead to these addresses by DNS (\`npx meshwright hosts dist/${stack} --format dns\`), or by lines in /etc/hosts:`,
          ['```', ...lines, '```'].join('\n'),
        ]
      : []),
    ...(asked.length > 0 ? ['Names lead to the address that the cluster gives, by DNS or by /etc/hosts:', code(asked)] : []),
  ];
}

function hosts(all: readonly { readonly host: string }[]): string {
  return [...new Set(all.map(({ host }) => host))].sort(byCodeUnit).join(' ');
}

function dashboards({ model, rootNamespace, app, proxies }: RunbookFacts, pages: readonly Page[]): string[] {
  const lines = pages
    .filter(({ hasDashboard }) => hasDashboard)
    .map(({ is, namespace }) => dashboard(is, namespace, rootNamespace));
  const [proxy] = app ? proxies : [];
  const [istiod] = istiods(model);
  const inside = [
    ...(proxy ? [`istioctl dashboard proxy ${proxy.target} -n ${proxy.namespace}   # the inside of one proxy`] : []),
    ...(istiod ? [`istioctl dashboard controlz deploy/${istiod.name} -n ${istiod.namespace}   # the inside of istiod`] : []),
  ];
  return lines.length + inside.length > 0
    ? ['Or let `istioctl` forward the port and open the browser:', code([...[...new Set(lines)].sort(byCodeUnit), ...inside])]
    : [];
}

/** Programs with an API and no page, so that nobody looks for one. */
function pageless({ model }: RunbookFacts): string[] {
  const tempo = model.programs.all.some(({ is }) => is === 'tempo');
  const loki =
    model.grafana.sources.some(({ type }) => type === 'loki') ||
    model.workloads.some((one) => containersOf(one).some(({ image }) => image?.repository.split('/').at(-1) === 'loki'));
  const names = [...(loki ? ['Loki'] : []), ...(tempo ? ['Tempo'] : [])];
  if (names.length === 0) return [];
  return [
    `${listed(names)} ${names.length > 1 ? 'have no page of their own' : 'has no page of its own'}: Grafana shows what ${names.length > 1 ? 'they keep' : 'it keeps'}, under *Explore*.`,
  ];
}

/** The command that opens a page; it looks into the root namespace by itself. */
export function dashboard(is: string, namespace: string, rootNamespace: string): string {
  return `istioctl dashboard ${is}${namespace === rootNamespace ? '' : ` -n ${namespace}`}`;
}
