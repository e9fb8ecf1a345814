import { groupBy } from '../../group-by.ts';
import { dashboardFiles, looksLikeDashboard } from '../../model/pages/dashboard-files.ts';
import type { Rule } from '../../rule.ts';
import { liveApart } from '../apart.ts';

export const dashboardTwins: Rule = {
  code: 'OBS010',
  title: 'two dashboards of one Grafana have the same uid',
  severity: 'error',
  run: (model) => {
    const all = dashboardFiles(model)
      .filter(looksLikeDashboard)
      .flatMap((one) => one.readers.map((reader) => ({ one, key: `${reader} ${one.uid}` })))
      .filter(({ one }) => one.uid !== undefined);
    return [...groupBy(all, ({ key }) => key).values()].flatMap(([first, ...others]) =>
      others.flatMap(({ one }) => {
        if (!first || liveApart(first.one.object, one.object)) return [];
        const same = first.one.source.trim() === one.source.trim();
        return [
          {
            at: one.spot(JSON.stringify(one.uid)),
            ...(same ? { severity: 'warning' as const } : {}),
            message: `dashboard "${one.title}" has the uid "${one.uid}" of "${first.one.title}" in ${first.one.object.id}`,
            hint: same ? 'it is there twice: keep one of them' : 'give one of them another uid',
            cause: `dashboard uid ${one.uid} ${one.at.field} ${one.object.id}`,
          },
        ];
      }),
    );
  },
  docs: {
    cause:
      'Grafana knows a dashboard by its uid. Of two files with one uid it shows one, now this and now that, and stops updating what it read from the folder (`the same UID is used more than once`). The same dashboard twice is a warning.',
    fix: 'Give each dashboard a uid of its own: copies keep that of the original.',
    example:
      'data:\n  a.json: \'{"uid": "mesh", "title": "Mesh", "panels": []}\'\n  b.json: \'{"uid": "mesh", "title": "My mesh", "panels": []}\'',
  },
};
