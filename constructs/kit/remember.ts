/** Remembers the answer for each key, as long as the key lives. */
export function remember<K extends object, V>(answer: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key);
    if (found) return found.value;
    const value = answer(key);
    known.set(key, { value });
    return value;
  };
}

/**
 * Remembers the answer for a list, and gives it again for another list of the very same things in the same order. Of lists that begin
 * with the same thing only the first is known again by what it holds: a stack's, for its variants.
 */
export function rememberList<T extends object, V>(answer: (list: readonly T[]) => V): (list: readonly T[]) => V {
  const known = new WeakMap<T, { readonly list: readonly T[]; readonly value: V }>();
  return remember((list: readonly T[]): V => {
    const [first] = list;
    const found = first && known.get(first);
    if (found && found.list.length === list.length && list.every((one, i) => one === found.list[i])) return found.value;
    const value = answer(list);
    if (first && !found) known.set(first, { list, value });
    return value;
  });
}

/** How much text is kept in mind: the configurations of a few hundred stacks. */
const MOST_CHARACTERS = 5_000_000;

/**
 * Remembers what was read of texts. Stacks, and the variants of a stack, hold the same configurations and dashboards again and again.
 * The answers are shared, so nobody may change them.
 */
export function rememberText<V>(read: (text: string) => V): (text: string) => V {
  const known = new Map<string, { readonly value: V }>();
  let characters = 0;
  return (text) => {
    const found = known.get(text);
    if (found) return found.value;
    const value = read(text);
    characters += text.length;
    if (characters > MOST_CHARACTERS) {
      known.clear();
      characters = text.length;
    }
    known.set(text, { value });
    return value;
  };
}
