import { isLiteral } from './literals.ts';

/** An address in a text that is a credential: with a login, or a Slack webhook. */
export interface Login {
  /** Whose password it holds; undefined for a webhook. */
  readonly user: string | undefined;
  readonly index: number;
}

const LOGIN = /[a-z][a-z0-9+.-]*:\/\/([^\s/:@'"<>{}$()\\?#]+):([^\s/@'"<>()\\]+)@[\w.[-]/gi;
const HOOK = /hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{16,}/;

/** The first such address of a text. */
export function loginIn(text: string): Login | undefined {
  const login = [...text.matchAll(LOGIN)].find(([, user = '', word = '']) => isLogin(user, word));
  if (login) return { user: login[1], index: login.index };
  const hook = HOOK.exec(text);
  return hook ? { user: undefined, index: hook.index } : undefined;
}

/** Whether a text holds one. */
export function hasLogin(text: string): boolean {
  return loginIn(text) !== undefined;
}

/** Words of documentation, variables and templates are no login. */
function isLogin(user: string, word: string): boolean {
  const documented = /^(user(name)?|login)$/i.test(user) || /^(pass(word|wd)?|pwd|secret|token)$/i.test(word);
  return isLiteral(word) && !/[${}%]/.test(word) && !documented;
}
