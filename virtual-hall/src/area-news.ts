/** What the frames of a strip bring that it did not say before: agents send areas again to keep them alive. */

type Fields = Readonly<Record<string, unknown>>;

export interface AreaNews {
  /**
   * Takes the fields of a described request to a strip and answers the texts of areas that are new or different, with `''` for
   * an area that went; undefined for a frame that says nothing about areas.
   */
  take(strip: string, fields: Fields): readonly string[] | undefined;
}

export function createAreaNews(): AreaNews {
  /** Text by area of each strip, as last sent. */
  const held = new Map<string, ReadonlyMap<string, string>>();

  /** What stays of the areas when a frame has cleared and deleted what it names. */
  function keptOf(before: ReadonlyMap<string, string>, { processMode, remove }: Fields): Map<string, string> {
    if (processMode === 1 || remove === '*') return new Map();
    const gone = new Set(typeof remove === 'string' ? remove.split(',').map((id) => `area ${id}`) : []);
    return new Map([...before].filter(([area]) => !gone.has(area)));
  }

  return {
    take(strip, fields) {
      if (fields['kind'] === 'clear') held.delete(strip);
      if (fields['kind'] !== 'dynamic_areas') return undefined;
      const before = held.get(strip) ?? new Map<string, string>();
      const after = keptOf(before, fields);
      for (const [name, text] of Object.entries(fields)) if (/^area \d+$/.test(name)) after.set(name, String(text));
      held.set(strip, after);
      const changed = [...after].filter(([area, text]) => before.get(area) !== text).map(([, text]) => text);
      const went = [...before.keys()].filter((area) => !after.has(area)).map(() => '');
      return [...changed, ...went];
    },
  };
}
