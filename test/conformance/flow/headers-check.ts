import { resolve } from 'node:path';
import { linesOf, run } from '../run.ts';
import { type Outcome, verdict } from '../tally.ts';
import { freePorts } from './loopback.ts';
import { CHAIN_PATH, type Service } from './walk.ts';

const program = resolve(import.meta.dirname, '../../../cli/main.ts');
const HELD_BACK = 'sw8';

/** Asks the real `meshwright headers check` about a service as it is, and about the same service when it holds one header back. */
export async function headersCheck(service: Service): Promise<Outcome[]> {
  const whole = await check(service);
  const lacking = await check(service, HELD_BACK);
  const missing = linesOf(lacking.stdout).filter((line) => /^missing\s/.test(line));
  const asExpected = lacking.code === 1 && lacking.stdout.startsWith('FAIL ') && missing.join() === `missing ${HELD_BACK}`;
  return [
    verdict(
      `meshwright headers check of ${service.name}`,
      whole.code === 0 && whole.stdout.startsWith('PASS ') ? [] : said(whole),
    ),
    verdict(
      `meshwright headers check of ${service.name} without ${HELD_BACK} names it`,
      asExpected ? [] : [`expected FAIL, exit code 1, and only ${HELD_BACK} missing`, ...said(lacking)],
    ),
  ];
}

async function check(service: Service, without?: string) {
  const [echo = 0] = await freePorts(1);
  const running = await service.start({ upstream: `http://127.0.0.1:${echo}`, without });
  try {
    const args = ['--import', 'tsx', program, 'headers', 'check', `${running.url}${CHAIN_PATH}`, '--echo', `${echo}`];
    return await run(process.execPath, args);
  } finally {
    await running.stop();
  }
}

function said({ code, stdout, stderr }: Awaited<ReturnType<typeof run>>): string[] {
  return [`it ended with ${code}`, ...linesOf(stdout + stderr)];
}
