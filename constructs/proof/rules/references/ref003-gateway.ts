import { nearest, suggest } from '../../../kit/nearest.ts';
import { text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const gateway: Rule = {
  code: 'REF003',
  title: 'a route names a Gateway or listener that does not exist',
  severity: 'error',
  run: (model) => [
    ...classFaults(model),
    ...model.routes.flatMap((route) =>
      route.gateways.flatMap(({ api, name, namespace, section, at }) => {
        const found = model.gateways.get(api, namespace, name);
        const near = model.gateways.inNamespace(api, namespace).map((one) => one.name);
        if (!found) {
          if (near.length === 0 && !model.isKnown(namespace)) return [];
          const elsewhere = model.gateways.all.find((one) => one.api === api && one.name === name);
          // In plain files a name unlike all others may well be installed elsewhere.
          const unlike = at.object.origin.construct === null && !elsewhere && nearest(name, near) === undefined;
          if (unlike && near.length === 0) return [];
          const whole = api === 'istio' ? `"${elsewhere?.namespace}/${name}"` : `namespace ${elsewhere?.namespace}`;
          return [
            {
              at,
              ...(unlike ? { severity: 'warning' as const } : {}),
              message: `there is no Gateway ${name} in namespace ${namespace}`,
              hint: elsewhere
                ? `did you mean ${whole}?`
                : suggest(name, near, `name a Gateway of namespace ${namespace}, or add it`),
              cause: `gateway ${namespace}/${name}`,
            },
          ];
        }
        if (section === undefined || found.listeners.length === 0 || found.listeners.includes(section)) return [];
        return [
          {
            at,
            message: `${found.object.id} has no listener "${section}"`,
            hint: suggest(section, found.listeners, 'name one of its listeners'),
            cause: `listener ${namespace}/${name}/${section}`,
          },
        ];
      }),
    ),
  ],
  docs: {
    cause:
      'A VirtualService lists a gateway, or a route of the Gateway API a parent, that is not in the namespace it names. A name without a namespace means the route’s own. The route is then never used. Or an Ingress names a class that is nearly the one of an IngressClass: nobody serves it. In plain files a name unlike the Gateways beside it is only a warning, and none where the namespace shows no Gateway: it may be installed apart.',
    fix: 'Correct the name, or write NAMESPACE/NAME for a Gateway elsewhere.',
    example: 'gateways: [bookinfo-gatway]   # the Gateway is bookinfo-gateway',
  },
};

/** An Ingress whose class is nearly that of the input; any other may be installed apart. */
function classFaults(model: Model): Fault[] {
  const classes = model.kind('IngressClass').map((one) => one.name);
  return model.kind('Ingress').flatMap((object) => {
    const name = text(object.json, 'spec', 'ingressClassName');
    if (name === undefined || classes.includes(name) || nearest(name, classes) === undefined) return [];
    const at = spotOf(object, ['spec', 'ingressClassName']);
    return [
      { at, message: `there is no IngressClass ${name}`, hint: suggest(name, classes, ''), cause: `ingress class ${name}` },
    ];
  });
}
