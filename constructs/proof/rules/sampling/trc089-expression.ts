import { celProblem } from '../../../kit/cel.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const expression: Rule = {
  code: 'TRC089',
  title: 'a CEL expression that no proxy can evaluate',
  severity: 'error',
  run: (model) =>
    model.telemetries.flatMap(({ expressions }) =>
      expressions.flatMap((one): Fault[] => {
        const problem = celProblem(one.text, one.of);
        if (!problem) return [];
        const effect = one.of === 'filter' ? 'nothing is logged' : 'the tag says "unknown"';
        // A proxy newer than this list may know more attributes.
        return problem.is === 'syntax'
          ? [
              {
                at: one.at,
                message: `${JSON.stringify(one.text)} is no CEL expression: ${problem.message}`,
                hint: 'correct it: istiod refuses the object',
              },
            ]
          : [
              {
                at: one.at,
                severity: 'warning',
                message: `${JSON.stringify(one.text)}: a proxy has ${problem.message}`,
                hint: `correct the name: where a proxy does not know it, ${effect}`,
              },
            ];
      }),
    ),
  docs: {
    cause:
      'The filter of an access log and the value of a metric’s tag are CEL expressions over Envoy’s attributes. One that cannot be read is refused; one that names an attribute that Envoy does not have is taken, and then nothing is logged (a warning: a newer proxy may know more).',
    fix: 'Correct the expression; the attributes are on Envoy’s page "Attributes".',
    example: 'accessLogging:\n- filter: {expression: "respons.code >= 400"}   # response.code',
  },
};
