/**
 * What the embedded broker keeps of retained messages, as a tree of topic levels: a subscription looks only where its filter leads.
 * The list that aedes brings is walked from end to end for every filter, which a thousand agents that come back at once pay a
 * million times over.
 */

interface Level<M> {
  message?: M;
  readonly below: Map<string, Level<M>>;
}

export interface Retained<M> {
  /** Keeps the newest message of a topic. */
  set(topic: string, message: M): void;
  delete(topic: string): void;
  /** Messages on topics that the filter matches (MQTT 3.1.1 §4.7): `+` is one level, `#` at the end all further ones and none. */
  matching(filter: string): Generator<M>;
}

export function createRetained<M>(): Retained<M> {
  const root: Level<M> = { below: new Map() };

  function* everything(level: Level<M>): Generator<M> {
    if (level.message !== undefined) yield level.message;
    for (const next of level.below.values()) yield* everything(next);
  }

  function* under(level: Level<M>, words: readonly string[], at: number): Generator<M> {
    const word = words[at];
    if (word === undefined) {
      if (level.message !== undefined) yield level.message;
    } else if (word === '#' || word === '+') {
      if (word === '#' && level.message !== undefined) yield level.message;
      for (const [name, next] of level.below) {
        // §4.7.2: topics of the broker itself are no business of a filter that begins with a wildcard.
        if (at === 0 && name.startsWith('$')) continue;
        yield* word === '#' ? everything(next) : under(next, words, at + 1);
      }
    } else {
      const next = level.below.get(word);
      if (next) yield* under(next, words, at + 1);
    }
  }

  return {
    set: (topic, message) => {
      let level = root;
      for (const word of topic.split('/')) {
        let next = level.below.get(word);
        if (!next) level.below.set(word, (next = { below: new Map() }));
        level = next;
      }
      level.message = message;
    },
    delete: (topic) => {
      const way: { readonly level: Level<M>; readonly word: string }[] = [];
      let level = root;
      for (const word of topic.split('/')) {
        const next = level.below.get(word);
        if (!next) return;
        way.push({ level, word });
        level = next;
      }
      delete level.message;
      for (const { level: above, word } of way.toReversed()) {
        if (level.message !== undefined || level.below.size > 0) return;
        above.below.delete(word);
        level = above;
      }
    },
    matching: (filter) => under(root, filter.split('/'), 0),
  };
}
